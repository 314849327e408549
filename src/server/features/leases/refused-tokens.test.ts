import { createHmac, createPublicKey, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import type { SnippetKind } from '../../../contract/snippets.ts'
import { tokenType } from '../../../contract/exchange-words.ts'
import { openIssuer, type TestIssuer } from '../../testing/issuer.ts'
import { circleClaims } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

/*
 * P6: claims outside of what a rule says never mint. One project of each CI system, whose rule binds what can be bound;
 * from the token that it admits one claim at a time is turned.
 */

const audience = 'https://sallyport.example'
const kinds = ['circleci', 'github', 'gitlab'] as const
type Claims = Record<string, unknown>

let world: World
let ada: WorldPerson
const ci = {} as Record<SnippetKind, TestIssuer>
const circle = (name: string) => `oidc.circleci.com/${name}`

const project = {
  id: '4b0a7a9e-6f1c-4c06-8b55-0f3a5c3c1d11',
  repository: 'github.com/meridian/shop',
}
const good: Readonly<Record<SnippetKind, () => Claims>> = {
  circleci: () => circleClaims(project),
  github: () => ({
    sub: 'repo:meridian/shop:ref:refs/heads/main',
    repository: 'meridian/shop',
    repository_id: '74123',
    repository_owner: 'meridian',
    repository_owner_id: '9001',
    event_name: 'push',
    ref: 'refs/heads/main',
    ref_type: 'branch',
    environment: 'production',
    job_workflow_ref: 'meridian/shop/.github/workflows/deploy.yml@refs/heads/main',
    runner_environment: 'github-hosted',
    run_id: '1',
  }),
  gitlab: () => ({
    sub: 'project_path:meridian/shop:ref_type:branch:ref:main',
    project_id: '555',
    project_path: 'meridian/shop',
    namespace_id: '77',
    namespace_path: 'meridian',
    pipeline_source: 'push',
    ref: 'main',
    ref_type: 'branch',
    ref_protected: 'true',
    environment: 'production',
    pipeline_id: '1',
  }),
}
const conditions = {
  circleci: [
    { claim: circle('project-id'), op: 'eq', values: [project.id] },
    { claim: circle('vcs-ref'), op: 'glob', values: ['refs/heads/ma*'] },
  ],
  github: [
    { claim: 'repository_id', op: 'eq', values: ['74123'] },
    { claim: 'repository_owner_id', op: 'eq', values: ['9001'] },
    { claim: 'ref', op: 'in', values: ['refs/heads/main', 'refs/heads/hotfix'] },
    { claim: 'environment', op: 'eq', values: ['production'] },
    {
      claim: 'job_workflow_ref',
      op: 'glob',
      values: ['meridian/shop/.github/workflows/*.yml@refs/heads/main'],
    },
  ],
  gitlab: [
    { claim: 'project_id', op: 'eq', values: ['555'] },
    { claim: 'namespace_id', op: 'eq', values: ['77'] },
    { claim: 'ref', op: 'eq', values: ['main'] },
    { claim: 'ref_protected', op: 'eq', values: ['true'] },
    { claim: 'environment', op: 'eq', values: ['production'] },
  ],
} as const
const subOf = ({ sub }: Claims) =>
  typeof sub === 'string' ? sub : `org/o/project/${project.id}/user/u`

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const context = await ada.call('contexts.create', { name: 'deploy', segmentId: segment.id })
  await ada.call('contexts.store', { contextId: context.id, name: 'KEY', value: 'v' })
  await ada.call('contexts.restrict', {
    contextId: context.id,
    restriction: { kind: 'segment', targetId: segment.id },
  })
  for (const kind of kinds) {
    ci[kind] = await openIssuer({ clientId: audience })
    const issuer = await ada.call('issuers.create', {
      name: kind,
      kind,
      url: ci[kind].url,
      audience,
      algorithms: ['ES256'],
    })
    const made = await ada.call('projects.create', {
      name: `shop ${kind}`,
      slug: `${kind}/meridian/shop`,
      provider: kind,
      repository: kind === 'circleci' ? project.repository : 'meridian/shop',
      externalId: { circleci: project.id, github: '74123', gitlab: '555' }[kind],
      segmentId: segment.id,
    })
    await ada.call('trustRules.create', {
      name: `shop ${kind}`,
      issuerId: issuer.id,
      projectId: made.id,
      conditions: conditions[kind].map((each) =>
        Object.assign({}, each, { values: [...each.values] }),
      ),
    })
  }
})
afterAll(async () => {
  for (const kind of kinds) await ci[kind].close()
  await world.close()
})

