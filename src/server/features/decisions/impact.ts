import type { SqlBool, RawBuilder } from 'kysely'
import { impactDays, impactRows, type ImpactChange } from '../../../contract/impact.ts'
import type { AnswerOf } from '../../../contract/index.ts'
import type { Scope } from '../../http/scope.ts'
import { takingTurns } from '../../http/turns.ts'
import { recordedDecisions, type RecordedDecision } from './recorded.ts'
import { decisionsWithin } from './visible.ts'

type Answer = AnswerOf<'contexts.impact'>

/** Most decisions that one preview asks again, the newest, and how many it reads at a time. */
const mostAsked = 20_000
const sliceSize = 2_000

/** What becomes of one decision: turned, with the sentence; unchanged; or not to be told from the record. */
type Asked = { readonly change: ImpactChange; readonly sentence: string } | 'same' | 'untold'

/**
 * Asks the decisions of the last days again that the reader may see, and tells what turns. Between slices everybody else's
 * requests are answered.
 */
export async function previewImpact(
  scope: Pick<Scope, 'db' | 'now' | 'reach'>,
  narrow: {
    projectId?: string
    contextId?: string
    action?: string
    where?: readonly RawBuilder<SqlBool>[]
  },
  ask: (row: RecordedDecision) => Asked | Promise<Asked>,
): Promise<Answer> {
  const { db, now } = scope
  const { where = [], ...named } = narrow
  const slice = {
    from: new Date(now.getTime() - impactDays * 86_400_000),
    until: now,
    ...named,
    where: [...where, decisionsWithin(scope.reach('decision:view'))],
  }
  const turned: { row: RecordedDecision; change: ImpactChange; sentence: string }[] = []
  let [asked, untold] = [0, 0]
  const turn = takingTurns()
  let after: readonly [string, string] | undefined
  for (;;) {
    const limit = Math.min(sliceSize, mostAsked - asked + 1)
    const rows = await recordedDecisions(db, slice, {
      newest: true,
      limit,
      ...(after && { after }),
    })
    for (const row of rows.slice(0, mostAsked - asked)) {
      await turn()
      const answer = await ask(row)
      if (answer === 'untold') untold++
      else if (answer !== 'same') turned.push({ row, ...answer })
    }
    const more = asked + rows.length > mostAsked
    asked = Math.min(mostAsked, asked + rows.length)
    const last = rows.at(-1)
    if (!more && last && rows.length === limit) {
      after = [last.place, last.id]
      continue
    }
    const names = await namesOf(scope, turned)
    const named = (id: string | null) => (id ? { id, name: names.get(id) ?? id } : null)
    const of = (change: ImpactChange) => turned.filter((each) => each.change === change)
    const by = (change: ImpactChange) => {
      const groups = Map.groupBy(of(change), ({ row }) => askerOf(row).id)
      return [...groups.values()]
        .map((rows) => Object.assign(askerOf(rows[0]!.row, names), { count: rows.length }))
        .toSorted((one, other) => other.count - one.count)
        .slice(0, 200)
    }
    return {
      days: impactDays,
      asked,
      more,
      untold,
      newlyDenied: of('newly_denied').length,
      newlyPermitted: of('newly_permitted').length,
      deniedBy: by('newly_denied'),
      permittedBy: by('newly_permitted'),
      // What opens is shown first: it is what somebody must answer for.
      rows: [...of('newly_permitted'), ...of('newly_denied')]
        .slice(0, impactRows)
        .map(({ row, change, sentence }) => ({
          decisionId: row.id,
          at: row.at,
          change,
          actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
          action: row.action,
          resource: { kind: row.resourceKind, id: row.resourceId, name: row.resourceName },
          project: named(row.projectId),
          context: named(row.contextId),
          sentence,
        })),
    }
  }
}

/** A run is its project's; anything else somebody's. */
function askerOf(row: RecordedDecision, names?: ReadonlyMap<string, string>) {
  const { projectId, actorId, actorName } = row
  if (!row.run || !projectId) return { id: actorId, name: actorName }
  return { id: projectId, name: names?.get(projectId) ?? actorName }
}

async function namesOf(
  { db }: Pick<Scope, 'db'>,
  turned: readonly { row: RecordedDecision }[],
): Promise<ReadonlyMap<string, string>> {
  const ids = (member: 'projectId' | 'contextId') => [
    ...new Set(turned.flatMap(({ row }) => row[member] ?? [])),
  ]
  const [projects, contexts] = [ids('projectId'), ids('contextId')]
  const found = [
    ...(projects.length > 0
      ? await db.selectFrom('project').where('id', 'in', projects).select(['id', 'name']).execute()
      : []),
    ...(contexts.length > 0
      ? await db.selectFrom('context').where('id', 'in', contexts).select(['id', 'name']).execute()
      : []),
  ]
  return new Map(found.map(({ id, name }) => [id, name] as const))
}
