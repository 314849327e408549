import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { rounded, scoreOf, seenBy, trendOf } from '../findings/service.ts'
import { placeOf } from './service.ts'

/**
 * Rounded so that the lines add up to what is missing of 100, by largest remainder: each is at most a hundredth from what
 * it is, and whoever adds them up comes to the score that is shown.
 */
function roundedLines(lines: readonly { readonly lost: number }[], score: number): number[] {
  const down = lines.map(({ lost }) => Math.floor(lost * 100))
  const missing =
    Math.round(10_000 - rounded(score) * 100) - down.reduce((sum, one) => sum + one, 0)
  const next = lines
    .map(({ lost }, at) => ({ at, rest: lost * 100 - Math.floor(lost * 100) }))
    .toSorted((one, other) => other.rest - one.rest)
    .slice(0, missing)
  const up = new Set(next.map(({ at }) => at))
  return down.map((one, at) => (one + (up.has(at) ? 1 : 0)) / 100)
}

async function view(scope: Scope, input: InputOf<'scores.view'>): Promise<AnswerOf<'scores.view'>> {
  scope.reach('finding:view')
  const { place, resource } = await placeOf(scope, input)
  const { score, weights, lines, without } = await scoreOf(
    scope.db,
    place,
    scope.now,
    (kind) => kind !== 'organization' && scope.decide(seenBy[kind], resource).outcome === 'denied',
  )
  const lost = score === undefined ? [] : roundedLines(lines, score)
  return {
    place: { ...place, name: resource.name },
    score: score === undefined ? null : rounded(score),
    unavailable:
      score === undefined
        ? (without.find(({ why }) => /looked for/.test(why))?.why ??
          'There is nothing here yet that could be at risk.')
        : null,
    weights,
    parts: lines.map(({ detection, weight, objects, affected, untold }, at) => ({
      detection: detection.id,
      title: detection.title,
      severity: detection.severity,
      weight,
      objects,
      affected,
      untold:
        untold > 0 && detection.tells ? { objects: untold, why: detection.tells.otherwise } : null,
      lost: lost[at] ?? 0,
    })),
    without: without.map(({ detection, why }) => ({ title: detection.title, why })),
    trend: (await trendOf(scope.db, place, scope.now)).map(({ day, score: then }) => ({
      day: day.toISOString().slice(0, 10),
      score: rounded(then),
    })),
  }
}

export const scoreHandlers: Handlers<'scores'> = { view }
