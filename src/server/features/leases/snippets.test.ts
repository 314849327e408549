import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkSnippetFor, snippetFor, type SnippetKind } from '../../../contract/snippets.ts'
import { enforced } from '../../testing/enforced.ts'
import { openIssuer, type TestIssuer } from '../../testing/issuer.ts'
import { circleClaims } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/*
 * The shell of each snippet, exactly as the page shows it, run by a real shell with curl against a server that listens;
 * around it what each CI brings: a command that asks for a token, an address that gives one, a variable.
 */

const audience = 'https://sallyport.example'
const repository = 'github.com/meridian/snippets'
const externalId = '4b0a7a9e-6f1c-4c06-8b55-0f3a5c3c1d11'
/** Names and values that a careless shell would change, or carry out. */
const secrets: Readonly<Record<string, string>> = {
  PLAIN: 'value',
  EMPTY: '',
  QUOTES: `it's "quoted" and '' twice''`,
  DOLLAR: '$HOME ${PATH} $(touch /tmp/sallyport-was-run) `touch /tmp/sallyport-was-run` !!',
  LINES: `first\n\nthird\nOTHER='not a variable'\nlast`,
  KEY: "-----BEGIN KEY-----\nab+/=\n'\\''\n-----END KEY-----\n",
  SLASHES: "\\ \\n \\' '\\",
  SPACES: '  both ends \t ',
  PERCENT: '100% %0A ::add-mask::x',
  UNICODE: 'ä 漢 🔑',
  EQUALS: 'a=b=c #not a comment; exit 1 & | > <',
  _under1: "'",
}

let world: World
let ada: WorldPerson
let folder: string
let url: string
let tokens: Server
const issuers: TestIssuer[] = []
const contexts = ["it's a context/ü", 'second']

