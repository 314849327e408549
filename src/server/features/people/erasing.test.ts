import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArchive } from '../../../proof/archive.ts'
import { utf8 } from '../../../proof/bytes.ts'
import { openCheckpoint, parseVerifierKey } from '../../../proof/checkpoint.ts'
import { verifyConsistency } from '../../../proof/merkle.ts'
import { verifyPack } from '../../../proof/verify-pack.ts'
import { connect, type Database } from '../../db/connect.ts'
import { erased } from '../../ledger/personal.ts'
import { verifyRecord } from '../../ledger/verify.ts'
import { asFiles, openPack, resum, textOf } from '../../testing/packs.ts'
import { rowsWith } from '../../testing/rows-with.ts'
import { openWorld, type World, type WorldPerson } from '../../testing/world.ts'
import { verifierKey } from '../audit/proofs.ts'

/* P12: what tells who somebody was goes; every leaf, proof and pack stays what it was. */

const quirin = {
  name: 'Quirin Ostertag',
  email: 'q.ostertag@elsewhere.example',
  sub: 'subject-of-quirin',
}
const agent = 'QuirinBrowse/1.0'

let world: World
let owner: Database
let ada: WorldPerson
let who: WorldPerson
let ended: { asked: { grantId: string; reason: string }; version: number }
let pinnedKey: string
let url: string

async function take(): Promise<Blob> {
  const path = '/api/v1/audit/evidence.zip'
  const answer = await fetch(`${url}${path}`, { headers: await ada.headers('GET', path) })
  expect(answer.status).toBe(200)
  return answer.blob()
}
const verified = async (pack: Blob) => {
  const verdict = await verifyPack(await openArchive(pack), { pinnedKey })
  expect(verdict.faults).toEqual([])
  return verdict
}
const check = () => verifyRecord(owner, { pinnedKey })
const textIn = async (pack: Blob) => [...(await openPack(pack)).values()].map(textOf).join('')
const versionOf = async (personId: string) => (await ada.call('people.view', { personId })).version
const leave = async (personId: string) =>
  ada.call('people.update', { personId, state: 'left' }, { version: await versionOf(personId) })
const erase = async (personId: string, by = ada) =>
  by.call(
    'people.erase',
    { personId, reason: 'They asked for it' },
    { version: await versionOf(personId) },
  )
/** Its answer is kept for whoever asks the same again. */
const endGrant = async () =>
  ada.call('grants.revoke', ended.asked, { version: ended.version, idempotencyKey: 'ended' })

