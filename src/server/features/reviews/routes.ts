import type { AnswerOf } from '../../../contract/index.ts'
import { fromIdCursor, fromNumberCursor, pageOf } from '../../http/cursor.ts'
import { problem } from '../../http/problem.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import type { PackKeys } from '../audit/service.ts'
import { decide, decideMany, delegate, undo } from './answering.ts'
import { cancelReview, whyNotCancelled } from './cancel.ts'
import { diligenceOf } from './diligence.ts'
import { driftOf, driftSaid, recommendedNow } from './drift.ts'
import { asCsv } from './evidence.ts'
import { takePack } from './pack.ts'
import type { ReviewRunner } from './runner.ts'
import { revokingSaid } from './revoking.ts'
import { createReview, fallbacks, previewReview } from './service.ts'
import { signOff, whyNotYet, wouldStay } from './sign-off.ts'
import { personOf, resourceOf, seesWhole, theReview } from './standing.ts'
import {
  findLine,
  listLines,
  listReviews,
  namesOf,
  resultsOf,
  teamSizes,
  type LineRow,
  type ReviewRow,
} from './store.ts'

/** Does something with a line, and answers it as it is then. */
const thenShown =
  <I extends { readonly reviewId: string; readonly lineId: string }>(
    work: (scope: Scope, input: I) => Promise<void>,
  ) =>
  async (scope: Scope, input: I) => {
    // Whoever leaves their last line to somebody else takes no part any more.
    const review = await theReview(scope, input.reviewId)
    await work(scope, input)
    const row = await findLine(scope.db, input.reviewId, input.lineId)
    if (!row) throw problem('not_found', 'There is no such line.')
    return lineShown(scope, row, await around(scope, review, [row]))
  }

export const reviewHandlers = (
  runner: Pick<ReviewRunner, 'wake'>,
  keys: Omit<PackKeys, 'verifierKey'>,
): Handlers<'reviews'> => ({
  async list(scope, input) {
    const after = fromIdCursor(input.cursor, 1)?.[0]
    const sees = scope.reach('review:view')
    const rows = await listReviews(scope.db, personOf(scope), sees, input, after)
    const { shown: items, next } = pageOf(rows, input.limit, ({ id }) => [id])
    return { items: items.map(shown), ...next }
  },
  preview: previewReview,
  fallbacks,
  async create(scope, input) {
    return detail(scope, await createReview(scope, input))
  },
  view: (scope, { reviewId }) => detail(scope, reviewId),
  async lines(scope, { reviewId, mine, answer, cursor, limit }) {
    const review = await theReview(scope, reviewId)
    const after = fromNumberCursor(cursor)
    const whole = seesWhole(scope, review)
    const rows = await listLines(scope.db, reviewId, {
      limit,
      answer,
      ...(after !== undefined && { after }),
      ...((mine || !whole) && { of: personOf(scope) }),
    })
    const { shown: some, next } = pageOf(rows, limit, ({ number }) => [number])
    const known = await around(scope, review, some)
    return { items: some.map((row) => lineShown(scope, row, known)), ...next }
  },
  async drift(scope, { reviewId }) {
    return driftOf(scope.db, await theReview(scope, reviewId), scope.now)
  },
  diligence: ({ db }, { reviewId }) => diligenceOf(db, reviewId),
  decide: thenShown(decide),
  async decideMany(scope, input) {
    return { decided: await decideMany(scope, input) }
  },
  undo: thenShown(undo),
  delegate: thenShown(delegate),
  async signOff(scope, { reviewId }) {
    await signOff(scope, reviewId)
    scope.transaction.after(() => runner.wake())
    return detail(scope, reviewId)
  },
  async cancel(scope, input) {
    await cancelReview(scope, input)
    return detail(scope, input.reviewId)
  },
  async export(scope, { reviewId }) {
    const review = await theReview(scope, reviewId)
    const { kind, id, name } = resourceOf(review)
    scope.record({ resource: { kind, id, name }, detail: { format: 'csv', lines: review.lines } })
    return { body: asCsv(review), filename: 'access-review.csv' }
  },
  evidence: (scope, { reviewId }) => takePack(scope, reviewId, keys),
})

