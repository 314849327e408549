import { sql } from 'kysely'
import { weights } from '../../../contract/findings.ts'
import type { Database, Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { inTransaction } from '../../db/transaction.ts'
import type { FindingTurn } from '../../db/tables/findings.ts'
import { type AuditEvent, emitAll, sallyport } from '../../ledger/emit.ts'
import type { Detection } from './detection.ts'
import type { Difference } from './difference.ts'

/** Findings that turn in one transaction. */
const together = 1_000

const verbs = { opened: 'open', reopened: 'reopen', resolved: 'resolve' } as const
type Turn = keyof typeof verbs

interface Turned {
  readonly id: string
  readonly turn: Turn
  readonly difference: Difference
}

/**
 * Carries out what differs, each turn with its event in the same transaction. Whoever else was first has done it: what is
 * no longer as it was read is left, and the next look sees it. Answers how many findings turned.
 */
export async function applyDifferences(
  db: Database,
  detection: Detection,
  all: readonly Difference[],
): Promise<number> {
  let turned = 0
  for (let at = 0; at < all.length; at += together) {
    const some = all.slice(at, at + together)
    turned += await inTransaction(db, { readOnly: false }, async (tx, { now }) => {
      const done = [
        ...(await open(
          tx,
          detection,
          some.filter(({ known }) => !known),
          now,
        )),
        ...(await turn(
          tx,
          'reopened',
          some.filter((one) => isBack(one)),
          now,
        )),
        ...(await turn(
          tx,
          'resolved',
          some.filter(({ found }) => !found),
          now,
        )),
      ]
      await writeTurns(tx, done, now)
      await writeEvidence(tx, detection, some, done)
      await emitAll(
        tx,
        done.map((one) => ({ at: now, event: eventOf(detection, one) })),
      )
      return done.length
    })
  }
  return turned
}

const isBack = ({ found, known, lapsed }: Difference) =>
  found !== undefined && known !== undefined && (known.state === 'resolved' || lapsed)

async function open(db: Db, detection: Detection, news: readonly Difference[], now: Date) {
  if (news.length === 0) return []
  const rows = news.flatMap((difference) =>
    difference.found ? [{ id: newId(), difference, subjectId: difference.found.subjectId }] : [],
  )
  const written = await db
    .insertInto('finding')
    .values(
      rows.map(({ id, subjectId }) => ({
        id,
        detection: detection.id,
        subjectId,
        weight: weights[detection.severity],
        openedAt: now,
        resolvedAt: null,
        until: null,
        reason: null,
        ownerId: null,
        decidedBy: null,
      })),
    )
    .onConflict((conflict) => conflict.constraint('finding_key').doNothing())
    .returning('id')
    .execute()
  const made = new Set(written.map(({ id }) => id))
  return rows
    .filter(({ id }) => made.has(id))
    .map(({ id, difference }): Turned => ({ id, turn: 'opened', difference }))
}

async function turn(db: Db, how: 'reopened' | 'resolved', some: readonly Difference[], now: Date) {
  const known = some.flatMap(({ known: one }) => one ?? [])
  if (known.length === 0) return []
  const set =
    how === 'resolved'
      ? sql`state = 'resolved', resolved_at = ${now}`
      : sql`state = 'open', resolved_at = null, opened_at = ${now}`
  const { rows } = await sql<{ id: string }>`
    update finding f set ${set}, until = null, reason = null, owner_id = null, decided_by = null, version = f.version + 1
    from unnest(${known.map(({ id }) => id)}::uuid[], ${known.map(({ version }) => version)}::int[]) as was(id, version)
    where f.id = was.id and f.version = was.version returning f.id`.execute(db)
  const done = new Set(rows.map(({ id }) => id))
  return some.flatMap((difference): Turned[] =>
    difference.known && done.has(difference.known.id)
      ? [{ id: difference.known.id, turn: how, difference }]
      : [],
  )
}

async function writeTurns(db: Db, done: readonly Turned[], at: Date): Promise<void> {
  if (done.length === 0) return
  const row = ({ id, turn: how }: Turned) => ({
    id: newId(),
    findingId: id,
    at,
    turn: how as FindingTurn,
    byId: null,
    reason: null,
    until: null,
  })
  await db.insertInto('findingTurn').values(done.map(row)).execute()
}

/** What proves each of them, as it is now. */
async function writeEvidence(
  db: Db,
  detection: Detection,
  some: readonly Difference[],
  done: readonly Turned[],
): Promise<void> {
  const made = new Map(done.map(({ id, difference }) => [difference, id]))
  const rows = some.flatMap((difference) => {
    const id = difference.known?.id ?? made.get(difference)
    if (!id || !difference.found) return []
    const { subjectName, says, more, personId, projectId, contextId, segmentId } = difference.found
    return [
      {
        findingId: id,
        subjectKind: detection.subject,
        subjectName,
        says,
        rows: JSON.stringify(difference.found.rows),
        more,
        personId,
        projectId,
        contextId,
        segmentId,
      },
    ]
  })
  if (rows.length === 0) return
  await db
    .insertInto('findingEvidence')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('findingId').doUpdateSet((set) => ({
        subjectKind: set.ref('excluded.subjectKind'),
        subjectName: set.ref('excluded.subjectName'),
        says: set.ref('excluded.says'),
        rows: set.ref('excluded.rows'),
        more: set.ref('excluded.more'),
        personId: set.ref('excluded.personId'),
        projectId: set.ref('excluded.projectId'),
        contextId: set.ref('excluded.contextId'),
        segmentId: set.ref('excluded.segmentId'),
      })),
    )
    .execute()
}

export const findingName = (title: string, subject: string) => `${title}: ${subject}`

const eventOf = (detection: Detection, { id, turn: how, difference }: Turned): AuditEvent => ({
  actor: sallyport,
  action: `findings.${verbs[how]}`,
  outcome: 'permitted',
  resource: { kind: 'finding', id, name: findingName(detection.title, difference.subjectName) },
  ...(difference.projectId && { project: difference.projectId }),
  ...(difference.contextId && { context: difference.contextId }),
  ...(how === 'reopened' && difference.known && { before: { state: difference.known.state } }),
  after: { state: how === 'resolved' ? 'resolved' : 'open' },
  detail: {
    detection: detection.id,
    severity: detection.severity,
    says: difference.found?.says ?? 'What proved it has gone.',
  },
})
