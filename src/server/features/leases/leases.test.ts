import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import { dpopProof, proofKey } from '../../testing/issuer.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let pipeline: Pipeline

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  pipeline = await openPipeline(world, ada)
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

const problemOf = ({ body }: { body: unknown }) => body as Problem

describe('a run trades its token for a lease, and the lease for its secrets', () => {
  test('once, as JSON, with an event and a decision for each step', async () => {
    const projectId = pipeline.project.id
    const usedAt = async () => (await ada.call('projects.view', { projectId })).lastUsedAt
    expect(await usedAt()).toBeNull()
    const lease = await pipeline.lease()
    expect(await usedAt()).not.toBeNull()
    expect(lease).toMatchObject({ expires_in: 300, token_type: 'Bearer' })
    expect(lease.access_token).toMatch(/^sp_lease_[A-Za-z0-9_-]{43}$/)
    const issued = await world.lastEvent()
    expect(issued).toMatchObject({
      action: 'leases.exchange',
      outcome: 'permitted',
      actor: { kind: 'workload', name: `${pipeline.project.name} pipeline` },
      resource: { kind: 'context', name: pipeline.context.name },
      project: pipeline.project.id,
      context: pipeline.context.id,
    })
    const answer = await pipeline.redeem(lease.access_token)
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.body).toEqual({
      lease: lease.lease,
      secrets: { API_KEY: "it's $1 `x`", EMPTY: '' },
    })
    const redeemed = await world.lastEvent()
    expect(redeemed).toMatchObject({ action: 'leases.redeem', outcome: 'permitted' })
    expect(JSON.stringify(await world.events())).not.toContain(lease.access_token)
    expect(JSON.stringify(await world.events())).not.toContain("it's $1")
    const { items } = await ada.call('decisions.list', { context: pipeline.context.id })
    const run = items.find(({ action }) => action === 'context:use')
    const decision = await ada.call('decisions.view', { decisionId: run?.id ?? '' })
    expect(decision).toMatchObject({ outcome: 'permitted', facts: { branch: 'main' } })
    expect(decision.layers.map(({ layer }) => layer)).toEqual([
      'identity',
      'grant',
      'restriction',
      'segment',
      'policy',
      'approval',
    ])
  })

  test('as dotenv that a shell reads back to the very same values', async () => {
    const lease = await pipeline.lease()
    const answer = await pipeline.redeem(lease.access_token, { accept: 'text/plain' })
    expect(answer.headers['content-type']).toMatch(/^text\/plain/)
    expect(answer.body).toBe("API_KEY='it'\\''s $1 `x`'\nEMPTY=''\n")
  })

  test('only what its own hash finds is stored of a lease', async () => {
    const { access_token: lease, lease: id } = await pipeline.lease()
    const row = await world.app.db
      .selectFrom('lease')
      .where('id', '=', id)
      .selectAll()
      .executeTakeFirstOrThrow()
    expect(row.secretHash).toEqual(createHash('sha256').update(lease).digest())
    expect(JSON.stringify(row)).not.toContain(lease)
  })

  test('several contexts at once: all of them or none', async () => {
    const other = await ada.call('contexts.create', { name: 'second', segmentId: null })
    await ada.call('contexts.store', { contextId: other.id, name: 'API_KEY', value: 'later wins' })
    const both = [pipeline.context.name, 'urn:sallyport:context:second']
    const refused = await pipeline.exchange({ resource: both })
    expect(refused).toMatchObject({ status: 403, body: { code: 'use_denied' } })
    expect(problemOf(refused).title).not.toContain('Refused as well')
    // Whoever is refused several is told of each at once, with the page that says why.
    await ada.call('contexts.create', { name: 'third', segmentId: null })
    const two = problemOf(await pipeline.exchange({ resource: [...both, 'third'] }))
    expect(two.title).toMatch(
      /^Denied: .*context “second”.* Refused as well: context “third” \(http\S+\/decisions\/[0-9a-f-]{36}\)\.$/,
    )
    expect(two.decision).not.toBe(/http[^)]+/.exec(two.title)?.[0])
    await ada.call('contexts.restrict', {
      contextId: other.id,
      restriction: { kind: 'project', targetId: pipeline.project.id },
      reason: 'both at once',
    })
    const lease = await pipeline.lease({ resource: both })
    const { body } = await pipeline.redeem(lease.access_token)
    expect(body).toMatchObject({ secrets: { API_KEY: 'later wins', EMPTY: '' } })
  })

  test('what the parameters may be is said in RFC 6749’s words too', async () => {
    const tries = {
      unsupported_grant_type: { grant_type: 'password' },
      invalid_request: { requested_token_type: 'urn:ietf:params:oauth:token-type:access_token' },
      invalid_target: { resource: 'no-such-context' },
    }
    for (const [error, fields] of Object.entries(tries)) {
      const answer = await pipeline.exchange(fields)
      expect(answer).toMatchObject({ status: 400, body: { error } })
    }
    const worded: [Record<string, string | string[]>, string, string][] = [
      [{ lease_seconds: '901' }, 'lease_seconds', 'must be at most 900'],
      [{ actor_token: 'x' }, 'actor_token', 'delegation is not supported'],
      [{ resource: Array(21).fill('c') }, 'resource', 'must be at most 20'],
    ]
    for (const [fields, path, message] of worded) {
      const answer = await pipeline.exchange(fields)
      const body = { code: 'invalid_input', fields: [{ path, message }] }
      expect(answer).toMatchObject({ status: 400, body })
    }
    expect(await pipeline.lease({ lease_seconds: '900' })).toMatchObject({ expires_in: 900 })
  })
})

