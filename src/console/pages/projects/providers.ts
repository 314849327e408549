import type { Provider } from '../../../contract/projects.ts'

/** The CI systems, as people call them. */
export const providers: { value: Provider; label: string }[] = [
  { value: 'circleci', label: 'CircleCI' },
  { value: 'github', label: 'GitHub Actions' },
  { value: 'gitlab', label: 'GitLab' },
]
