import type { DecisionFilter } from '../../../contract/decisions.ts'
import { countedRows, type ListFile, type Reader } from '../../http/list-file.ts'
import { decisionAnswer } from './answer.ts'
import { listDecisions, someDecisions } from './store.ts'

type Row = Awaited<ReturnType<typeof listDecisions>>[number]

const upToNow = ({ now }: Reader, query: DecisionFilter): DecisionFilter => ({
  ...query,
  until: query.until && new Date(query.until) < now ? query.until : now.toISOString(),
})
const readerOf = ({ actor, reach }: Reader) => ({ actor, reach: reach('decision:view') })

/** Recorded decisions up to the moment at which they were asked for, newest first. */
export const decisionsFile: ListFile<DecisionFilter, Row> = {
  may: 'decision:view',
  total: (reader, query) =>
    countedRows(reader.db, (limit) =>
      someDecisions(reader.db, readerOf(reader), upToNow(reader, query), limit),
    ),
  rows: (reader, query, { limit, after }) =>
    listDecisions(reader.db, readerOf(reader), upToNow(reader, query), limit, after),
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