beforeAll(async () => {
  world = await openWorld()
  owner = connect(world.databaseUrl, { max: 2 })
  ada = await world.as('ada')
  who = await world.as('quirin', quirin)
  await world.app.fastify.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${(world.app.fastify.server.address() as AddressInfo).port}`
  pinnedKey = await verifierKey(world.dataDir)
  // What somebody does and is refused, what others do to them, and what is written of it.
  const segment = await ada.call('segments.create', { name: 'Production', tier: 'production' })
  await world.grant(who, 'teamLead')
  const sent = await who.send('/api/v1/contexts', {
    method: 'POST',
    headers: { 'user-agent': agent },
    body: { name: 'shop-production', segmentId: segment.id },
  })
  if (sent.status !== 201) throw new Error(`refused: ${sent.status}`)
  const denied = await who.send('/api/v1/policies', {
    method: 'POST',
    headers: { 'user-agent': agent },
    body: { name: 'mine', text: 'permit(principal, action, resource);' },
  })
  if (denied.status !== 403) throw new Error(`not refused: ${denied.status}`)
  const { id: roleId } = await ada.call('roles.create', {
    name: 'Reader',
    permissions: ['project:view'],
  })
  await who.call('grants.create', {
    roleId,
    subject: { kind: 'person', id: ada.id },
    scope: { kind: 'organization' },
    reason: 'So that Ada reads as well',
  })
  const { id: grantId } = await ada.call('grants.create', {
    roleId,
    subject: { kind: 'person', id: who.id },
    scope: { kind: 'organization' },
    reason: `So that ${quirin.name} reads`,
  })
  const { version } = await ada.call('grants.view', { grantId })
  ended = { asked: { grantId, reason: 'Enough' }, version }
  const { subject } = await endGrant()
  if (subject.name !== quirin.name) throw new Error(`ended is that of ${subject.name}`)
  await world.app.ledger.settle()
})
afterAll(async () => {
  await owner.destroy()
  await world.close()
})

test('whoever may still sign in is not erased, whoever asks and wherever', async () => {
  await expect(erase(who.id)).rejects.toMatchObject({ code: 'conflict' })
  const { app } = world
  await expect(sql`select forget_begin(${who.id})`.execute(app.db)).rejects.toMatchObject({
    code: 'ZT003',
  })
  // The server's role may not do it by other ways.
  for (const statement of ['update audit_entry set beside = null', 'delete from audit_named']) {
    await expect(sql.raw(statement).execute(app.db)).rejects.toMatchObject({ code: '42501' })
  }
  const lead = await world.as('lea')
  await world.grant(lead, 'teamLead')
  await expect(erase(who.id, lead)).rejects.toMatchObject({ code: 'forbidden' })
})

describe('of somebody who has left', () => {
  const told = [quirin.name, quirin.email, quirin.sub, agent]
  let named: Record<string, string[]>[]
  let leaves: string
  let before: { pack: Blob; note: string; size: number; root: string; hashes: string }
  const hashesBelow = async (size: number) => {
    const rows = await owner
      .selectFrom('auditEntry')
      .select('leafHash')
      .where('leafIndex', '<', size)
      .orderBy('leafIndex')
      .execute()
    return rows.map(({ leafHash }) => leafHash.toString('hex')).join()
  }

  beforeAll(async () => {
    await leave(who.id)
    await world.app.ledger.settle()
    const pack = await take()
    const { manifest } = await verified(pack)
    await world.app.ledger.settle()
    const [newest] = (await ada.call('audit.checkpoints', { limit: 1 })).items
    if (!newest || !manifest) throw new Error('nothing was signed')
    before = {
      pack,
      note: newest.note,
      size: newest.treeSize,
      root: newest.root,
      hashes: await hashesBelow(newest.treeSize),
    }
    named = await Promise.all(told.map(async (text) => rowsWith(owner, text)))
    const rows = await owner.selectFrom('auditEntry').select('leaf').execute()
    leaves = rows.map(({ leaf }) => leaf.toString()).join('\n')
    await erase(who.id)
    await world.app.ledger.settle()
  })

  test('nothing in the database tells who they were, not even a counted name', async () => {
    // The control: all of it was there to be erased.
    for (const rows of named) expect(rows).not.toEqual({})
    for (const text of told) expect(await rowsWith(owner, text)).toEqual({})
  })

  test('no leaf ever named them, or anybody', () => {
    for (const text of told) expect(leaves).not.toContain(text)
    // As a word of its own: three letters stand by chance in a key written in base64.
    expect(leaves).not.toMatch(/(?<![\w+/=-])Ada(?![\w+/=-])|ada@meridian/)
  })

  test('the server’s role may hide nobody else with them: neither whom they named, nor who named them', async () => {
    const openings = async () =>
      (await sql`select leaf_index, beside from audit_entry order by 1`.execute(owner)).rows
    const stands = await openings()
    const others = await sql<{ at: number; salt: string }>`
      select n.leaf_index as at, n.salt from audit_named n join audit_entry e using (leaf_index)
        where e.actor_id = ${who.id} and n.person_id = ${ada.id}
      union all
      select leaf_index, substring(convert_from(beside, 'UTF8') from 3 for 24) from audit_entry
        where actor_id = ${ada.id} and beside is not null`.execute(owner)
    expect(others.rows.length).toBeGreaterThan(1)
    await sql`select forget_events(${who.id}, ${JSON.stringify(others.rows)}::json)`.execute(
      world.app.db,
    )
    expect(await openings()).toEqual(stands)
    expect((await check()).fault).toBeUndefined()
  })

  test('an answer that is kept for who asks again is the same without them', async () => {
    expect(await endGrant()).toMatchObject({
      id: ended.asked.grantId,
      subject: { id: who.id, name: erased },
      state: 'ended',
    })
  })

  test('they are shown as somebody who was erased, with what they did', async () => {
    const person = await ada.call('people.view', { personId: who.id })
    expect(person).toMatchObject({
      name: erased,
      email: `${who.id}@erased.invalid`,
      title: '',
      state: 'left',
      erasedAt: expect.any(String),
    })
    const { items } = await ada.call('audit.list', { q: `actor:${who.id}`, limit: 50 })
    expect(new Set(items.map(({ actor }) => actor.name))).toEqual(new Set([erased]))
    expect(items.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['contexts.create', 'policies.create', 'sessions.start']),
    )
    expect(items.filter(({ ip }) => ip !== undefined)).toEqual([])
    const refused = items.find(({ outcome }) => outcome === 'denied')
    const whole = await ada.call('audit.view', { eventId: refused?.id ?? '' })
    expect(whole).toMatchObject({ actor: { id: who.id, name: erased } })
    expect(whole.userAgent).toBeUndefined()
    expect(whole.personal).toBeUndefined()
    // By what they are called now they are found, by what they were called not.
    expect((await ada.call('audit.list', { q: 'actor:quirin*', limit: 5 })).items).toEqual([])
    expect(
      (await ada.call('audit.list', { q: 'actor:"Erased person"', limit: 5 })).items,
    ).not.toEqual([])
    // What names others beside them still names those.
    const granted = await ada.call('audit.list', {
      q: `action:grants.create actor:${ada.id}`,
      limit: 5,
    })
    const one = await ada.call('audit.view', { eventId: granted.items[0]?.id ?? '' })
    expect(one).toMatchObject({
      actor: { name: 'Ada' },
      after: { subject: erased, reason: `So that ${erased} reads` },
    })
    expect(one.personal).toHaveLength(1)
    const decisions = await ada.call('decisions.list', { actor: who.id, limit: 20 })
    expect(decisions.items.map(({ actor }) => actor.name)).toEqual(
      decisions.items.map(() => erased),
    )
  })

  test('every hash is the same, every proof holds, and so does what was carried away before', async () => {
    expect(await hashesBelow(before.size)).toBe(before.hashes)
    expect((await check()).fault).toBeUndefined()
    await verified(before.pack)
    expect(await textIn(before.pack)).toContain(quirin.name)
    const now = await take()
    const { manifest } = await verified(now)
    expect(await textIn(now)).not.toContain(quirin.name)
    const { proof } = await ada.call('audit.consistency', {
      first: before.size,
      second: manifest?.treeSize ?? 0,
    })
    const key = await parseVerifierKey(pinnedKey)
    const earlier = await openCheckpoint(before.note, key)
    expect(
      await verifyConsistency(
        before.size,
        manifest?.treeSize ?? 0,
        earlier.root,
        Uint8Array.from(Buffer.from(manifest?.root ?? '', 'base64')),
        proof.map((hash) => Uint8Array.from(Buffer.from(hash, 'base64'))),
      ),
    ).toBe(true)
  })

  test('it is an event, which names nobody but whoever did it, and is done once', async () => {
    const event = (await world.events()).findLast(({ action }) => action === 'people.erase')
    expect(event).toMatchObject({
      actor: { id: ada.id, name: 'Ada' },
      outcome: 'permitted',
      resource: { kind: 'person', id: who.id, name: erased },
      detail: { events: expect.any(Number), reason: 'They asked for it' },
    })
    const detail = event?.detail as { events: number } | undefined
    expect(detail?.events).toBeGreaterThan(3)
    await expect(erase(who.id)).rejects.toMatchObject({ code: 'conflict' })
    const back = { personId: who.id, state: 'active' as const }
    await expect(
      ada.call('people.update', back, { version: await versionOf(who.id) }),
    ).rejects.toMatchObject({ code: 'conflict' })
    // Whoever signs in by the same subject is somebody new, who holds nothing.
    const again = await world.as('quirin', quirin)
    expect(again.id).not.toBe(who.id)
    expect((await again.call('me.view', {})).may).toEqual([])
  })

  test('what still waits for its place names nobody there', async () => {
    const tom = await world.as('tom', {
      name: 'Tomasina Halvor',
      email: 't.halvor@elsewhere.example',
    })
    await leave(tom.id)
    // Their session's end has not been put in its place yet, or just was: either way.
    await erase(tom.id)
    await world.app.ledger.settle()
    expect(await rowsWith(owner, 'Tomasina Halvor')).toEqual({})
    expect(await rowsWith(owner, 't.halvor@')).toEqual({})
    expect((await check()).fault).toBeUndefined()
  })
})

describe('what stands beside a leaf is checked', () => {
  const fault = async (statement: string) => {
    const run = (text: string) => sql.raw(text).execute(owner)
    await run('create table kept as select leaf_index, beside from audit_entry')
    try {
      await run(statement)
      return (await check()).fault
    } finally {
      await run(
        'update audit_entry e set beside = kept.beside from kept where kept.leaf_index = e.leaf_index',
      )
      await run('drop table kept')
    }
  }

  test('removed, with no event that says so', async () => {
    // That it was asked for, and refused, is no leave.
    await expect(erase(ada.id)).rejects.toMatchObject({ code: 'conflict' })
    await world.app.ledger.settle()
    expect(
      await fault(`update audit_entry set beside = null where actor_id = '${ada.id}'`),
    ).toMatch(/searchable column actorName of event \d+/)
    // Whoever alters the columns as well does not get away with it.
    await sql`create table shown as select leaf_index, actor_name, ip, resource_name, sentence from audit_entry`.execute(
      owner,
    )
    const said = await fault(`
      update audit_entry e set actor_name = '${erased}', ip = null,
        resource_name = replace(resource_name, 'Ada', '${erased}'), sentence = replace(sentence, 'Ada', '${erased}')
        , beside = null where actor_id = '${ada.id}'`)
    await sql`update audit_entry e set actor_name = s.actor_name, ip = s.ip, resource_name = s.resource_name, sentence = s.sentence
      from shown s where s.leaf_index = e.leaf_index`.execute(owner)
    await sql`drop table shown`.execute(owner)
    expect(said).toMatch(
      /what stood beside event \d+ \(.{36}\) of people was removed, and no event/,
    )
    expect((await check()).fault).toBeUndefined()
  })

  test('nobody makes it look so by what they are called, or write', async () => {
    const sly = await world.as('sly', { name: erased, email: 'sly@meridian.example' })
    await world.grant(sly, 'developer')
    const text = `personal:${'A'.repeat(43)}=`
    await sly.call('auditViews.create', { name: text, search: {} }).catch(() => {})
    await sly.send('/api/v1/people', { headers: { 'user-agent': text } })
    await world.app.ledger.settle()
    expect((await check()).fault).toBeUndefined()
  })

  test.each([
    [
      'altered',
      `update audit_entry set beside = convert_to(replace(convert_from(beside, 'UTF8'), '"Ada"', '"Eve"'), 'UTF8')`,
    ],
    ['nonsense', `update audit_entry set beside = '\\xff'`],
    [
      'put beside another',
      `update audit_entry e set beside = o.beside from audit_entry o
        where e.leaf_index = (select min(leaf_index) from audit_entry where beside is not null)
          and o.leaf_index = (select max(leaf_index) from audit_entry where beside is not null)`,
    ],
  ])('%s', async (_, statement) => {
    expect(await fault(statement)).toMatch(/what stands beside event \d+ \(.{36}\) of people was/)
    expect((await check()).fault).toBeUndefined()
  })

  test('in a pack', async () => {
    const files = await openPack(await take())
    const path = [...files.keys()].find((name) => name.endsWith('.ndjson')) ?? ''
    const text = textOf(files.get(path))
    const altered = text.replace(/("Ada")(?=[^\n]*\]\]\n)/, '"Eve"')
    expect(altered).not.toBe(text)
    for (const other of [altered, text.replace(/\t\[\[/, '\t[{')]) {
      const pack = new Map(files).set(path, utf8(other))
      await resum(pack)
      const { faults } = await verifyPack(asFiles(pack), { pinnedKey })
      expect(faults[0]).toMatch(/^what stands beside event \d+ .*of people was altered$/)
    }
    // What is taken away is told by the sums that were signed.
    const pack = new Map(files).set(path, utf8(text.replace(/\t\[\[[^\n]*/, '')))
    expect((await verifyPack(asFiles(pack), { pinnedKey })).faults).toEqual([`${path} was altered`])
  })
})
