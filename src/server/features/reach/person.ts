import type { InputOf } from '../../../contract/index.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { accessPath, liveGrantsOf } from '../grants/service.ts'
import { personResource } from '../people/service.ts'
import { placeOf, radiusOf, since, type Radius, type Reached } from './answer.ts'
import { powers } from './powers.ts'
import { contextsWithActs, type ContextSeen } from './store.ts'

type Path = ReturnType<typeof accessPath>

const covers = ({ scope }: Path, { id, segmentId }: ContextSeen) =>
  scope.kind === 'organization' ||
  (scope.kind === 'segment' && scope.id === segmentId) ||
  (scope.kind === 'context' && scope.id === id)

/** Team, where it comes by one → grant → role → where it holds. */
const wayOf = ({ via, grantId, role, scope }: Path): Reached['ways'][number] => [
  ...(via.kind === 'team' ? [{ kind: 'team' as const, id: via.id, name: via.name }] : []),
  { kind: 'grant', id: grantId, name: 'grant' },
  { kind: 'role', id: role.id, name: role.name },
  { kind: 'scope', id: scope.id ?? '', name: scope.name },
]

/** As far as the reader may see grants and contexts; what the person did counts only in what they may see. */
export async function ofPerson(
  scope: Pick<Scope, 'db' | 'now' | 'reach'>,
  { personId }: InputOf<'reach.ofPerson'>,
): Promise<Radius> {
  const { db, now } = scope
  const person = await personResource(db, personId)
  if (!person) throw problem('not_found', 'There is no such person.')
  const grants = await liveGrantsOf(db, scope.reach('grant:view'), personId, now)
  const paths = grants
    .map(accessPath)
    .map((path) => ({ path, may: powers.filter((power) => path.permissions.includes(power)) }))
    .filter(({ may }) => may.length > 0)
  const contexts = await contextsWithActs(db, personId, scope.reach('context:view'), since(now))
  return radiusOf(
    contexts.flatMap((row): Reached[] => {
      const held = paths.filter(({ path }) => covers(path, row))
      if (held.length === 0 && row.used === 0) return []
      return [
        {
          context: { id: row.id, name: row.name },
          segment: placeOf(row),
          secrets: row.secrets,
          may: powers.filter((power) => held.some(({ may }) => may.includes(power))),
          ways: held.slice(0, 10).map(({ path }) => wayOf(path)),
          used: row.used,
          lastUsedAt: row.lastUsedAt,
        },
      ]
    }),
  )
}
