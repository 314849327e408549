import { afterAll, beforeAll, expect, test } from 'vitest'
import { permissions } from '../../contract/permissions.ts'
import { connect, type Db } from '../db/connect.ts'
import { newId } from '../db/new-id.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { emit } from '../ledger/emit.ts'
import { cloneDatabase } from '../testing/test-database.ts'
import { createCedar } from './cedar.ts'
import { createDecider } from './decide.ts'
import { createPolicyStore } from './policy-store.ts'
import { recordDecision } from './record-decision.ts'
import type { Actor, Resource } from './types.ts'

let db: ReturnType<typeof connect>
beforeAll(async () => {
  db = connect(await cloneDatabase(), { role: 'sallyport_app' })
})
afterAll(() => db.destroy())

const change = <T>(work: (db: Db, transaction: Transaction) => Promise<T>) =>
  inTransaction(db, { readOnly: false }, async (open, transaction) => {
    const result = await work(open, transaction)
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'test' },
      action: 'policies.update',
      outcome: 'permitted',
    })
    return result
  })

const resource: Resource = { kind: 'context', id: newId(), name: 'prod', within: {} }
const actor: Actor = {
  kind: 'person',
  id: newId(),
  name: 'Ada',
  teams: [],
  grants: [
    {
      id: newId(),
      roleId: newId(),
      roleName: 'Security admin',
      permissions: new Set(permissions),
      scope: { kind: 'organization', name: 'organization' },
      via: { kind: 'person', id: 'x', name: 'Ada' },
    },
  ],
}
const store = createPolicyStore(createCedar())
const ask = async (open: Db = db) =>
  createDecider({ policies: await store.current(open) }).decide({
    actor,
    action: 'context:delete',
    resource,
    facts: { now: new Date() },
  })
const add = async (open: Db, mode: 'evaluate' | 'enforce') => {
  const id = newId()
  await open
    .insertInto('policy')
    .values({
      id,
      name: `p-${id}`,
      mode,
      versionInForce: 1,
      evaluateUntil: mode === 'evaluate' ? new Date() : null,
    })
    .execute()
  await open
    .insertInto('policyVersion')
    .values({ policyId: id, number: 1, text: 'forbid (principal, action, resource);' })
    .execute()
  return id
}

test('a policy counts on the next request, and no longer once it is gone', async () => {
  expect(await ask()).toMatchObject({ outcome: 'permitted', wouldDeny: false })
  const id = await change((open) => add(open, 'evaluate'))
  expect(await ask()).toMatchObject({ outcome: 'permitted', wouldDeny: true })
  const mode = (mode: 'enforce' | 'draft') =>
    change((open) =>
      open
        .updateTable('policy')
        .set({ mode, versionInForce: mode === 'draft' ? null : 1, evaluateUntil: null })
        .where('id', '=', id)
        .execute(),
    )
  await mode('enforce')
  expect((await ask()).outcome).toBe('denied')
  await mode('draft')
  expect((await ask()).outcome).toBe('permitted')
})

test('what was rolled back is not remembered, though its own transaction saw it', async () => {
  const seen: string[] = []
  await change(async (open) => {
    await add(open, 'enforce')
    seen.push((await ask(open)).outcome)
    throw new Error('rolled back')
  }).catch(() => {})
  seen.push((await ask()).outcome)
  expect(seen).toEqual(['denied', 'permitted'])
})

test('nobody approves what they asked for: the database refuses it too', async () => {
  const people = [newId(), newId()] as const
  const approve = (by: string) =>
    change(async (open) => {
      const policyId = await add(open, 'evaluate')
      await open
        .insertInto('policyApproval')
        .values({
          id: newId(),
          policyId,
          number: 1,
          askedBy: people[0],
          verdict: 'approved',
          decidedBy: by,
          decidedAt: new Date(),
        })
        .execute()
      await open.deleteFrom('policy').where('id', '=', policyId).execute()
    })
  await change((open) =>
    open
      .insertInto('person')
      .values(
        people.map((id) => ({ id, email: `${id}@x.example`, name: id, source: 'import' as const })),
      )
      .execute(),
  )
  await expect(approve(people[0])).rejects.toMatchObject({
    constraint: 'policy_approval_second_person_check',
  })
  await expect(approve(people[1])).resolves.toBeUndefined()
})

test('decisions are written and counted together, and only with an event', async () => {
  const decision = await ask()
  const contextId = newId()
  const write = async (_: Db, transaction: Transaction) =>
    recordDecision(transaction, { actor, resource, decision, contextId })
  await change(write)
  const id = await change(write)
  const row = await db.selectFrom('decision').selectAll().where('id', '=', id).executeTakeFirst()
  expect(row).toMatchObject({ outcome: 'permitted', layers: decision.layers, contextId })
  const counts = db.selectFrom('decisionRollup').select('count').where('contextId', '=', contextId)
  expect((await counts.execute()).reduce((sum, { count }) => sum + count, 0)).toBe(2)
  await expect(inTransaction(db, { readOnly: false }, write)).rejects.toMatchObject({
    code: 'ZT001',
  })
})
