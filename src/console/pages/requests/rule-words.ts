import type { RequestRule } from '../../../contract/requests.ts'
import { count } from '../../ui/format.ts'
import { duration } from '../../../contract/duration.ts'

/** "1 approval by a lead, and 1 by a security admin. It lapses after 3 days without a decision." */
export function ruleSentence({ leadApprovals, securityApprovals, answerMinutes }: RequestRule) {
  const steps = [
    ...(leadApprovals ? [`${count(leadApprovals, 'approval')} by a lead`] : []),
    ...(securityApprovals ? [`${count(securityApprovals, 'approval')} by a security admin`] : []),
  ]
  return `It needs ${steps.join(', then ')}. It lapses after ${duration(answerMinutes)} without a decision.`
}
