import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { ControlRef } from '../../../contract/control-refs.ts'
import type { FindingSubject } from '../../../contract/findings.ts'
import { weights } from '../../../contract/findings.ts'
import type { Permission } from '../../../contract/permissions.ts'
import type { Db } from '../../db/connect.ts'
import type { EvidenceRow } from '../../db/tables/findings.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { personNamed } from '../people/service.ts'
import { findingName } from './apply.ts'
import { catalogue, detectionOf } from './catalogue.ts'
import type { Detection } from './detection.ts'
import {
  evidenceOf,
  findingById,
  findingsAmong,
  findingsById,
  looks,
  turnFinding,
  turnsOf,
  type FindingRow,
  type Known,
  type Told,
} from './store.ts'

export { rounded, scoreOf, type ScoredPlace } from './arithmetic.ts'
export { findingHeat, lookedSince, turnsBetween } from './dashboards.ts'
export { scoresBetween, trendOf } from './kept-scores.ts'
export { daysBefore, organizationId } from './detection.ts'
export { findingsFile } from './file.ts'
export { createFindingRunner, type FindingRunner } from './runner.ts'

type Row = AnswerOf<'findings.list'>['items'][number]
type Detail = AnswerOf<'findings.view'>

/** Who may not see the object is not told what is wrong with it. */
export const seenBy: Readonly<Record<Exclude<FindingSubject, 'organization'>, Permission>> = {
  person: 'person:view',
  team: 'team:view',
  role: 'role:view',
  grant: 'grant:view',
  segment: 'segment:view',
  project: 'project:view',
  context: 'context:view',
  policy: 'policy:view',
  issuer: 'issuer:view',
  trustRule: 'trustRule:view',
  lease: 'lease:view',
  apiToken: 'apiToken:view',
  review: 'review:view',
}

export const knownTo = (
  scope: Pick<Scope, 'reach'>,
  may: 'finding:view' | 'finding:update' = 'finding:view',
): Known => ({
  findings: scope.reach(may),
  subjects: new Map(
    Object.entries(seenBy).map(([kind, permission]) => [
      kind as FindingSubject,
      scope.reach(permission),
    ]),
  ),
})

/** A detection of an earlier version: its findings end with the next look. */
const gone: Pick<Detection, 'title' | 'why' | 'severity' | 'cicdRisk' | 'controls' | 'fix'> = {
  title: 'Not looked for any more',
  why: 'This version of Sallyport does not look for it.',
  severity: 'low',
  cicdRisk: 'CICD-SEC-7',
  controls: [],
  fix: { label: 'See the record', opens: 'checkpoints', on: 'subject_id' },
}

export const about = (row: Pick<FindingRow, 'detection'>) => detectionOf(row.detection) ?? gone

export const titleOf = (detection: string): string => about({ detection }).title

const resourceOf = (row: FindingRow): Resource => ({
  kind: 'finding',
  id: row.id,
  name: findingName(about(row).title, row.subjectName),
  within: {
    ...(row.segmentId && { segment: row.segmentId }),
    ...(row.projectId && { project: row.projectId }),
    ...(row.contextId && { context: row.contextId }),
  },
})

export const findingResource: ResourceLoader<Db> = async (db, id) => {
  const row = await findingById(db, id)
  return row && resourceOf(row)
}

const named = (id: string | null, name: string | null) => (id && name ? { id, name } : null)

/** A finding as a list shows it, but for what the reader may do with it. */
export function findingAnswer(row: FindingRow): Omit<Row, 'allowed'> {
  const { id, detection, state, says, openedAt, resolvedAt, until, version } = row
  const { title, severity } = about(row)
  return {
    id,
    detection,
    title,
    severity,
    state,
    subject: { kind: row.subjectKind, id: row.subjectId, name: row.subjectName },
    says,
    person: named(row.personId, row.personName),
    project: named(row.projectId, row.projectName),
    context: named(row.contextId, row.contextName),
    openedAt,
    resolvedAt,
    until,
    owner: named(row.ownerId, row.ownerName),
    version,
  }
}

export const rowAnswer = (scope: Scope, row: FindingRow): Row => ({
  ...findingAnswer(row),
  // What has ended by itself can be looked at and no more.
  allowed: scope
    .allowed(resourceOf(row))
    .filter((permission) => row.state !== 'resolved' || permission === 'finding:view'),
})

/** The finding, or the 404 of one whose subject may not be seen. */
async function theRow(scope: Scope, id: string): Promise<FindingRow> {
  const [row] = await findingsById(scope.db, knownTo(scope), [id])
  if (!row) throw problem('not_found', 'There is no such finding.')
  return row
}

/** A time as the database writes it into JSON has its own form of a zone. */
export const evidenceAnswer = ({ what, name, kind, id, says, at, line }: EvidenceRow) => ({
  what,
  name,
  ...(kind && { kind }),
  ...(id && { id }),
  ...(says && { says }),
  ...(at && { at: new Date(at) }),
  ...(line && { line }),
})

const columnOf = {
  subject_id: 'subjectId',
  person_id: 'personId',
  project_id: 'projectId',
  context_id: 'contextId',
  segment_id: 'segmentId',
} as const

