import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Flow } from '../../decision/zones.ts'
import { demandNamed } from '../../http/named.ts'
import { invalidField, problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import {
  deleteFlow,
  flowsAmong,
  insertFlow,
  matrixVersion,
  moveMatrix,
  segmentsSeen,
} from './flow-store.ts'
import { segmentResource, segmentResourceOf } from './service.ts'

type Matrix = AnswerOf<'segments.flows'>

/** The matrix of what one may see. First its version: one that is older than the flows is told to be stale. */
export async function flowMatrix(scope: Scope): Promise<Matrix> {
  const version = await matrixVersion(scope.db)
  const segments = await segmentsSeen(scope.db, scope.reach('segment:view'))
  const flows = await flowsAmong(
    scope.db,
    segments.map(({ id }) => id),
  )
  return {
    version,
    segments: segments.map((row) => ({
      id: row.id,
      name: row.name,
      tier: row.tier,
      mayChange: scope.allowed(segmentResourceOf(row)).includes('segment:update'),
    })),
    flows: flows.map(({ fromId, toId, reason, createdAt, createdBy, name }) => ({
      from: fromId,
      to: toId,
      reason,
      createdAt,
      createdBy: createdBy && name ? { id: createdBy, name } : null,
    })),
  }
}

interface Named extends Flow {
  /** “Build → Staging”, as events and sentences say it. */
  readonly words: string
}

export interface FlowsWanted {
  readonly allow: readonly Named[]
  readonly stop: readonly Named[]
}

/** The flows that are named, for whoever may change both of their ends. */
export async function flowsWanted(
  scope: Scope,
  { allow, stop }: Pick<InputOf<'segments.changeFlows'>, 'allow' | 'stop'>,
): Promise<FlowsWanted> {
  const known = new Map<string, string>()
  const nameOf = async (path: string, id: string) => {
    const before = known.get(id)
    if (before) return before
    const found = await segmentResource(scope.db, id)
    const segment = demandNamed(scope, path, 'segment', found, ['segment:view', 'segment:update'])
    scope.demand('segment:update', segment)
    known.set(id, segment.name)
    return segment.name
  }
  const named = async (list: 'allow' | 'stop', given: readonly { from: string; to: string }[]) => {
    const found: Named[] = []
    for (const [at, { from, to }] of given.entries()) {
      const path = `${list}.${at}`
      const words = `${await nameOf(`${path}.from`, from)} → ${await nameOf(`${path}.to`, to)}`
      if (from === to) throw invalidField(`${path}.to`, 'must be another segment')
      found.push({ fromId: from, toId: to, words })
    }
    return found
  }
  const wanted = { allow: await named('allow', allow), stop: await named('stop', stop) }
  const both = wanted.allow.findIndex((one) => wanted.stop.some((other) => same(one, other)))
  if (both >= 0) throw invalidField(`allow.${both}`, 'must not be stopped at the same time')
  // Nobody is named: without a flow it is asked whether one may change any at all.
  if (known.size === 0) throw invalidField('allow', 'or `stop` must name a flow')
  return wanted
}

export const same = (one: Flow, other: Flow): boolean =>
  one.fromId === other.fromId && one.toId === other.toId

export async function changeFlows(
  scope: Scope,
  { reason, ...input }: InputOf<'segments.changeFlows'>,
): Promise<Matrix> {
  const { allow, stop } = await flowsWanted(scope, input)
  if (allow.length > 0 && !reason?.trim()) {
    const message = `is missing: say why ${allow.map(({ words }) => words).join(', ')} is allowed`
    const sentence = 'A flow that is newly allowed opens what was refused. Say why.'
    throw problem('reason_required', sentence, { fields: [{ path: 'reason', message }] })
  }
  const before = await flowMatrix(scope)
  if (!(await moveMatrix(scope.db, scope.expectedVersion ?? 0))) {
    throw problem('stale', 'Somebody changed the flows since you loaded them.', {
      current: await flowMatrix(scope),
    })
  }
  const createdBy = scope.actor.personId ?? null
  for (const flow of stop) await deleteFlow(scope.db, flow)
  for (const { fromId, toId } of allow) {
    await insertFlow(scope.db, { fromId, toId, reason: reason ?? '', createdBy })
  }
  const after = await flowMatrix(scope)
  scope.record({
    resource: { kind: 'segment', id: (allow[0] ?? stop[0])?.toId ?? '', name: 'flows' },
    before: told(before),
    after: told(after),
    detail: {
      ...(allow.length > 0 && { allowed: allow.map(({ words }) => words) }),
      ...(stop.length > 0 && { stopped: stop.map(({ words }) => words) }),
      ...(reason && { reason }),
    },
  })
  return after
}

function told({ segments, flows }: Matrix): string[] {
  const names = new Map(segments.map(({ id, name }) => [id, name]))
  return flows.map(({ from, to }) => `${names.get(from)} → ${names.get(to)}`)
}