const claims: Readonly<Record<SnippetKind, () => Record<string, unknown>>> = {
  circleci: () => circleClaims({ id: externalId, repository }),
  github: () => ({
    repository_id: externalId,
    repository: 'meridian/snippets',
    event_name: 'push',
    ref: 'refs/heads/main',
    jti: randomUUID(),
  }),
  gitlab: () => ({
    project_id: externalId,
    project_path: 'meridian/snippets',
    pipeline_source: 'push',
    ref_type: 'branch',
    ref: 'main',
    jti: randomUUID(),
  }),
}
const binding = {
  circleci: 'oidc.circleci.com/project-id',
  github: 'repository_id',
  gitlab: 'project_id',
}
const tokenOf = {} as Record<SnippetKind, (given?: Record<string, unknown>) => Promise<string>>
let refusing = false

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  folder = mkdtempSync(join(tmpdir(), 'sallyport-snippets-'))
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  for (const [index, name] of contexts.entries()) {
    const { id: contextId } = await ada.call('contexts.create', { name, segmentId: segment.id })
    await ada.call('contexts.restrict', {
      contextId,
      restriction: { kind: 'expression', expression: 'pipeline.git.branch == "main"' },
    })
    const held = index === 0 ? secrets : { LATER: 'of the second' }
    for (const [secret, value] of Object.entries(held)) {
      await ada.call('contexts.store', { contextId, name: secret, value })
    }
  }
  for (const kind of ['circleci', 'github', 'gitlab'] as const) {
    const ci = await openIssuer({ clientId: audience })
    issuers.push(ci)
    const issuer = await ada.call('issuers.create', {
      name: kind,
      kind,
      url: ci.url,
      audience,
      algorithms: ['ES256'],
    })
    const project = await ada.call('projects.create', {
      name: `of ${kind}`,
      slug: `of/${kind}`,
      provider: kind,
      repository,
      externalId,
      segmentId: segment.id,
    })
    await ada.call('trustRules.create', {
      name: kind,
      issuerId: issuer.id,
      projectId: project.id,
      conditions: [{ claim: binding[kind], op: 'eq', values: [externalId] }],
    })
    tokenOf[kind] = (given = {}) =>
      ci.idToken({
        sub: `org/o/project/${externalId}/user/u`,
        authTime: null,
        audience,
        claims: { ...claims[kind](), ...given },
      })
  }
  const listening = await world.app.fastify.listen({ port: 0, host: '127.0.0.1' })
  url = listening
  // Where GitHub's runner gets a token (security hardening with OpenID Connect).
  tokens = createServer((request, response) => {
    const asked = new URL(request.url ?? '', 'http://localhost')
    const right =
      request.headers.authorization === 'bearer of the runner' &&
      asked.searchParams.get('api-version') === '2.0' &&
      asked.searchParams.get('audience') === audience
    if (!right) return void response.writeHead(401).end('not this runner')
    const given = refusing ? { ref: 'refs/heads/other' } : {}
    void tokenOf.github(given).then((value) => response.end(JSON.stringify({ count: 1, value })))
  })
  await new Promise<void>((done) => tokens.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  tokens.close()
  for (const issuer of issuers) await issuer.close()
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The shell in a snippet: the block below `command: |`, `run: |` or `- |`. */
function shellOf(snippet: string): string {
  const lines = snippet.split('\n')
  const first = lines.findIndex((line) => /(?:command: |run: |- )\|$/.test(line)) + 1
  const indent = /^ */.exec(lines[first] ?? '')?.[0] ?? ''
  const rest = lines.slice(first)
  const end = rest.findIndex((line) => line !== '' && !line.startsWith(indent))
  return rest
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.slice(indent.length))
    .join('\n')
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Without an input, as runners start shells: one that is a socket makes bash skip BASH_ENV. */
async function run(
  shell: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Ran> {
  const child = spawn(shell, args, {
    env: { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close') as Promise<[number]>
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: (await closed)[0], out, err }
}

/** What a later step of the job has in its environment. */
const printed = `process.stdout.write(JSON.stringify(process.env))`
const given = () => ({ url, audience, contexts })
const wanted = { ...secrets, LATER: 'of the second' }

/** A runner's reading of the file GITHUB_ENV: `NAME<<DELIMITER`, the lines, the delimiter. */
function readGithubEnv(file: string): Record<string, string> {
  const read: Record<string, string> = {}
  const lines = file.split('\n')
  for (let at = 0; at < lines.length - 1;) {
    const [, name = '', delimiter = ''] = /^(\w+)<<(.+)$/.exec(lines[at++] ?? '') ?? []
    const end = lines.indexOf(delimiter, at)
    if (name === '' || end < 0) throw new Error(`line ${at} is not one of GITHUB_ENV`)
    read[name] = lines.slice(at, end).join('\n')
    at = end + 1
  }
  return read
}

const jobs: Readonly<Record<SnippetKind, () => Promise<Ran & { env: Record<string, string> }>>> = {
  async circleci() {
    const asked = join(folder, 'circleci')
    const token = await tokenOf.circleci(
      refusing ? { 'oidc.circleci.com/vcs-ref': 'refs/heads/other' } : {},
    )
    const claim = `{"aud":"${audience}"}`
    writeFileSync(
      asked,
      `#!/bin/sh\n[ "$*" = 'run oidc get --claims ${claim}' ] || exit 9\nprintf '%s\\n' "$TOKEN"\n`,
    )
    chmodSync(asked, 0o755)
    const file = join(folder, `bash-env-${randomUUID()}`)
    writeFileSync(file, '')
    const shell = shellOf(snippetFor('circleci', given()).text)
    const ran = await run('bash', ['-eo', 'pipefail', '-c', shell], {
      BASH_ENV: file,
      TOKEN: token,
    })
    const next = await run('bash', ['-c', `node -e '${printed}'`], { BASH_ENV: file })
    return { ...ran, env: JSON.parse(next.out) as Record<string, string> }
  },
  async github() {
    const file = join(folder, `github-env-${randomUUID()}`)
    writeFileSync(file, '')
    const { port } = tokens.address() as AddressInfo
    const shell = shellOf(snippetFor('github', given()).text)
    const ran = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', shell], {
      GITHUB_ENV: file,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of the runner',
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
    })
    return { ...ran, env: readGithubEnv(readFileSync(file, 'utf8')) }
  },
  async gitlab() {
    const token = await tokenOf.gitlab(refusing ? { ref: 'other' } : {})
    const shell = shellOf(snippetFor('gitlab', given()).text)
    // Images without bash run jobs by `sh`.
    const ran = await run('dash', ['-e', '-c', `${shell}\nnode -e '${printed}'`], {
      SALLYPORT_TOKEN: token,
    })
    const env = ran.code === 0 ? (JSON.parse(ran.out) as Record<string, string>) : {}
    return { ...ran, env }
  },
}

describe.each(['circleci', 'github', 'gitlab'] as const)('the snippet for %s', (kind) => {
  test('brings every value to the job byte for byte, and carries nothing of them out', async () => {
    refusing = false
    const { code, err, env } = await jobs[kind]()
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, env[name]]))).toEqual(wanted)
    expect(env).not.toHaveProperty('OTHER')
    expect(() => readFileSync('/tmp/sallyport-was-run')).toThrow(/ENOENT/)
  })

  test('fails the job with the refusal’s own words', async () => {
    refusing = true
    const { code, err, out, env } = await jobs[kind]()
    expect(code).toBe(1)
    for (const said of ['Denied: ', 'expected', 'other', 'to permit', '/decisions/']) {
      expect(err).toContain(said)
    }
    expect(out).not.toContain('sp_lease_')
    expect(env).not.toHaveProperty('PLAIN')
  })

  test('fails loudly where nothing answers', async () => {
    const shell = shellOf(snippetFor(kind, { ...given(), url: 'http://127.0.0.1:9' }).text)
    refusing = false
    const { port } = tokens.address() as AddressInfo
    const ran = await run('bash', ['-eo', 'pipefail', '-c', shell], {
      SALLYPORT_TOKEN: 'token',
      TOKEN: 'token',
      BASH_ENV: '/dev/null',
      GITHUB_ENV: '/dev/null',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of the runner',
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
    })
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('curl')
  })
})

