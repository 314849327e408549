import type { ReviewScopeKind, WithoutAnswer } from '../../../contract/reviews.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { ReviewScope } from './holdings.ts'
import { rootOver } from './root.ts'
import { snapshotOf, type NewLine, type ReviewersGiven } from './snapshot.ts'

/** All that a review is started with: by somebody, or as the next of its series. */
export interface ReviewPlan extends ReviewersGiven {
  readonly name: string
  readonly scope: ReviewScope & { readonly name: string }
  readonly within: { readonly segment?: string; readonly context?: string }
  readonly dueAt: Date
  readonly remindDays: number | null
  readonly withoutAnswer: WithoutAnswer
  readonly everyDays: number | null
  readonly startedBy: string
  /** Absent for the first. */
  readonly after?: { readonly seriesId: string; readonly number: number }
}

export interface Started {
  readonly id: string
  readonly name: string
  readonly lines: readonly NewLine[]
  readonly root: string
}

const day = 86_400_000
/** Rows that are written at a time, below PostgreSQL's 65,535 parameters. */
const slice = 2_000

/** Freezes the lines as they stand now, with their root, and asks their reviewers. */
export async function startReview(db: Db, plan: ReviewPlan, now: Date): Promise<Started> {
  const lines = await snapshotOf(db, plan.scope, plan, now)
  const id = newId()
  const root = await rootOver(lines.map(({ frozen }) => frozen))
  const { scope, within, after } = plan
  // There is nothing to answer: that is known at once, and is the evidence.
  const empty = lines.length === 0
  await db
    .insertInto('review')
    .values({
      id,
      seriesId: after?.seriesId ?? id,
      number: after?.number ?? 1,
      name: plan.name,
      scopeKind: scope.kind satisfies ReviewScopeKind,
      scopeId: scope.id,
      scopeName: scope.name,
      segmentId: within.segment ?? null,
      contextId: within.context ?? null,
      privileged: scope.privileged,
      unusedDays: scope.unusedDays,
      reviewers: plan.reviewers,
      people: [...plan.people],
      fallback: [...plan.fallback],
      withoutAnswer: plan.withoutAnswer,
      startedBy: plan.startedBy,
      startedAt: now,
      dueAt: plan.dueAt,
      remindDays: plan.remindDays,
      remindedAt: null,
      everyDays: plan.everyDays,
      nextAt: plan.everyDays ? new Date(now.getTime() + plan.everyDays * day) : null,
      state: empty ? 'closed' : 'running',
      lines: lines.length,
      root,
      signedBy: null,
      signedAt: empty ? now : null,
      closedAt: empty ? now : null,
      finalRoot: empty ? root : null,
    })
    .execute()
  for (let from = 0; from < lines.length; from += slice) {
    const some = lines
      .slice(from, from + slice)
      .map(({ frozen, reviewers }) => ({ lineId: newId(), frozen, reviewers }))
    await db
      .insertInto('reviewLine')
      .values(
        some.map(({ lineId, frozen }) => ({
          id: lineId,
          reviewId: id,
          number: frozen.number,
          grantId: frozen.grantId,
          personId: frozen.person.id,
          teamId: frozen.via.kind === 'team' ? frozen.via.id : null,
          snapshot: JSON.stringify(frozen),
        })),
      )
      .execute()
    await db
      .insertInto('reviewAnswer')
      .values(
        some.map(({ lineId, frozen, reviewers }) => ({
          lineId,
          reviewId: id,
          personId: frozen.person.id,
          number: frozen.number,
          reviewers: [...reviewers],
          decision: null,
          decidedBy: null,
          decidedAt: null,
          delegatedBy: null,
          result: null,
          resultSays: null,
          appliedAt: null,
        })),
      )
      .execute()
  }
  return { id, name: plan.name, lines, root }
}