describe('a refusal explains itself', () => {
  test('as a problem: clause, both values, the smallest change, and the decision’s page', async () => {
    const token = await pipeline.token({ 'oidc.circleci.com/vcs-ref': 'refs/heads/release/2' })
    const answer = await pipeline.exchange({ subject_token: token })
    expect(answer.status).toBe(403)
    const { failed, decision, error, title } = problemOf(answer)
    expect(error).toBe('access_denied')
    expect(title).toContain(pipeline.context.name)
    expect(failed).toEqual([
      expect.objectContaining({
        layer: 'restriction',
        actual: expect.stringContaining('release/2') as string,
        change: expect.stringContaining('pipeline.git.branch == "main"') as string,
      }),
    ])
    const id = decision?.split('/').at(-1) ?? ''
    expect(decision).toBe(`${world.publicUrl}/decisions/${id}`)
    const explained = await ada.call('decisions.view', { decisionId: id })
    expect(explained).toMatchObject({ outcome: 'denied', sentence: title })
    expect(await world.lastEvent()).toMatchObject({ outcome: 'denied', action: 'leases.exchange' })
  })

  test('in a terminal, where nothing that a branch is called reaches the terminal itself (P36)', async () => {
    const branch = 'refs/heads/\u001b[31mred\u202e'
    const token = await pipeline.token({ 'oidc.circleci.com/vcs-ref': branch })
    const answer = await pipeline.exchange({ subject_token: token }, { accept: 'text/plain' })
    const text = String(answer.body)
    expect(text).toMatch(/^Denied: /)
    for (const said of ['failed', 'expected', 'was', 'to permit', 'explained', '/decisions/']) {
      expect(text).toContain(said)
    }
    expect(text).toContain('\\u001b[31mred\\u{202e}')
    expect(text.includes('\u001b') || text.includes('\u202e')).toBe(false)
  })

  test('a token that is nobody’s learns nothing of any rule', async () => {
    const token = await pipeline.token({
      sub: 'org/o/project/somebody-else/user/u',
      'oidc.circleci.com/project-id': 'somebody-else',
    })
    const { status, body } = await pipeline.exchange({ subject_token: token })
    expect(status).toBe(403)
    expect(JSON.stringify(body)).not.toContain(pipeline.externalId)
    expect(JSON.stringify(body)).not.toContain(pipeline.project.name)
  })
})

