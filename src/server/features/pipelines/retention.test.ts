import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { configTextDays } from '../../../contract/config-limits.ts'
import { inTransaction } from '../../db/transaction.ts'
import { emit } from '../../ledger/emit.ts'
import { openWorld } from '../../testing/world.ts'
import { forgetConfigs } from './retention.ts'

const config = (context: string) => `version: 2.1
jobs:
  deploy: {docker: [{image: cimg/base:2026.10.1}], steps: [checkout]}
workflows: {main: {jobs: [{deploy: {context: ${context}}}]}}
`

test('a text that nobody has had checked for long is forgotten, once, with an event; what was found in it stays', async () => {
  await using world = await openWorld()
  const { db } = world.app
  const ada = await world.as('ada')
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const project = await ada.call('projects.create', {
    name: 'shop',
    slug: 'gh/meridian/shop',
    provider: 'circleci',
    repository: 'meridian/shop',
    segmentId: segment.id,
  })
  const texts = [config('forgotten-once'), config('kept-still')] as const
  const checks = []
  for (const text of texts) {
    checks.push(await ada.call('pipelines.check', { project: project.id, text }))
  }
  const [old, young] = checks.map(({ id }) => id ?? '') as [string, string]
  await inTransaction(db, { readOnly: false }, async (tx, transaction) => {
    await sql`update pipeline_check set at = at - ${configTextDays} * interval '1 day' where id = ${old}`.execute(
      tx,
    )
    emit(transaction, {
      actor: { kind: 'system', id: 'test', name: 'the years' },
      action: 'test.age',
      outcome: 'permitted',
    })
  })
  const before = (await world.events()).length
  await Promise.all([forgetConfigs(db), forgetConfigs(db)])
  const shown = await ada.call('pipelines.view', { checkId: old })
  const digest = createHash('sha256').update(texts[0]).digest('hex')
  expect(shown).toMatchObject({ text: null, digest, status: 'PASS' })
  expect(shown.facts.jobs).toHaveLength(1)
  expect(await ada.call('pipelines.view', { checkId: young })).toMatchObject({ text: texts[1] })
  const events = (await world.events()).slice(before)
  expect(events.filter(({ action }) => action === 'pipelines.forget')).toMatchObject([
    { detail: { unusedForDays: configTextDays, digests: [digest] } },
  ])
  // Checked again, it is there again.
  await ada.call('pipelines.check', { project: project.id, text: texts[0] })
  expect(await ada.call('pipelines.view', { checkId: old })).toMatchObject({ text: texts[0] })
})