export async function theFinding(scope: Scope, id: string): Promise<Detail> {
  const row = await theRow(scope, id)
  const { why, severity, cicdRisk, controls, fix } = about(row)
  const proof = (await evidenceOf(scope.db, [id])).get(id)
  const look = (await looks(scope.db)).find(({ detection }) => detection === row.detection)
  const turns = await turnsOf(scope.db, id)
  return {
    ...rowAnswer(scope, row),
    why,
    weight: weights[severity],
    cicdRisk,
    controls: [...controls],
    evidence: (proof?.rows ?? []).map(evidenceAnswer),
    more: proof?.more ?? 0,
    fix: {
      label: fix.label,
      opens: fix.opens,
      id:
        fix.opens === 'grantAdmin'
          ? builtInRoles.securityAdmin.id
          : (row[columnOf[fix.on]] ?? row.subjectId),
    },
    reason: row.reason,
    history: turns.map(({ turn, at, byId, byName, reason, until }) => ({
      turn,
      at,
      by: named(byId, byName),
      reason,
      until,
    })),
    lookedAt: look?.at ?? null,
  }
}

/** Longest that a finding stays out of sight before somebody looks again. */
const longestDays = 366

function demandUntil({ now }: Scope, until: string): Date {
  const at = new Date(until)
  const days = (at.getTime() - now.getTime()) / 86_400_000
  if (days > 0 && days <= longestDays) return at
  throw invalidField('until', days > 0 ? 'must be within a year' : 'must be in the future')
}

async function turn(scope: Scope, row: FindingRow, version: number, told: Told): Promise<void> {
  if (row.state === 'resolved') {
    throw problem('conflict', 'It has resolved by itself: what proved it has gone.')
  }
  if (!(await turnFinding(scope.db, row.id, version, told))) {
    throw problem('stale', 'This finding changed meanwhile. Look again.', {
      current: { state: row.state, version: row.version },
    })
  }
}

const events = (row: FindingRow, { state, reason, until, ownerId }: Told) => ({
  resource: { kind: 'finding', id: row.id, name: resourceOf(row).name },
  ...(row.projectId && { project: row.projectId }),
  ...(row.contextId && { context: row.contextId }),
  before: { state: row.state },
  after: {
    state,
    reason,
    ...(until && { until: until.toISOString() }),
    ...(ownerId && { ownerId }),
  },
})

const toldBy = (scope: Scope) => ({ by: scope.actor.personId ?? null, at: scope.now })

const muting = (
  scope: Scope,
  { reason, until }: Pick<InputOf<'findings.mute'>, 'reason' | 'until'>,
): Told => ({
  ...toldBy(scope),
  state: 'muted',
  turn: 'muted',
  reason,
  until: demandUntil(scope, until),
  ownerId: null,
})

export async function mute(scope: Scope, input: InputOf<'findings.mute'>): Promise<Detail> {
  const told = muting(scope, input)
  return decideOn(scope, await theRow(scope, input.findingId), told)
}

export async function accept(scope: Scope, input: InputOf<'findings.accept'>): Promise<Detail> {
  const { findingId, reason, ownerId } = input
  const until = demandUntil(scope, input.until)
  await personNamed(scope, 'ownerId', ownerId)
  const told: Told = {
    ...toldBy(scope),
    state: 'accepted',
    turn: 'accepted',
    reason,
    until,
    ownerId,
  }
  return decideOn(scope, await theRow(scope, findingId), told)
}

export async function reopen(scope: Scope, input: InputOf<'findings.reopen'>): Promise<Detail> {
  const { findingId, reason } = input
  const row = await theRow(scope, findingId)
  if (row.state === 'open') throw problem('conflict', 'This finding is open already.')
  const told: Told = {
    ...toldBy(scope),
    state: 'open',
    turn: 'reopened',
    reason,
    until: null,
    ownerId: null,
  }
  return decideOn(scope, row, told)
}

async function decideOn(scope: Scope, row: FindingRow, told: Told): Promise<Detail> {
  await turn(scope, row, scope.expectedVersion ?? 0, told)
  scope.record(events(row, told))
  return theFinding(scope, row.id)
}

/** All of them, or none: each with its event. */
export async function muteMany(
  scope: Scope,
  input: InputOf<'findings.muteMany'>,
): Promise<{ muted: number }> {
  const ids = [...new Set(input.findingIds)].sort()
  const told = muting(scope, input)
  const rows = await findingsById(scope.db, knownTo(scope), ids)
  if (rows.length < ids.length) {
    throw problem('not_found', 'Not every one of these findings is there. Look at the list again.')
  }
  for (const row of rows) {
    scope.demand('finding:update', resourceOf(row))
    await turn(scope, row, row.version, told)
    scope.also('findings.mute', events(row, told))
  }
  scope.record({ detail: { muted: ids.length, reason: input.reason, until: input.until } })
  return { muted: ids.length }
}

/** Open findings of whatever touches the control, the worst first: those that the reader may be told of. */
export async function findingsTouching(scope: Scope, control: ControlRef, most: number) {
  const touching = catalogue.filter(({ controls }) => controls.includes(control))
  const rows = await findingsAmong(
    scope.db,
    knownTo(scope),
    touching.map(({ id }) => id),
    most,
  )
  return {
    rows: rows.map((row) => ({
      id: row.id,
      says: row.says,
      severity: about(row).severity,
      state: row.state,
    })),
    more: Math.max(0, (rows[0]?.total ?? 0) - most),
  }
}
