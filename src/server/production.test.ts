import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Client } from 'pg'
import { signInHeadless } from './dev/idp/headless.ts'
import { startIdp } from './dev/idp/idp.ts'
import { freePorts, startProcess, type ServerProcess } from './testing/server-process.ts'
import { emptyDatabase } from './testing/test-database.ts'

/*
 * The process as it runs in production: a PostgreSQL of its own, an identity provider in another process (here: in the
 * test's), every setting from the environment.
 */

const folder = mkdtempSync(join(tmpdir(), 'sallyport-production-'))
const servers: ServerProcess[] = []
let port: number
let idp: Awaited<ReturnType<typeof startIdp>>
let databaseUrl: string
beforeAll(async () => {
  port = await freePorts()
  databaseUrl = await emptyDatabase()
  idp = await startIdp({
    databaseUrl: await emptyDatabase(),
    port: port + 1,
    consoleUrl: `http://localhost:${port}`,
    log: () => {},
  })
})
afterAll(async () => {
  for (const { child } of servers) child.kill('SIGKILL')
  await Promise.all(servers.map(({ ended }) => ended))
  await idp.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Writes down the address of every module that the process loads. */
const noting = `import { registerHooks } from 'node:module'
import { appendFileSync } from 'node:fs'
registerHooks({ load(url, context, next) {
  appendFileSync(process.env.LOADED_MODULES, url + '\\n')
  return next(url, context)
} })`
const modulesIn = (file: string) => readFileSync(join(folder, file), 'utf8').split('\n')
const ofDev = (file: string) => modulesIn(file).filter((url) => url.includes('/src/server/dev/'))

function start(modules: string, env: Record<string, string>, at = port): ServerProcess {
  const server = startProcess({
    dataDir: join(folder, 'data'),
    port: at,
    env: {
      LOADED_MODULES: join(folder, modules),
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(noting)}`,
      ...env,
    },
  })
  servers.push(server)
  return server
}
const settings = () => ({
  NODE_ENV: 'production',
  HOST: 'localhost',
  LOG_LEVEL: 'warn',
  PUBLIC_URL: `http://localhost:${port}`,
  DATABASE_URL: databaseUrl,
  OIDC_ISSUER: idp.issuer,
  OIDC_CLIENT_ID: 'sallyport-console',
  OIDC_AUDIENCE: `http://localhost:${port}/api`,
  SALLYPORT_MASTER_KEY: randomBytes(32).toString('base64'),
  SALLYPORT_ADMIN: 'ada@meridian.example',
})

test('production migrates, signs people in, changes access, and loads nothing of evaluation mode', async () => {
  const server = start('production', settings())
  expect(await server.ready).toBe(true)
  expect(server.output()).toContain('Migrating: 0001_ledger')
  const { url } = server
  const session = await signInHeadless({
    issuer: idp.issuer,
    clientId: 'sallyport-console',
    redirectUri: `${url}/auth/callback`,
    persona: 'ada',
  })
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(await session.headers(method, `${url}${path}`)),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  expect(await ask('POST', '/api/v1/sessions')).toMatchObject({ status: 200 })
  expect(await ask('GET', '/api/v1/me')).toMatchObject({
    status: 200,
    body: { email: 'ada@meridian.example', may: expect.arrayContaining([expect.anything()]) },
  })
  const made = await ask('POST', '/api/v1/contexts', { name: 'prod-deploy', description: '' })
  expect(made).toMatchObject({ status: 201, body: { name: 'prod-deploy' } })
  const page = await (await fetch(`${url}/`)).text()
  expect(page).toContain(`"issuer":"${idp.issuer}"`)
  expect(page).not.toContain('"evaluation":true')
  expect((await fetch(`${url}/readyz`)).status).toBe(200)

  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  expect(server.output()).toContain('Closed.')
  expect(modulesIn('production').some((url) => url.endsWith('/src/server/app.ts'))).toBe(true)
  expect(ofDev('production')).toEqual([])
})

test('negative control: evaluation mode loads it, so that the list above would have shown it', async () => {
  // A folder that cannot be used ends the process after it has loaded what it needs.
  const server = start('evaluation', { SALLYPORT_DATA: '/dev/null/nowhere' }, await freePorts())
  expect(await server.ready).toBe(false)
  expect(ofDev('evaluation').length).toBeGreaterThan(0)
})

test('without its settings production does not start, and names them all', async () => {
  const server = start('without', { NODE_ENV: 'production' })
  expect(await server.ended).toBe(1)
  for (const name of [
    'PUBLIC_URL',
    'DATABASE_URL',
    'OIDC_ISSUER',
    'OIDC_CLIENT_ID',
    'OIDC_AUDIENCE',
    'SALLYPORT_MASTER_KEY',
  ]) {
    expect(server.output()).toContain(`${name} is missing`)
  }
  expect(ofDev('without')).toEqual([])
})

test.each(['0.0.0.0', '::'])('evaluation mode does not listen on %s', async (host) => {
  const server = start('open', { HOST: host })
  expect(await server.ended).toBe(1)
  expect(server.output()).toMatch(/HOST is .*listens on loopback only/)
  // Nothing was begun: neither a database nor a provider.
  const probe = createServer()
  await new Promise<void>((free) => probe.listen(port, 'localhost', free))
  await new Promise((closed) => probe.close(closed))
})

test('a database that cannot be used is told in a sentence, without its password', async () => {
  const secret = 'hunter2hunter2'
  const stranger = await openStranger(secret)
  const faults = [
    [
      `postgres://nobody:${secret}@127.0.0.1:1/none`,
      /The database none at 127\.0\.0\.1:1 cannot be used/,
    ],
    [stranger.url, /may not create the roles sallyport_app and sallyport_sealer/],
  ] as const
  for (const [url, sentence] of faults) {
    const server = start('broken', { ...settings(), DATABASE_URL: url })
    expect(await server.ended).toBe(1)
    expect(server.output()).toMatch(sentence)
    expect(server.output()).not.toContain(secret)
    expect(server.output()).not.toContain('    at ')
  }
  await stranger.forget()
})

/** A database whose owner may create no roles, where those of the product belong to somebody else. */
async function openStranger(password: string) {
  const url = new URL(await emptyDatabase())
  const database = url.pathname.slice(1)
  const root = new Client({ connectionString: url.href })
  await root.connect()
  const name = `stranger_${randomBytes(4).toString('hex')}`
  await root.query(`create role ${name} login password '${password}'`)
  await root.query(`alter database ${database} owner to ${name}`)
  url.username = name
  url.password = password
  return {
    url: url.href,
    async forget() {
      await root.query(`reassign owned by ${name} to current_user`)
      await root.query(`drop owned by ${name}`)
      await root.query(`drop role ${name}`)
      await root.end()
    },
  }
}
