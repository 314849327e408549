import type { CheckStatus } from '../../../contract/pipelines.ts'
import type { Meaning } from '../../ui/Status.tsx'

/** CircleCI's words in ours, each with its meaning. */
export const statuses: Readonly<Record<CheckStatus, { is: Meaning; word: string }>> = {
  PASS: { is: 'permitted', word: 'Passed' },
  SOFT_FAIL: { is: 'would', word: 'Warned' },
  HARD_FAIL: { is: 'denied', word: 'Failed' },
  ERROR: { is: 'denied', word: 'Error, which blocks' },
}

export const levels = {
  hard: { is: 'denied', word: 'Blocks' },
  soft: { is: 'would', word: 'Warns' },
  error: { is: 'denied', word: 'Error, blocks' },
} as const

export const providerNames = {
  circleci: 'CircleCI',
  github: 'GitHub Actions',
  gitlab: 'GitLab',
} as const