function shown(row: ReviewRow): AnswerOf<'reviews.list'>['items'][number] {
  return {
    id: row.id,
    seriesId: row.seriesId,
    name: row.name,
    state: row.state,
    scope: {
      kind: row.scopeKind,
      ...(row.scopeId && { id: row.scopeId }),
      name: row.scopeName,
      privileged: row.privileged,
      ...(row.unusedDays && { unusedDays: row.unusedDays }),
    },
    startedBy: { id: row.startedBy, name: row.starterName },
    startedAt: row.startedAt,
    dueAt: row.dueAt,
    withoutAnswer: row.withoutAnswer,
    ...(row.everyDays && { everyDays: row.everyDays }),
    lines: row.lines,
    answered: row.answered,
    mine: row.mine,
    ...(row.closedAt && { closedAt: row.closedAt }),
    version: row.version,
  }
}

async function detail(scope: Scope, id: string): Promise<AnswerOf<'reviews.view'>> {
  const row = await theReview(scope, id)
  const { revoked, ...results } = await resultsOf(scope.db, id)
  const runs = scope.decide('review:run', resourceOf(row)).outcome === 'permitted'
  const notYet = whyNotYet(row, scope.now)
  const whole = seesWhole(scope, row)
  return {
    ...shown(row),
    reviewers: row.reviewers,
    ...(row.remindDays && { remindDays: row.remindDays }),
    root: row.root,
    ...(row.finalRoot && { finalRoot: row.finalRoot }),
    ...(row.signedBy && { signedBy: { id: row.signedBy, name: row.signerName ?? '' } }),
    ...(row.signedAt && { signedAt: row.signedAt }),
    ...(row.cancelledBy && { cancelledBy: { id: row.cancelledBy, name: row.cancellerName ?? '' } }),
    ...(row.cancelledAt && { cancelledAt: row.cancelledAt }),
    ...(row.cancelReason && { cancelReason: row.cancelReason }),
    revoked,
    wouldStay: row.state === 'running' && runs ? await wouldStay(scope.db, id) : 0,
    results,
    whole,
    mayCancel: runs && whyNotCancelled(row) === undefined,
    maySignOff: runs && notYet === undefined,
    mayExport: whole,
    ...(runs && notYet && row.state === 'running' && { whyNotYet: notYet }),
  }
}

interface Around {
  readonly review: ReviewRow
  readonly names: ReadonlyMap<string, string>
  readonly sizes: ReadonlyMap<string, number>
}

/** What lines name besides themselves, asked once for all of them. */
async function around(scope: Scope, review: ReviewRow, rows: readonly LineRow[]): Promise<Around> {
  const reviewers = rows.flatMap((row) => row.reviewers)
  const teams = review.state === 'running' ? rows.flatMap(({ teamId }) => teamId ?? []) : []
  return {
    review,
    names: await namesOf(scope.db, reviewers),
    sizes: await teamSizes(scope.db, teams),
  }
}

function lineShown(
  scope: Scope,
  row: LineRow,
  { review, names, sizes }: Around,
): AnswerOf<'reviews.lines'>['items'][number] {
  const personId = personOf(scope)
  const { decision, decidedBy } = row
  const running = review.state === 'running'
  const own = decision !== null && decidedBy === personId
  const asked = row.reviewers.includes(personId) && row.personId !== personId
  const drift = driftSaid(row, scope.now)
  const recommended = recommendedNow(review, row)
  return {
    ...row.snapshot,
    id: row.lineId,
    reviewers: row.reviewers.map((id) => ({ id, name: names.get(id) ?? '' })),
    ...(decision && { decision }),
    justification: row.justification,
    ...(decidedBy && { decidedBy: { id: decidedBy, name: row.deciderName ?? '' } }),
    ...(row.decidedAt && { decidedAt: row.decidedAt }),
    byRule: row.byRule,
    ...(row.result && { result: row.result }),
    ...(row.resultSays && { resultSays: row.resultSays }),
    ...(row.appliedAt && { appliedAt: row.appliedAt }),
    ...(drift && { drift }),
    ...(recommended && { recommendedNow: recommended }),
    revoking: running ? revokingSaid(review, row, sizes) : [],
    mayDecide: running && (own || (asked && decision === null)),
    mayUndo: running && own,
    version: row.version,
  }
}
