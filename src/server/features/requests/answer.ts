import type { AnswerOf } from '../../../contract/index.ts'
import { givenTo, scopeShown } from './standing.ts'
import { stepsShown } from './steps.ts'
import { ruleOf, type stepsOf, type RequestRow } from './store.ts'

export const waits = ({ stateNow }: RequestRow) =>
  stateNow === 'pending' || stateNow === 'asked_back'

/** A request as a list shows it, but for what the reader may do with it. */
export function requestAnswer(
  row: RequestRow,
): Omit<AnswerOf<'requests.list'>['items'][number], 'may'> {
  const { startsAt, asked } = row
  return {
    id: row.id,
    state: row.stateNow,
    requester: { id: row.requesterId, name: row.requesterName },
    role: { ...(row.roleId && { id: row.roleId }), name: row.roleNameNow },
    scope: scopeShown(row),
    durationMinutes: row.durationMinutes,
    ...(startsAt && { startsAt }),
    reason: row.reason,
    ...(row.ticket !== null && { ticket: row.ticket }),
    createdAt: row.createdAt,
    answerBy: row.answerBy,
    ...(row.decidedAt && { decidedAt: row.decidedAt }),
    ...(asked && { asked: { ...asked, ...(startsAt && { startsAt }) } }),
    ...(row.extendsId && { extends: row.extendsId }),
    ...grantShown(row),
    steps: stepsShown(ruleOf(row), givenTo(row), waits(row)),
    version: row.version,
  }
}

function grantShown(row: RequestRow): Pick<AnswerOf<'requests.view'>, 'grant'> {
  const { grantId, grantStartsAt, grantExpiresAt, grantEndedAt, grantEndedBy } = row
  if (!grantId || !grantStartsAt) return {}
  return {
    grant: {
      id: grantId,
      startsAt: grantStartsAt,
      ...(grantExpiresAt && { expiresAt: grantExpiresAt }),
      ...(grantEndedAt && { endedAt: grantEndedAt }),
      ...(grantEndedBy && { endedBy: { id: grantEndedBy, name: row.enderName ?? '' } }),
      ...(row.grantEndReason && { endReason: row.grantEndReason }),
    },
  }
}

type StepRow = Awaited<ReturnType<typeof stepsOf>>[number]
type Line = AnswerOf<'requests.view'>['history'][number]

const lineOf = (one: StepRow): Line => ({
  at: one.at,
  by: { id: one.personId, name: one.personName },
  kind: one.kind,
  ...(one.step && { step: one.step }),
  text: one.text,
})

/** What people did, and between it what the clock did. */
export function historyOf(row: RequestRow, steps: readonly StepRow[], now: Date): Line[] {
  const { grantStartsAt, grantExpiresAt, grantEndedAt } = row
  const asked: Line = {
    at: row.createdAt,
    by: { id: row.requesterId, name: row.requesterName },
    kind: 'asked',
    text: row.reason,
  }
  const done = steps.map(lineOf)
  const clock: Line[] = []
  if (row.stateNow === 'lapsed') clock.push({ at: row.answerBy, kind: 'lapsed', text: '' })
  const until = grantEndedAt ?? now
  if (grantStartsAt && grantStartsAt <= until) {
    clock.push({ at: grantStartsAt, kind: 'began', text: '' })
  }
  if (row.stateNow === 'expired' && grantExpiresAt) {
    clock.push({ at: grantExpiresAt, kind: 'expired', text: '' })
  }
  // Ended elsewhere: on the grant's own page, or with several at once.
  if (row.stateNow === 'revoked' && grantEndedAt && !done.some(({ kind }) => kind === 'ended')) {
    const by = row.grantEndedBy && { id: row.grantEndedBy, name: row.enderName ?? '' }
    clock.push({
      at: grantEndedAt,
      kind: 'ended',
      ...(by && { by }),
      text: row.grantEndReason ?? '',
    })
  }
  const order = (line: Line) => new Date(line.at).getTime()
  return [asked, ...done, ...clock].toSorted((one, other) => order(one) - order(other))
}
