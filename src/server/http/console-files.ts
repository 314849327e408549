import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../config.ts'
import type { Nonces } from './authenticate/nonce.ts'
import { fileHeaders, newNonce, pageHeaders } from './headers.ts'

/** Characters that would end a script element early; JSON reads them the same as escapes. */
const inScript = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')

/** The built console: one page for every address that is no file, with a nonce and the settings of this deployment. */
export async function serveConsole(
  app: FastifyInstance,
  { config, folder, nonces }: { config: Config; folder: string; nonces: Nonces },
): Promise<void> {
  const index = join(folder, 'index.html')
  if (!existsSync(index)) {
    throw new Error(`The console is not built: ${index} is missing. Run "npm run build".`)
  }
  const { issuer, clientId, audience } = config.oidc
  const acr = config.stepUpAcr?.join(' ')
  const evaluation = config.mode === 'evaluation'
  const settings = {
    issuer,
    clientId,
    audience,
    evaluation,
    stepUpMaxAge: config.stepUpMaxAgeSeconds,
    ...(acr && { stepUpAcr: acr }),
    dpopNonce: '{{dpop-nonce}}',
  }
  const page = readFileSync(index, 'utf8').replace(
    '</head>',
    `<script type="application/json" id="sallyport-settings">${inScript(settings)}</script></head>`,
  )
  await app.register(async (files) => {
    files.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: 'a file of the console, the same for everybody' }
    })
    await files.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      serve: true,
      preCompressed: true,
      cacheControl: false,
      globIgnore: [
        '**/index.html',
        '**/verifier.html',
        '**/.stamp',
        '**/.vite/**',
        '**/*.br',
        '**/*.gz',
      ],
      setHeaders(reply, path) {
        const name = path.slice(folder.length).replace(/\.(br|gz)$/, '')
        const headers = fileHeaders(config.publicUrl, name)
        for (const [header, value] of Object.entries(headers)) void reply.header(header, value)
      },
    })
  })
  const open = { config: { open: 'the page of the console, the same for everybody' } }
  app.get('/*', open, (request, reply) => {
    if (/^\/(api|assets)\//.test(request.url)) return reply.callNotFound()
    const nonce = newNonce()
    return reply
      .headers(pageHeaders(config.publicUrl, issuer, nonce))
      .type('text/html; charset=utf-8')
      .send(page.replaceAll('{{nonce}}', nonce).replace('{{dpop-nonce}}', nonces.current()))
  })
}
