import type { DecisionFilter } from '../../../contract/decisions.ts'
import type { ListFile } from '../../http/list-file.ts'
import { decisionAnswer } from './answer.ts'
import { listDecisions } from './store.ts'

type Row = Awaited<ReturnType<typeof listDecisions>>[number]

/** Recorded decisions up to the moment at which they were asked for, newest first. */
export const decisionsFile: ListFile<DecisionFilter, Row> = {
  may: 'decision:view',
  rows({ db, actor, now, reach }, query, { limit, after }) {
    const until = query.until && new Date(query.until) < now ? query.until : now.toISOString()
    const reader = { actor, reach: reach('decision:view') }
    return listDecisions(db, reader, { ...query, until }, limit, after)
  },
  place: ({ place, id }) => [place, id],
  head: 'time,decision,outcome,actor kind,actor,actor id,action,kind,object,object id,project,context,sentence'.split(
    ',',
  ),
  cells: (row) => [
    row.at.toISOString(),
    row.id,
    row.outcome,
    row.actorKind,
    row.actorName,
    row.actorId,
    row.action,
    row.resourceKind,
    row.resourceName,
    row.resourceId,
    row.projectName ?? row.projectId ?? undefined,
    row.contextName ?? row.contextId ?? undefined,
    row.sentence,
  ],
  line: decisionAnswer,
}