const tokenOf = (kind: SnippetKind, turned: Claims = {}) => {
  const claims = { ...good[kind](), ...turned }
  return ci[kind].idToken({ sub: subOf(claims), authTime: null, audience, claims })
}
const exchange = (token: string) =>
  world.ask('/api/v1/exchange', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: tokenType.grant,
      subject_token_type: tokenType.idToken,
      subject_token: token,
      resource: 'deploy',
    }).toString(),
  })
const leases = async () => {
  const { count } = await world.app.db
    .selectFrom('lease')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Denied, told why, recorded with the reason, and nothing was minted. */
async function expectDenied(kind: SnippetKind, turned: Claims) {
  const before = await leases()
  const { status, body } = await exchange(await tokenOf(kind, turned))
  const { code, failed = [], title } = body as Problem
  expect({ status, code }).toEqual({ status: 403, code: 'use_denied' })
  expect(failed[0]).toMatchObject({ layer: 'identity' })
  expect(failed[0]?.expected).toBeTruthy()
  expect(failed[0]?.actual).toBeTruthy()
  expect(await leases()).toBe(before)
  expect(await world.lastEvent()).toMatchObject({
    action: 'leases.exchange',
    outcome: 'denied',
    sentence: title,
  })
}

describe.each(kinds)('P6: %s', (kind) => {
  test('negative control: the token that its rule admits mints, and so does each as it is', async () => {
    expect(await exchange(await tokenOf(kind))).toMatchObject({ status: 200 })
    expect(await exchange(await tokenOf(kind))).toMatchObject({ status: 200 })
  })
})

/** Variants that read the same to a person. */
const look = (value: string) =>
  [
    ['upper case', value.toUpperCase()],
    ['a slash behind', `${value}/`],
    ['a blank behind', `${value} `],
    [
      'a Cyrillic letter',
      value.replace(/[aeo]/, (letter) => ({ a: 'а', e: 'е', o: 'о' })[letter] ?? ''),
    ],
    [
      'a full-width letter',
      value.replace(/[a-z]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
    ],
    ['an invisible character', `${value}\u200b`],
    ['a wildcard', '*'],
    ['a list of it', [value]],
    ['an object', { value }],
    ['nothing', ''],
    ['null', null],
  ] as const

const matrix: readonly (readonly [SnippetKind, string, Claims])[] = [
  ['circleci', 'a fork', { [circle('vcs-origin')]: 'github.com/somebody/shop' }],
  ['circleci', 'a fork on another host', { [circle('vcs-origin')]: 'evil.example/meridian/shop' }],
  ['circleci', 'a custom webhook: no vcs-origin', { [circle('vcs-origin')]: undefined }],
  ['circleci', 'a rerun with SSH', { [circle('ssh-rerun')]: true }],
  ['circleci', 'a rerun with SSH, as text', { [circle('ssh-rerun')]: 'true' }],
  ['circleci', 'a token that does not say', { [circle('ssh-rerun')]: undefined }],
  ['circleci', 'no vcs-ref', { [circle('vcs-ref')]: undefined }],
  ['circleci', 'a tag', { [circle('vcs-ref')]: 'refs/tags/main' }],
  ['circleci', 'another branch', { [circle('vcs-ref')]: 'refs/heads/dev' }],
  ['circleci', 'another project', { [circle('project-id')]: randomUUID() }],
  ['circleci', 'no project', { [circle('project-id')]: undefined }],
  ['github', 'a pull request', { event_name: 'pull_request' }],
  ['github', 'pull_request_target', { event_name: 'pull_request_target' }],
  ['github', 'workflow_run', { event_name: 'workflow_run' }],
  ['github', 'no event', { event_name: undefined }],
  ['github', 'a renamed repository, registered anew', { repository_id: '99999' }],
  ['github', 'an organization registered anew', { repository_owner_id: '9002' }],
  ['github', 'no environment', { environment: undefined }],
  ['github', 'another environment', { environment: 'staging' }],
  ['github', 'another branch', { ref: 'refs/heads/dev' }],
  [
    'github',
    'a reusable workflow of somebody else',
    { job_workflow_ref: 'evil/x/.github/workflows/deploy.yml@refs/heads/main' },
  ],
  [
    'github',
    'the right workflow of another branch',
    { job_workflow_ref: 'meridian/shop/.github/workflows/deploy.yml@refs/heads/dev' },
  ],
  ['gitlab', 'a merge request', { pipeline_source: 'merge_request_event' }],
  [
    'gitlab',
    'the pipeline of another merge request',
    { pipeline_source: 'external_pull_request_merge_request' },
  ],
  ['gitlab', 'no source', { pipeline_source: undefined }],
  ['gitlab', 'another project', { project_id: '556' }],
  ['gitlab', 'a namespace registered anew', { namespace_id: '78' }],
  ['gitlab', 'a branch that is not protected', { ref_protected: 'false' }],
  ['gitlab', 'no word of protection', { ref_protected: undefined }],
  ['gitlab', 'another environment', { environment: 'review/x' }],
]
test.each(matrix)('P6: %s: %s never mints', async (kind, _, turned) => {
  await expect(expectDenied(kind, turned)).resolves.toBeUndefined()
})

const bound: readonly (readonly [SnippetKind, string, string])[] = [
  ['circleci', circle('project-id'), project.id],
  ['circleci', circle('vcs-ref'), 'refs/heads/main'],
  ['github', 'ref', 'refs/heads/main'],
  ['github', 'environment', 'production'],
  ['gitlab', 'ref', 'main'],
  ['gitlab', 'environment', 'production'],
]
test.each(bound)('P6: %s: %s that only looks right never mints', async (kind, claim, value) => {
  for (const [what, turned] of look(value)) {
    // What a pattern of the rule admits is admitted: a branch with a slash behind its name is another branch.
    const branch = typeof turned === 'string' && turned.startsWith('refs/heads/ma')
    if (claim === circle('vcs-ref') && branch) continue
    const found = await expectDenied(kind, { [claim]: turned }).catch((error: unknown) => ({
      what,
      error,
    }))
    expect(found).toBeUndefined()
  }
})

describe('bad tokens: each is refused, recorded, and changes nothing else', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const b64 = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const claims = () => ({
    iss: ci.circleci.url,
    sub: 'x',
    aud: audience,
    iat: now(),
    exp: now() + 300,
  })
  const hs256 = (secret: string | Buffer) => {
    const { kid } = ci.circleci.published[0] ?? {}
    const input = `${b64({ alg: 'HS256', typ: 'JWT', kid })}.${b64({ ...claims(), ...good.circleci() })}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const resigned = async (payload: string) => {
    const [head, , signature] = (await tokenOf('circleci')).split('.')
    return `${head}.${b64(payload)}.${signature}`
  }
  const bad: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['expired', () => tokenOf('circleci', { iat: now() - 900, exp: now() - 400 })],
    ['not yet valid', () => tokenOf('circleci', { nbf: now() + 600 })],
    ['issued in the future', () => tokenOf('circleci', { iat: now() + 600, exp: now() + 900 })],
    ['too old, though it has not expired', () => tokenOf('circleci', { iat: now() - 86_400 })],
    ['without an expiry', () => tokenOf('circleci', { exp: undefined })],
    ['without a time', () => tokenOf('circleci', { iat: undefined })],
    ['for another audience', () => tokenOf('circleci', { aud: 'https://else.example' })],
    ['for the audience with a slash', () => tokenOf('circleci', { aud: `${audience}/` })],
    ['for no audience', () => tokenOf('circleci', { aud: undefined })],
    ['of an unknown issuer', () => tokenOf('circleci', { iss: 'https://unknown.example' })],
    ['of the issuer with a slash', () => tokenOf('circleci', { iss: `${ci.circleci.url}/` })],
    [
      'of another trusted issuer’s key',
      () => tokenOf('github', { ...good.circleci(), iss: ci.circleci.url }),
    ],
    [
      'of an unknown key',
      async () =>
        await ci.circleci.idToken({
          sub: 'x',
          authTime: null,
          audience,
          claims: good.circleci(),
          header: { kid: randomUUID() },
        }),
    ],
    [
      'alg none',
      () => `${b64({ alg: 'none', typ: 'JWT' })}.${b64({ ...claims(), ...good.circleci() })}.`,
    ],
    ['HS256 with the public key as JWK', () => hs256(JSON.stringify(ci.circleci.published[0]))],
    [
      'HS256 with the public key as PEM',
      () =>
        hs256(
          createPublicKey({
            key: { ...ci.circleci.published[0] },
            format: 'jwk',
          }).export({ type: 'spki', format: 'pem' }),
        ),
    ],
    ['of 64 KiB', () => tokenOf('circleci', { pad: 'x'.repeat(48_000) })],
    ['beyond 64 KiB', () => `${b64({ alg: 'ES256' })}.${'a'.repeat(70_000)}.AAAA`],
    [
      'duplicate claims',
      () => resigned(`{"iss":"${ci.circleci.url}","sub":"a","sub":"b","aud":"${audience}"}`),
    ],
    [
      'duplicate claims, escaped',
      () => resigned(`{"iss":"${ci.circleci.url}","aud":"x","\\u0061ud":"${audience}"}`),
    ],
    [
      'claims that were changed',
      () => resigned(JSON.stringify({ ...claims(), ...good.circleci() })),
    ],
    // What the record could not keep is no token at all: else its refusal would leave no event.
    ['a NUL in a claim', () => tokenOf('circleci', { [circle('vcs-ref')]: 'refs/heads/main\0' })],
    [
      'half a character in a claim',
      () => tokenOf('circleci', { [circle('vcs-ref')]: 'refs/heads/main\ud800' }),
    ],
    [
      'an access token',
      () => ci.circleci.accessToken({ sub: 'x', audience, claims: good.circleci() }),
    ],
    [
      'a key of its own',
      () =>
        ci.circleci.idToken({
          sub: 'x',
          authTime: null,
          audience,
          header: { jwk: ci.circleci.published[0] },
        }),
    ],
    ['no JWT', () => 'hello'],
    ['nothing', () => ''],
  ]
  test.each(bad)('%s', async (_, make) => {
    const before = await leases()
    const { status, body } = await exchange(await make())
    expect(status).toBe(400)
    expect(['invalid_subject_token', 'invalid_input']).toContain((body as Problem).code)
    expect(await leases()).toBe(before)
  })
  test('every refusal of these is an event; those of nobody known are folded by minute and address', async () => {
    const refused = (await world.events()).filter(
      ({ action, outcome }) => action === 'leases.exchange' && outcome === 'failed',
    )
    expect(refused.map(({ detail }) => (detail as { code: string }).code)).toContain(
      'invalid_subject_token',
    )
  })
  test('negative control: the same token, not turned, mints', async () => {
    expect((await exchange(await tokenOf('circleci'))).status).toBe(200)
  })
})