describe('P5: a token mints once for a set of contexts, however it is spelt', () => {
  test('the same token again, and its twins, are replays', async () => {
    const token = await pipeline.token()
    await pipeline.lease({ subject_token: token })
    const [head = '', body = '', signature = ''] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    // (r, n − s): another signature of the same text that every verifier takes.
    const n = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
    const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const twin = Buffer.concat([
      bytes.subarray(0, 32),
      Buffer.from((n - s).toString(16).padStart(64, '0'), 'hex'),
    ])
    const again = [token, [head, body, twin.toString('base64url')].join('.')]
    for (const each of again) {
      const answer = await pipeline.exchange({ subject_token: each })
      expect(answer).toMatchObject({ status: 403, body: { code: 'replayed_token' } })
    }
    const misspelt = [`${token}\n`, ` ${token}`, `${token}=`, `${token.slice(0, -1)}_`]
    for (const each of misspelt) {
      expect((await pipeline.exchange({ subject_token: each })).status).toBe(400)
    }
  })

  test('what goes by its jti is the same with another signature; another token is another', async () => {
    const jti = 'one-and-the-same'
    await pipeline.lease({ subject_token: await pipeline.token({ jti }) })
    const second = await pipeline.exchange({ subject_token: await pipeline.token({ jti }) })
    expect(second).toMatchObject({ status: 403, body: { code: 'replayed_token' } })
    // The control: a key of the whole text would have let the twin through; another claim makes another token.
    const another = await pipeline.exchange({ subject_token: await pipeline.token({ order: 1 }) })
    expect(another.status).toBe(200)
  })

  test('a refused token is not spent', async () => {
    const token = await pipeline.token()
    const refused = await pipeline.exchange({ subject_token: token, resource: 'no-such-context' })
    expect(refused.status).toBe(400)
    expect((await pipeline.exchange({ subject_token: token })).status).toBe(200)
  })
})

describe('a lease is bound', () => {
  test('to the address it was given to', async () => {
    const { access_token: lease } = await pipeline.lease()
    const elsewhere = await world.app.fastify.inject({
      method: 'POST',
      url: '/api/v1/leases/redeem',
      headers: { authorization: `Bearer ${lease}` },
      remoteAddress: '192.0.2.7',
    })
    expect(elsewhere.statusCode).toBe(403)
    expect(elsewhere.json<Problem>().title).toContain('192.0.2.7')
    expect((await pipeline.redeem(lease)).status).toBe(200)
  })

  test('to a key, where the run brought one (RFC 9449)', async () => {
    const [key, other] = [await proofKey(), await proofKey()]
    const url = `${world.publicUrl}/api/v1`
    const nonce = world.nonce()
    const asking = { method: 'POST', url: `${url}/exchange`, accessToken: 'x', nonce }
    const { body } = await pipeline.exchange({}, { dpop: await dpopProof(key, asking) })
    const { access_token: lease, token_type: type } = body as Record<string, string>
    expect(type).toBe('DPoP')
    const giving = { method: 'POST', url: `${url}/leases/redeem`, accessToken: lease ?? '', nonce }
    const stolen = await pipeline.redeem(lease ?? '')
    expect(stolen).toMatchObject({ status: 403, body: { code: 'lease_spent' } })
    const foreign = { dpop: await dpopProof(other, giving) }
    expect(await pipeline.redeem(lease ?? '', foreign)).toMatchObject({ status: 403 })
    const own = { dpop: await dpopProof(key, giving) }
    expect((await pipeline.redeem(lease ?? '', own)).status).toBe(200)
  })
})

describe('a repeated request (P44)', () => {
  test('of a redemption under its key is told that it was delivered, and is no replay; a key is each lease’s own', async () => {
    const key = { 'idempotency-key': 'the-same-in-every-job' }
    const [one, other] = [await pipeline.lease(), await pipeline.lease()]
    expect((await pipeline.redeem(one.access_token, key)).status).toBe(200)
    const again = await pipeline.redeem(one.access_token, key)
    expect(again).toMatchObject({ status: 409, body: { code: 'already_delivered' } })
    expect(await ada.call('leases.view', { leaseId: one.lease })).toMatchObject({ replays: 0 })
    expect((await pipeline.redeem(other.access_token, key)).status).toBe(200)
    // The control: without a key it is what it looks like.
    expect((await pipeline.redeem(one.access_token)).status).toBe(403)
    expect(await ada.call('leases.view', { leaseId: one.lease })).toMatchObject({ replays: 1 })
  })
})