const checked: Readonly<Record<SnippetKind, { good: string; bad: string }>> = {
  circleci: {
    good: `version: 2.1\njobs:\n  a: {docker: [{image: cimg/base:1.0.0}], steps: [checkout]}\nworkflows: {w: {jobs: [a]}}\n`,
    bad: `version: 2.1\njobs:\n  a: {docker: [{image: cimg/base:1.0.0}], steps: [checkout]}\nworkflows: {w: {jobs: [a: {context: production}]}}\n`,
  },
  github: {
    good: `on: push\njobs:\n  a: {runs-on: ubuntu-latest, steps: [{run: make}]}\n`,
    bad: `on: push\njobs:\n  a: {runs-on: ubuntu-latest, environment: production, steps: [{run: make}]}\n`,
  },
  gitlab: {
    good: `a: {script: [make]}\n`,
    bad: `a: {script: [make], environment: production}\n`,
  },
}

/** Enforced by two people. */
async function enforceNoProduction() {
  const text = `@id("no-production") @reason("{name} reaches production")
forbid (principal, action == Sallyport::Action::"config:job", resource)
when { context.contexts.contains("production") || context.environments.contains("production") };`
  const ben = await world.as('ben')
  await world.grant(ben, 'securityAdmin')
  await enforced([ada, ben], { name: 'No production', text })
}

describe('a job has its own config checked', () => {
  beforeAll(enforceNoProduction)
  describe.each(['circleci', 'github', 'gitlab'] as const)('on %s', (kind) => {
    const check = async (config: string) => {
      const checkout = mkdtempSync(join(folder, 'checkout-'))
      const snippet = checkSnippetFor(kind, given())
      const file = join(checkout, snippet.file)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, config)
      const { port } = tokens.address() as AddressInfo
      const [shell, ...args] = kind === 'gitlab' ? ['dash', '-e'] : ['bash', '-eo', 'pipefail']
      return run(shell ?? '', [...args, '-c', `cd '${checkout}'\n${shellOf(snippet.text)}`], {
        TOKEN: await tokenOf[kind](),
        SALLYPORT_TOKEN: await tokenOf[kind](),
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of the runner',
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      })
    }

    test('passes, warns nobody and needs no secret', async () => {
      refusing = false
      const { code, err, out } = await check(checked[kind].good)
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toContain('PASS: Permitted')
      expect(await world.lastEvent()).toMatchObject({
        action: 'pipelines.check',
        outcome: 'permitted',
        actor: { kind: 'workload', name: `of ${kind} pipeline` },
        detail: { rule: kind, branch: 'main' },
      })
    })

    test('fails the job with the line that an enforced rule forbids, and with a config that cannot be read', async () => {
      const { code, err } = await check(checked[kind].bad)
      expect(code).toBe(1)
      expect(err).toMatch(/^HARD_FAIL: Denied: /)
      expect(err).toMatch(/line \d+: a reaches production \(blocks\)/)
      expect(err).toContain('/checks/')
      const broken = await check('jobs: [')
      expect(broken.code).toBe(1)
      expect(broken.err).toContain('Line 1')
    })
  })
})

test('GitHub’s log shows nothing: each line of each value was masked before', async () => {
  refusing = false
  const { out } = await jobs.github()
  const undone = (mask: string) => mask.replaceAll('%0D', '\r').replaceAll('%25', '%')
  const masks = out
    .split('\n')
    .filter((line) => line.startsWith('::add-mask::'))
    .map((line) => undone(line.slice('::add-mask::'.length)))
  for (const value of Object.values(wanted)) {
    for (const line of value.split('\n').filter(Boolean)) expect(masks).toContain(line)
  }
  const rest = out.split('\n').filter((line) => line !== '' && !line.startsWith('::add-mask::'))
  expect(rest).toEqual([])
})

test('where the audience is the organization’s id, CircleCI’s own token serves', () => {
  const id = '6f0b9f2e-6a0c-4f43-9a87-5b5b9a6f7c11'
  const snippet = snippetFor('circleci', { ...given(), audience: id })
  expect(snippet.text).toContain('token=$CIRCLE_OIDC_TOKEN_V2')
  expect(snippetFor('circleci', given()).text).toContain('circleci run oidc get')
})

test('the control: a careless reading of the same text would have been caught', async () => {
  // Without quotes, as many a script reads a .env text: `export $(cat …)`.
  const careless = await run(
    'bash',
    ['-c', `export $(printf '%s' "$TEXT"); node -e '${printed}'`],
    {
      TEXT: `PLAIN='value'\nSPACES='  both ends '`,
    },
  )
  const env = JSON.parse(careless.out || '{}') as Record<string, string>
  expect(env['SPACES']).not.toBe('  both ends ')
})
