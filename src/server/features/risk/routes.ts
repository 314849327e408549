import type { AnswerOf } from '../../../contract/index.ts'
import type { Handlers } from '../../http/scope.ts'
import { knownTo, rounded, scoresBetween, titleOf, turnsBetween } from '../findings/service.ts'
import { placeOf } from '../scores/service.ts'
import { heatAt, severityOf } from './heat.ts'
import { daysOf } from './range.ts'
import {
  mostExposed,
  openRequests,
  openReviews,
  privilegedByDay,
  refusalsByDay,
  requestHealth,
  requestsByDay,
  reviewsByDay,
  secretsByAge,
} from './store.ts'

const movedShown = 200

type Turn = AnswerOf<'risk.posture'>['moved'][number]['turn']
/** Whether a finding takes from the score after a turn: what is accepted is still a risk. */
const counts = (turn: Turn | null) => turn !== null && turn !== 'muted' && turn !== 'resolved'

/** What a turn gave to the score, or took. */
function moved(turn: Turn, was: Turn | null, points: number | null): number | null {
  if (points === null) return null
  const by = Number(counts(was)) - Number(counts(turn))
  return by === 0 ? 0 : rounded(by * points)
}

const scoreOn = (day: { readonly score: number } | undefined) => (day ? rounded(day.score) : null)

export const riskHandlers: Handlers<'risk'> = {
  async posture(scope, { from: given, until: end, ...asked }) {
    scope.reach('finding:view')
    const { place } = await placeOf(scope, asked)
    const range = daysOf({ from: given, until: end }, scope.now)
    const { from, until } = range
    const scores = await scoresBetween(scope.db, place, range.beforeFrom, until)
    const turns = await turnsBetween(scope.db, knownTo(scope), place, range, movedShown + 1)
    const inRange = scores.filter(({ day }) => day >= from)
    return {
      from,
      until,
      points: inRange.map(({ day, score }) => ({ at: day, score: rounded(score) })),
      now: scoreOn(inRange.at(-1)),
      before: scoreOn(scores.findLast(({ day }) => day < from)),
      moved: turns
        .slice(0, movedShown)
        .map(({ at, findingId, detection, turn, was, says, weight, points }) => ({
          at,
          finding: findingId,
          detection,
          title: titleOf(detection),
          turn,
          says,
          severity: severityOf(weight),
          points: moved(turn, was, points),
        })),
      more: turns.length > movedShown,
    }
  },
  async heat(scope, asked) {
    const { from, until } = daysOf(asked, scope.now)
    const at = until < scope.now ? until : scope.now
    return { from, until, at, ...(await heatAt(scope, at, from)) }
  },
  async secrets(scope) {
    const reach = scope.reach('context:view')
    const cells = await secretsByAge(scope.db, reach, scope.now)
    const worst = await mostExposed(scope.db, reach, scope.now)
    return {
      cells,
      total: cells.reduce((sum, { count }) => sum + count, 0),
      worst: worst.map(({ id, name, secrets, projects, oldestAt }) => ({
        context: { id, name },
        secrets,
        projects,
        oldestAt,
      })),
    }
  },
  async privileged(scope, asked) {
    const range = daysOf(asked, scope.now)
    const all = await privilegedByDay(scope.db, scope.reach('grant:view'), range)
    const none = { standing: 0, ending: 0, requested: 0 }
    const counted = (row: (typeof all)[number] | undefined) =>
      row ? { standing: row.standing, ending: row.ending, requested: row.requested } : none
    const points = all.filter(({ at }) => at >= range.from)
    return {
      from: range.from,
      until: range.until,
      points: points.map((row) => ({ at: row.at, ...counted(row) })),
      now: counted(points.at(-1)),
      before: counted(all.findLast(({ at }) => at < range.from)),
    }
  },
  async refusals(scope, asked) {
    const range = daysOf(asked, scope.now)
    const all = await refusalsByDay(scope.db, scope.reach('decision:view'), range)
    const sum = (rows: typeof all) => rows.reduce((total, { count }) => total + count, 0)
    return {
      from: range.from,
      until: range.until,
      points: all.filter(({ at }) => at >= range.from),
      causes: [...Map.groupBy(all, ({ cause }) => cause)]
        .map(([cause, rows]) => ({
          cause,
          now: sum(rows.filter(({ at }) => at >= range.from)),
          before: sum(rows.filter(({ at }) => at < range.from)),
        }))
        .toSorted((one, other) => other.now - one.now || other.before - one.before),
    }
  },
  async requests(scope, asked) {
    const { db, now } = scope
    const reach = scope.reach('request:view')
    const range = daysOf(asked, now)
    const { from, until } = range
    const health = await requestHealth(db, reach, from, until)
    const before = await requestHealth(db, reach, range.beforeFrom, from)
    return {
      from,
      until,
      points: await requestsByDay(db, reach, range),
      medianMinutes: health.medianMinutes,
      medianMinutesBefore: before.medianMinutes,
      asked: health.asked,
      askedBefore: before.asked,
      lapsed: health.lapsed,
      lapsedBefore: before.lapsed,
      open: await openRequests(db, reach, now),
    }
  },
  async reviews(scope, asked) {
    const reach = scope.reach('review:view')
    const range = daysOf(asked, scope.now)
    const { from, until } = range
    const all = await reviewsByDay(scope.db, reach, range)
    const inRange = all.filter(({ at }) => at >= from)
    return {
      from,
      until,
      points: inRange.map(({ at, kept, ended, byRule }) => ({ at, kept, ended, byRule })),
      now: reviewed(inRange),
      before: reviewed(all.filter(({ at }) => at < from)),
      ...(await openReviews(scope.db, reach, scope.now)),
    }
  },
}

function reviewed(days: Awaited<ReturnType<typeof reviewsByDay>>) {
  const sum = (of: (day: (typeof days)[number]) => number) =>
    days.reduce((total, day) => total + of(day), 0)
  return {
    answered: sum(({ kept, ended }) => kept + ended),
    byRule: sum(({ byRule }) => byRule),
    inTime: sum(({ inTime }) => inTime),
    late: sum(({ late }) => late),
  }
}
