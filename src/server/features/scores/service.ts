import type { InputOf } from '../../../contract/index.ts'
import type { Db } from '../../db/connect.ts'
import { organization } from '../../decision/organization.ts'
import type { Resource, ResourceLoader } from '../../decision/types.ts'
import { demandNamed } from '../../http/named.ts'
import { invalidField } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { contextResource } from '../contexts/service.ts'
import { seenBy, type ScoredPlace } from '../findings/service.ts'
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
export async function placeOf(
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
