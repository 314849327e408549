import { weights } from '../../../contract/findings.ts'
import { countedRows, type ListFile } from '../../http/list-file.ts'
import { about, evidenceAnswer, findingAnswer, knownTo } from './service.ts'
import { findingsOnPaper } from './paper.ts'
import {
  evidenceOf,
  listFindings,
  someFindings,
  type Filters,
  type FindingRow,
  type Proof,
} from './store.ts'

interface Row {
  readonly finding: FindingRow & { readonly weight: number }
  readonly proof: Proof
}

const weightOf = ({ severity }: Filters) => severity && { weight: weights[severity] }

/** A row that proves it, in a line of a cell. */
const proves = ({ what, name, says, at, line }: Proof['rows'][number]) =>
  [
    `${what}: ${name}${line ? `, line ${line}` : ''}`,
    ...(says ? [says] : []),
    ...(at ? [new Date(at).toISOString()] : []),
  ].join(' · ')

const evidence = ({ rows, more }: Proof): string =>
  [...rows.map(proves), ...(more > 0 ? [`${more} more`] : [])].join('\n')

/** Findings that were there at the moment at which they were asked for, the worst first, with what proves each. */
export const findingsFile: ListFile<Filters, Row> = {
  may: 'finding:view',
  total: (reader, query) =>
    countedRows(reader.db, (limit) =>
      someFindings(knownTo(reader), query, { limit, by: reader.now, ...weightOf(query) }),
    ),
  async rows(reader, query, { limit, after }) {
    const found = await listFindings(reader.db, knownTo(reader), query, {
      limit: limit - 1,
      ...weightOf(query),
      ...(after && { after }),
    })
    const proofs = await evidenceOf(
      reader.db,
      found.map(({ id }) => id),
    )
    return found.map((finding) => ({
      finding,
      proof: proofs.get(finding.id) ?? { rows: [], more: 0 },
    }))
  },
  place: ({ finding: { weight, openedAt, id } }) => [String(weight), openedAt.toISOString(), id],
  includes: ({ finding: { openedAt } }, now) => openedAt <= now,
  head: 'finding,severity,title,state,kind,object,object id,what is wrong,person,project,context,opened,resolved,until,owner,reason,owasp,controls,fix,evidence'.split(
    ',',
  ),
  cells({ finding: row, proof }) {
    const { title, severity } = findingAnswer(row)
    const { cicdRisk, controls, fix } = about(row)
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
      row.reason ?? undefined,
      cicdRisk,
      controls.join('; '),
      fix.label,
      evidence(proof),
    ]
  },
  line({ finding: row, proof }) {
    const { version: _, ...rest } = findingAnswer(row)
    const { cicdRisk, controls, fix } = about(row)
    return {
      ...rest,
      reason: row.reason,
      cicdRisk,
      controls,
      fix: fix.label,
      evidence: proof.rows.map(evidenceAnswer),
      more: proof.more,
    }
  },
  paper: findingsOnPaper,
}
