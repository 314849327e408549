import type { InputOf } from '../../../contract/index.ts'
import { countedRows, type ListFile } from '../../http/list-file.ts'
import { historyOf, requestAnswer } from './answer.ts'
import { stakeOf } from './standing.ts'
import { listRequests, someRequests, stepsOf } from './store.ts'

type Query = Omit<InputOf<'requests.list'>, 'cursor' | 'limit'>

interface Row {
  readonly request: ReturnType<typeof requestAnswer>
  readonly history: ReturnType<typeof historyOf>
}

const words: Readonly<Record<Row['history'][number]['kind'], string>> = {
  asked: 'asked',
  approved: 'approved',
  narrowed: 'approved narrower',
  denied: 'denied',
  asked_back: 'asked back',
  answered: 'answered',
  withdrawn: 'withdrawn',
  lapsed: 'lapsed',
  began: 'access began',
  ended: 'access ended',
  expired: 'access expired',
}

/** A turn of a request, in a line of a cell. */
const said = ({ at, kind, by, step, text }: Row['history'][number]) =>
  `${new Date(at).toISOString()} ${words[kind]}${by ? ` by ${by.name}` : ''}${step ? ` (${step})` : ''}${text && `: ${text}`}`

const moment = (at: Date | string | undefined) => at && new Date(at).toISOString()

/** Access requests as they were when they were asked for, newest first, each with all that was done with it. */
export const requestsFile: ListFile<Query, Row> = {
  // As their page: one's own, those that one decides on, and those that one may see.
  may: 'signed-in',
  total: (reader, query) =>
    countedRows(reader.db, (limit) =>
      someRequests(reader.db, stakeOf(reader), query, reader.now, limit),
    ),
  async rows(reader, query, { limit, after }) {
    const { db, now } = reader
    const page = { ...query, limit: limit - 1 }
    const rows = await listRequests(db, stakeOf(reader), page, now, after?.[0])
    if (rows.length === 0) return []
    const steps = Map.groupBy(
      await stepsOf(
        db,
        rows.map(({ id }) => id),
      ),
      ({ requestId }) => requestId,
    )
    return rows.map((row) => ({
      request: requestAnswer(row),
      history: historyOf(row, steps.get(row.id) ?? [], now),
    }))
  },
  place: ({ request }) => [request.id],
  begin: (fileId) => [fileId],
  head: 'request,state,role,scope,place,for,minutes,asked,answer by,decided,begins,ends,ended,ended by,why ended,reason,ticket,history'.split(
    ',',
  ),
  cells: ({ request, history }) => [
    request.id,
    request.state,
    request.role.name,
    request.scope.kind,
    request.scope.name,
    request.requester.name,
    request.durationMinutes,
    moment(request.createdAt),
    moment(request.answerBy),
    moment(request.decidedAt),
    moment(request.grant?.startsAt ?? request.startsAt),
    moment(request.grant?.expiresAt),
    moment(request.grant?.endedAt),
    request.grant?.endedBy?.name,
    request.grant?.endReason,
    request.reason,
    request.ticket,
    history.map(said).join('\n'),
  ],
  line({ request, history }) {
    const { version: _, ...rest } = request
    return { ...rest, history }
  },
}
