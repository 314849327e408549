import { weights } from '../../../contract/findings.ts'
import type { ListFile } from '../../http/list-file.ts'
import { knownTo, findingAnswer } from './service.ts'
import { findingsOnPaper } from './paper.ts'
import { listFindings, type Filters } from './store.ts'

type Row = Awaited<ReturnType<typeof listFindings>>[number]

/** Findings that were there at the moment at which they were asked for, the worst first. */
export const findingsFile: ListFile<Filters, Row> = {
  may: 'finding:view',
  rows(reader, query, { limit, after }) {
    return listFindings(reader.db, knownTo(reader), query, {
      limit: limit - 1,
      ...(query.severity && { weight: weights[query.severity] }),
      ...(after && { after }),
    })
  },
  place: ({ weight, openedAt, id }) => [String(weight), openedAt.toISOString(), id],
  includes: ({ openedAt }, now) => openedAt <= now,
  head: 'finding,severity,title,state,kind,object,object id,what is wrong,person,project,context,opened,resolved,until,owner'.split(
    ',',
  ),
  cells(row) {
    const { title, severity } = findingAnswer(row)
    return [
      row.id,
      severity,
      title,
      row.state,
      row.subjectKind,
      row.subjectName,
      row.subjectId,
      row.says,
      row.personName ?? undefined,
      row.projectName ?? undefined,
      row.contextName ?? undefined,
      row.openedAt.toISOString(),
      row.resolvedAt?.toISOString(),
      row.until?.toISOString(),
      row.ownerName ?? undefined,
    ]
  },
  line(row) {
    const { version: _, ...rest } = findingAnswer(row)
    return rest
  },
  paper: findingsOnPaper,
}
