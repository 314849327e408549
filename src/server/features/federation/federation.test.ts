import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contextLimits } from '../../../contract/context-limits.ts'
import { tokenType } from '../../../contract/exchange-words.ts'
import type { Problem } from '../../../contract/problem.ts'
import { openPipeline, type Pipeline } from '../../testing/pipeline.ts'
import { openVaultServer } from '../../testing/vault-server.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'

let world: World
let ada: WorldPerson
let pipeline: Pipeline
const audience = 'https://vault.example'

beforeAll(async () => {
  world = await openWorld()
  ada = await world.as('ada')
  pipeline = await openPipeline(world, ada)
  const { version } = await ada.call('contexts.view', { contextId: pipeline.context.id })
  await ada.call(
    'contexts.federate',
    { contextId: pipeline.context.id, audiences: [audience] },
    { version },
  )
})
afterAll(async () => {
  await pipeline.close()
  await world.close()
})

const published = async () => {
  const { body } = await world.ask('/.well-known/jwks.json')
  return body as JSONWebKeySet
}
const asking = { requested_token_type: tokenType.jwt, audience }

describe('a federated token instead of a secret', () => {
  test('is verified by what discovery publishes, says whose run it is, and lives a minute', async () => {
    const { body: discovery } = await world.ask('/.well-known/openid-configuration')
    expect(discovery).toMatchObject({
      issuer: world.publicUrl,
      jwks_uri: `${world.publicUrl}/.well-known/jwks.json`,
    })
    const { status, body } = await pipeline.exchange(asking)
    expect(status).toBe(200)
    const { access_token: token, lease } = body as { access_token: string; lease: string }
    expect(body).toMatchObject({ issued_token_type: tokenType.jwt, token_type: 'N_A' })
    const { payload } = await jwtVerify(token, createLocalJWKSet(await published()), {
      algorithms: ['RS256'],
      issuer: world.publicUrl,
      audience,
    })
    expect(payload).toMatchObject({
      sub: `project:${pipeline.project.slug}:context:${pipeline.context.name}`,
      project_id: pipeline.project.id,
      context_id: pipeline.context.id,
      ref: 'main',
      lease_id: lease,
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
    const shown = await ada.call('leases.view', { leaseId: lease })
    expect(shown).toMatchObject({ kind: 'token', state: 'redeemed', audience })
    expect(await world.lastEvent()).toMatchObject({ action: 'leases.exchange' })
  })

  test('is given for the audiences that the context names, and for no other', async () => {
    const other = await pipeline.exchange({ ...asking, audience: 'https://cloud.example' })
    expect(other).toMatchObject({ status: 400, body: { code: 'invalid_target' } })
    expect((other.body as Problem).failed?.[0]).toMatchObject({ expected: audience })
    const neither = await pipeline.exchange({ requested_token_type: tokenType.jwt })
    expect(neither.status).toBe(400)
  })

  test('a refused run gets none, and the set holds no private half', async () => {
    const token = await pipeline.token({ 'oidc.circleci.com/vcs-ref': 'refs/heads/dev' })
    const refused = await pipeline.exchange({ ...asking, subject_token: token })
    expect(refused).toMatchObject({ status: 403, body: { code: 'use_denied' } })
    for (const key of (await published()).keys) {
      for (const half of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(half)
    }
  })
})

describe('its keys are rotated', () => {
  test('the next one is published before it signs; at once, where the old one is compromised', async () => {
    const before = await published()
    const next = await ada.call('federation.rotate', { atOnce: false })
    expect(next.state).toBe('next')
    const both = await published()
    expect(both.keys.map(({ kid }) => kid)).toEqual(
      expect.arrayContaining([next.kid, before.keys[0]?.kid]),
    )
    const { body } = await pipeline.exchange(asking)
    const { access_token: old } = body as { access_token: string }
    await jwtVerify(old, createLocalJWKSet(before))
    const now = await ada.call('federation.rotate', { atOnce: true })
    expect(now.state).toBe('signing')
    const after = await published()
    expect(after.keys.map(({ kid }) => kid)).toEqual([now.kid])
    const dead = jwtVerify(old, createLocalJWKSet(after))
    await expect(dead).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' })
    const { keys } = await ada.call('federation.view', {})
    expect(keys.filter(({ state }) => state === 'signing').map(({ kid }) => kid)).toEqual([now.kid])
    expect(await world.lastEvent()).toMatchObject({ action: 'federation.rotate' })
  })
})

describe('a secret that is a reference into Vault or OpenBao', () => {
  test('is read when it is given, by a token of a minute, and is stored nowhere', async () => {
    await using vault = await openVaultServer({
      issuer: world.publicUrl,
      keys: published,
      audience,
      role: 'sallyport',
      boundClaims: { context_id: pipeline.context.id },
    })
    vault.engine['kv/apps/checkout'] = {
      user: 'checkout',
      password: 'kept elsewhere, zq-kept-zq',
      number: 7,
      nul: 'a\0b',
      long: 'x'.repeat(contextLimits.valueLength + 1),
    }
    const { id: vaultId } = await ada.call('vaults.create', {
      name: 'OpenBao',
      address: vault.url,
      role: 'sallyport',
      audience,
    })
    const at = { vaultId, mount: 'kv', path: 'apps/checkout', field: 'password' }
    const { id: contextId } = pipeline.context
    const made = await ada.call('contexts.refer', { contextId, name: 'DB', reference: at })
    expect(made.reference).toEqual({ ...at, vaultName: 'OpenBao' })
    // Whoever sees the server is shown what refers into it of contexts that they may see.
    const into = async (who: WorldPerson) =>
      (await who.call('contexts.references', { vault: vaultId })).items
    const shown = { context: { id: contextId }, name: 'DB', path: at.path, lastUsedAt: null }
    expect(await into(ada)).toMatchObject([shown])
    const elsewhere = await world.as('elsewhere')
    const other = await ada.call('contexts.create', { name: 'elsewhere' })
    await world.grant(elsewhere, 'teamLead', { kind: 'context', ...other })
    expect(await into(elsewhere)).toEqual([])
    const user = { ...at, field: 'user' }
    await ada.call('contexts.refer', { contextId, name: 'DB_USER', reference: user })
    const lease = await pipeline.lease()
    expect(vault.seen.logins).toBe(0)
    const { body } = await pipeline.redeem(lease.access_token)
    expect(body).toMatchObject({
      secrets: { DB: 'kept elsewhere, zq-kept-zq', DB_USER: 'checkout', EMPTY: '' },
    })
    // What stands at one path is of one moment: a user and its password that were changed together.
    expect(vault.seen).toMatchObject({
      logins: 1,
      refused: 0,
      reads: ['/v1/kv/data/apps/checkout'],
    })
    await ada.call('contexts.removeSecret', { contextId, name: 'DB_USER' }, { version: 1 })
    expect(vault.live.size).toBe(0)
    const rows = await world.app.db.selectFrom('secretVersion').selectAll().execute()
    expect(JSON.stringify([rows, await world.events()])).not.toContain('zq-kept-zq')

    // What cannot be read is said; the lease is spent all the same, for its event is on record.
    const faults = [
      [{ ...at, field: 'pass' }, 'there is no field pass'],
      [{ ...at, field: 'number' }, 'its field number is not text'],
      [{ ...at, field: 'nul' }, 'its field nul must not contain the character NUL'],
      [{ ...at, field: 'long' }, 'its field long must have at most 32,000 characters'],
      [{ ...at, path: 'apps/nowhere' }, 'apps/nowhere answered 404'],
    ] as const
    for (const [reference, why] of faults) {
      await ada.call('contexts.refer', { contextId, name: 'DB', reference })
      const spent = await pipeline.lease()
      const answer = await pipeline.redeem(spent.access_token)
      expect(answer).toMatchObject({
        status: 503,
        body: { code: 'unavailable', title: expect.stringContaining(why) },
      })
      expect(JSON.stringify(answer.body)).not.toContain('API_KEY')
      expect((await pipeline.redeem(spent.access_token)).status).toBe(403)
    }
    const removing = ada.call('vaults.remove', { vaultId }, { version: 1 })
    await expect(removing).rejects.toMatchObject({ code: 'in_use' })

    // Once nothing refers into it it may go; a version that did says so, and what would help.
    await ada.call('contexts.store', { contextId, name: 'DB', value: 'a plain value' })
    await ada.call('vaults.remove', { vaultId }, { version: 1 })
    const { items } = await ada.call('contexts.secrets', { contextId })
    const version = items.find(({ name }) => name === 'DB')?.currentVersion ?? 0
    const back = { contextId, name: 'DB', version: version - 1 }
    await expect(ada.call('contexts.rollback', back, { version })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('refers into a Vault server that was removed'),
    })
  })

  test('cannot be pointed elsewhere by whoever writes to the database', async () => {
    const { id: contextId } = pipeline.context
    await ada.call('contexts.store', { contextId, name: 'DB', value: 'a plain value' })
    const lease = await pipeline.lease()
    const row = await world.app.db
      .selectFrom('secret')
      .where('contextId', '=', contextId)
      .where('name', '=', 'DB')
      .select(['id', 'currentVersion'])
      .executeTakeFirstOrThrow()
    const [server] = (await ada.call('vaults.list', {})).items
    const elsewhere = { vaultId: server?.id, mount: 'kv', path: 'attacker', field: 'x' }
    await world.app.db.transaction().execute(async (db) => {
      const event = { eventId: row.id, occurredAt: new Date(), leaf: Buffer.from('{}') }
      await db.insertInto('auditQueue').values(event).execute()
      await db
        .updateTable('secretVersion')
        .set({ reference: JSON.stringify(elsewhere) })
        .where('secretId', '=', row.id)
        .where('version', '=', row.currentVersion)
        .execute()
    })
    const answer = await pipeline.redeem(lease.access_token)
    expect(answer).toMatchObject({ status: 500, body: { code: 'integrity_fault' } })
  })
})
