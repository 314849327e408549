import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { demandNamed } from '../../http/named.ts'
import { invalidField } from '../../http/problem.ts'
import type { Handlers, Scope } from '../../http/scope.ts'
import { contextResource } from '../contexts/service.ts'
import { scoreOf, seenBy, trendOf, type ScoredPlace } from '../findings/service.ts'
import { organization } from '../../decision/organization.ts'
import { personResource } from '../people/service.ts'
import { projectResource } from '../projects/service.ts'
import { segmentResource } from '../segments/service.ts'

const loaders: Readonly<Record<Exclude<ScoredPlace['kind'], 'organization'>, ResourceLoader<Db>>> =
  {
    segment: segmentResource,
    project: projectResource,
    context: contextResource,
    person: personResource,
  }
const kinds = Object.keys(loaders) as (keyof typeof loaders)[]

/** The one place that is asked about: its findings must be there for whoever asks, and so must it be itself. */
async function placeOf(
  scope: Scope,
  input: InputOf<'scores.view'>,
): Promise<{ place: ScoredPlace; resource: Resource }> {
  const asked = kinds.filter((kind) => input[kind] !== undefined)
  const [kind, second] = asked
  if (second) {
    throw invalidField(second, 'must not be asked for together with another')
  }
  if (!kind) {
    scope.demand('finding:view', organization)
    return { place: { kind: 'organization' }, resource: organization }
  }
  const id = input[kind] ?? ''
  const found = await loaders[kind](scope.db, id)
  const resource = demandNamed(scope, kind, kind, found, ['finding:view'])
  demandNamed(scope, kind, kind, found, [seenBy[kind]])
  return { place: { kind, id }, resource }
}

const rounded = (value: number) => Math.round(value * 100) / 100

async function view(scope: Scope, input: InputOf<'scores.view'>): Promise<AnswerOf<'scores.view'>> {
  scope.reach('finding:view')
  const { place, resource } = await placeOf(scope, input)
  const { score, weights, lines, without } = await scoreOf(
    scope.db,
    place,
    scope.now,
    (kind) => kind !== 'organization' && scope.decide(seenBy[kind], resource).outcome === 'denied',
  )
  return {
    place: { ...place, name: resource.name },
    score: score === undefined ? null : rounded(score),
    unavailable:
      score === undefined
        ? (without.find(({ why }) => /looked for/.test(why))?.why ??
          'There is nothing here yet that could be at risk.')
        : null,
    weights,
    parts: lines.map(({ detection, weight, objects, affected, lost }) => ({
      detection: detection.id,
      title: detection.title,
      severity: detection.severity,
      weight,
      objects,
      affected,
      lost: rounded(lost),
    })),
    without: without.map(({ detection, why }) => ({ title: detection.title, why })),
    trend: (await trendOf(scope.db, place)).map(({ day, score: then }) => ({
      day,
      score: rounded(then),
    })),
  }
}

export const scoreHandlers: Handlers<'scores'> = { view }