describe('a lease ends', () => {
  test('with its redemption: shown again it is refused, counted, and ends what the same job was given', async () => {
    const job = { 'oidc.circleci.com/job-id': 'job-1' }
    const first = await pipeline.lease({ subject_token: await pipeline.token(job) })
    const sibling = await pipeline.lease({ subject_token: await pipeline.token(job) })
    await pipeline.redeem(first.access_token)
    const again = await pipeline.redeem(first.access_token)
    expect(again).toMatchObject({ status: 403, body: { code: 'lease_spent' } })
    expect(await world.lastEvent()).toMatchObject({
      action: 'leases.redeem',
      outcome: 'denied',
      detail: { replay: 1, revoked: 1 },
    })
    expect(await ada.call('leases.view', { leaseId: first.lease })).toMatchObject({ replays: 1 })
    expect((await pipeline.redeem(sibling.access_token)).status).toBe(403)
    const { items } = await ada.call('leases.list', { replayed: true })
    expect(items.map(({ id }) => id)).toContain(first.lease)
  })

  test('when it is revoked: by itself, by project, by context, or all at once', async () => {
    const whiches = [
      undefined,
      { projectId: pipeline.project.id, reason: 'the project leaked' },
      { contextId: pipeline.context.id, reason: 'the context leaked' },
      { issuerId: pipeline.issuer.id, reason: 'the CI system leaked' },
      { all: true as const, reason: 'everything leaked' },
    ]
    for (const which of whiches) {
      const lease = await pipeline.lease()
      if (which) await ada.call('leases.revokeMany', { which })
      else await ada.call('leases.revoke', { leaseId: lease.lease, reason: 'leaked' })
      const answer = await pipeline.redeem(lease.access_token)
      expect(answer).toMatchObject({ status: 403, body: { code: 'lease_spent' } })
      expect(problemOf(answer).title).toContain('leaked')
    }
  })

  test('and before that it is told in numbers what would end, by the same measure', async () => {
    const projectId = pipeline.project.id
    await ada.call('leases.revokeMany', { which: { projectId, reason: 'a clean start' } })
    expect(await ada.call('leases.live', { projectId })).toMatchObject({ leases: 0, until: null })
    const job = { 'oidc.circleci.com/workflow-id': 'one run' }
    for (let at = 0; at < 2; at++) {
      await pipeline.lease({ subject_token: await pipeline.token({ ...job, order: at }) })
    }
    const { id: contextId } = pipeline.context
    const told = await ada.call('leases.live', { projectId, contextId })
    expect(told).toMatchObject({ leases: 2, projects: 1, contexts: 1, runs: 1 })
    expect(await ada.call('leases.live', { contextId: projectId })).toMatchObject({ leases: 0 })
    const rule = await ada.call('trustRules.uses', { trustRuleId: pipeline.rule.id })
    expect(rule.leases).toBeGreaterThanOrEqual(2)
    expect(rule.others).toEqual([])
    const issuer = await ada.call('issuers.impact', { issuerId: pipeline.issuer.id })
    expect(issuer).toMatchObject({ rules: 1, live: 2, projects: [{ id: projectId }] })
    const { revoked } = await ada.call('leases.revokeMany', {
      which: { projectId, reason: 'the numbers hold' },
    })
    expect(revoked).toBe(told.leases)
  })

  test('of what was redeemed nothing is recalled, and that is said', async () => {
    const lease = await pipeline.lease()
    await pipeline.redeem(lease.access_token)
    const late = ada.call('leases.revoke', { leaseId: lease.lease, reason: 'too late' })
    await expect(late).rejects.toMatchObject({ code: 'conflict', message: /rotate the secrets/ })
  })

  test('when it expires, by the database’s clock (P7)', async () => {
    const lease = await pipeline.lease()
    await world.app.db.transaction().execute(async (db) => {
      await db
        .insertInto('auditQueue')
        .values({ eventId: lease.lease, occurredAt: new Date(), leaf: Buffer.from('{}') })
        .execute()
      const past = new Date(Date.now() - 600_000)
      const issued = { issuedAt: new Date(past.getTime() - 1_000), expiresAt: past }
      await db.updateTable('lease').set(issued).where('id', '=', lease.lease).execute()
    })
    const answer = await pipeline.redeem(lease.access_token)
    expect(answer).toMatchObject({ status: 403, body: { code: 'lease_spent' } })
    expect(problemOf(answer).title).toContain('expired')
    expect(await ada.call('leases.view', { leaseId: lease.lease })).toMatchObject({
      state: 'expired',
    })
  })

  test('when policies or restrictions have changed since it was given', async () => {
    const lease = await pipeline.lease()
    const more = await pipeline.restrict('pipeline.git.branch == "nowhere"')
    const answer = await pipeline.redeem(lease.access_token)
    expect(answer).toMatchObject({ status: 403, body: { code: 'use_denied' } })
    const { version } = await ada.call('contexts.view', { contextId: pipeline.context.id })
    await ada.call(
      'contexts.removeRestriction',
      { contextId: pipeline.context.id, restrictionId: more.id, reason: 'a mistake' },
      { version },
    )
    // Nothing was given, so nothing was spent.
    expect((await pipeline.redeem(lease.access_token)).status).toBe(200)
  })
})
