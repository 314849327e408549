import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { organization } from '../../decision/organization.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { placeSeen } from '../grants/service.ts'
import { activeOf } from './holdings.ts'
import { goesBeyond } from './revoking.ts'
import { snapshotOf, type NewLine } from './snapshot.ts'
import { personOf, resourceOf } from './standing.ts'
import { startReview, type ReviewPlan } from './start.ts'
import { runnersEverywhere, toSignOff, waitingFor } from './store.ts'

export { keepReviewsTime } from './clock.ts'
export { reviewsFile } from './file.ts'
export { createReviewRunner, type ReviewRunner } from './runner.ts'

export const reviewResource: ResourceLoader<Db> = async (db, id) => {
  const row = await db
    .selectFrom('review')
    .select(['id', 'name', 'segmentId', 'contextId'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row && resourceOf(row)
}

type Given = InputOf<'reviews.preview'>

/** What is looked at, where the actor may run reviews: of teams and roles, which lie in no segment, on the organization. */
async function scopeGiven(scope: Scope, given: Given['scope']) {
  const { kind, scopeId } = given
  if (kind === 'organization') {
    if (scopeId) throw invalidField('scopeId', 'must be absent for the organization')
    scope.demand('review:run', organization)
    return { name: organization.name, id: null, place: organization }
  }
  if (!scopeId) throw invalidField('scopeId', `must name the ${kind}`)
  if (kind === 'segment' || kind === 'context') {
    const place = await placeSeen(scope, { kind, id: scopeId })
    scope.demand('review:run', place)
    return { name: place.name, id: scopeId, place }
  }
  scope.demand('review:run', organization)
  const row = await scope.db
    .selectFrom(kind)
    .select('name')
    .where('id', '=', scopeId)
    .executeTakeFirst()
  if (!row) throw problem('not_found', `There is no such ${kind}.`)
  return { name: row.name, id: scopeId, place: organization }
}

const withinOf = ({ kind, within }: Resource): ReviewPlan['within'] => ({
  ...(kind !== 'organization' && within.segment && { segment: within.segment }),
  ...(within.context && { context: within.context }),
})

async function demandPeople(db: Db, { reviewers, people, fallback }: Given): Promise<void> {
  if (reviewers === 'named' && people.length === 0) {
    throw invalidField('people', 'must name who reviews')
  }
  const active = await activeOf(db, [...people, ...fallback])
  for (const [path, ids] of Object.entries({ people, fallback })) {
    if (ids.some((id) => !active.has(id))) {
      throw invalidField(path, 'must name people who are here and have not left')
    }
  }
}

/** The lines that there would be, and all that was given, checked. */
async function planned(scope: Scope, input: Given) {
  const found = await scopeGiven(scope, input.scope)
  await demandPeople(scope.db, input)
  const { kind, privileged, unusedDays = null } = input.scope
  const at = { kind, id: found.id, name: found.name, privileged, unusedDays }
  return { at, place: found.place, lines: () => snapshotOf(scope.db, at, input, scope.now) }
}

const unanswerable = (lines: readonly NewLine[]) =>
  new Map(
    lines
      .filter(({ reviewers }) => reviewers.length === 0)
      .map(({ frozen }) => [frozen.person.id, frozen.person.name]),
  )

export async function previewReview(scope: Scope, input: Given) {
  const { lines: read } = await planned(scope, input)
  const lines = await read()
  const load = new Map<string, number>()
  for (const { reviewers } of lines) {
    for (const id of reviewers) load.set(id, (load.get(id) ?? 0) + 1)
  }
  const names = await activeOf(scope.db, [...load.keys()])
  return {
    lines: lines.length,
    people: new Set(lines.map(({ frozen }) => frozen.person.id)).size,
    privileged: lines.filter(({ frozen }) => frozen.privileged).length,
    beyond: lines.filter(({ frozen }) => goesBeyond(input.scope.kind, frozen.scope)).length,
    toRevoke: lines.filter(({ frozen }) => frozen.recommendation.decision === 'revoke').length,
    reviewers: [...load]
      .map(([id, count]) => ({ person: { id, name: names.get(id) ?? '' }, lines: count }))
      .toSorted((one, other) => other.lines - one.lines),
    nobody: [...unanswerable(lines)].map(([id, name]) => ({ id, name })),
  }
}

const mostFallbacks = 5
const day = 86_400_000

/** Two at the least where there are: nobody reviews their own access, not as the fallback either. */
export async function fallbacks(scope: Scope) {
  const { db, actor } = scope
  const self = { id: personOf(scope), name: actor.name }
  // Whoever may not see people learns of nobody here.
  const others = scope.reach('person:view').everywhere
    ? await runnersEverywhere(db, mostFallbacks)
    : []
  return { items: [self, ...others.filter(({ id }) => id !== self.id)].slice(0, mostFallbacks) }
}

export async function createReview(
  scope: Scope,
  input: InputOf<'reviews.create'>,
): Promise<string> {
  const { db, now } = scope
  const { at, place } = await planned(scope, input)
  const dueAt = new Date(input.dueAt)
  if (dueAt <= now) throw invalidField('dueAt', 'must lie in the future')
  const lasts = dueAt.getTime() - now.getTime()
  if (lasts > 365 * day) throw invalidField('dueAt', 'must lie within a year')
  if (input.remindDays && input.remindDays * day >= lasts) {
    throw invalidField('remindDays', 'must leave the review some time before it reminds')
  }
  // To the day: what is due in 30 days may begin again then.
  if (input.everyDays && (input.everyDays + 1) * day <= lasts) {
    throw invalidField('everyDays', 'must not begin the next before this one is due')
  }
  const started = await startReview(
    db,
    {
      name: input.name,
      scope: at,
      within: withinOf(place),
      reviewers: input.reviewers,
      people: input.reviewers === 'named' ? input.people : [],
      fallback: input.fallback,
      dueAt,
      remindDays: input.remindDays ?? null,
      withoutAnswer: input.withoutAnswer,
      everyDays: input.everyDays ?? null,
      startedBy: personOf(scope),
    },
    now,
  )
  if (started.lines.length === 0) {
    throw problem('conflict', 'There is nothing to review: no live grant is in this scope.')
  }
  const [nobody] = unanswerable(started.lines).values()
  if (nobody !== undefined) {
    throw invalidField(
      'fallback',
      `must name somebody else besides: nobody could review what ${nobody} holds`,
    )
  }
  const { id, name, lines, root } = started
  scope.record({
    resource: { kind: 'review', id, name },
    after: {
      state: 'running',
      scope: at,
      reviewers: input.reviewers,
      dueAt: input.dueAt,
      withoutAnswer: input.withoutAnswer,
      lines: lines.length,
    },
    detail: { root },
  })
  return id
}

/** What waits for somebody in reviews: lines of theirs to answer, and reviews of theirs to sign off. */
export async function reviewsWaiting({ db, actor, now }: Pick<Scope, 'db' | 'actor' | 'now'>) {
  const personId = actor.personId
  if (!personId) return { answer: [], signOff: [] }
  return { answer: await waitingFor(db, personId), signOff: await toSignOff(db, personId, now) }
}
