import type { Severity } from '../../../contract/findings.ts'
import { capital, dash, day, type OnPaper, type PaperCell } from '../../http/paper.ts'
import { findingAnswer } from './service.ts'
import type { Filters, FindingRow } from './store.ts'

/** `trustRule` as it is said. */
const words = (kind: string) => kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const severityCell = (severity: Severity): PaperCell => ({
  text: capital(severity),
  tone: severity === 'critical' || severity === 'high' ? 'bad' : 'would',
})

const stateCell = (state: FindingRow['state']): PaperCell => ({
  text: capital(state),
  tone: ({ open: 'bad', muted: 'dim', accepted: 'would', resolved: 'good' } as const)[state],
})

/** Findings to be read, the worst first, as their page shows them. */
export const findingsOnPaper: OnPaper<Filters, { readonly finding: FindingRow }> = {
  head: () =>
    Promise.resolve({
      title: 'Findings',
      facts: [['Order', 'The worst first. Each was there when they were asked for.']],
    }),
  columns: [
    { title: 'Severity', part: 8 },
    { title: 'Finding', part: 36 },
    { title: 'Kind', part: 20 },
    { title: 'About', part: 18 },
    { title: 'State', part: 8 },
    { title: 'Since', part: 9 },
    { title: 'Until', part: 9 },
    { title: 'Owner', part: 12 },
  ],
  blocks({ finding: row }) {
    const { severity, state, says, title, subject, openedAt, until, owner } = findingAnswer(row)
    const cells = [
      severityCell(severity),
      says,
      title,
      `${subject.name} (${words(subject.kind)})`,
      stateCell(state),
      day(openedAt as Date),
      day(until as Date | null),
      owner?.name ?? dash,
    ]
    return [{ cells }]
  },
  none: 'Nothing stands open where you may see it, or nothing is as it was asked for.',
}
