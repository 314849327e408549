import type { Provider } from '../../../contract/projects.ts'
import type { StarterPolicy } from './starter-library.ts'

const part = (name: string) => `action == Sallyport::Action::"config:${name}"`
export const production =
  'context.contexts.contains("production") || context.environments.contains("production")'

interface Rule {
  readonly id: string
  readonly reason: string
  readonly on: string
  readonly clauses: string
  readonly level?: 'soft'
}
type Example = StarterPolicy['examples'][number]

const ruleText = ({ id, reason, on, clauses, level }: Rule) =>
  `@id("${id}")\n${level ? `@level("${level}")\n` : ''}@reason("${reason}")\nforbid (principal, ${part(on)}, resource)\n${clauses};\n`

export const config = (
  id: string,
  name: string,
  explanation: string,
  rules: readonly Rule[],
  ...examples: readonly [Example, Example, ...Example[]]
): StarterPolicy => ({ id, name, explanation, text: rules.map(ruleText).join('\n'), examples })

export const says = (
  outcome: Example['outcome'],
  text: string,
  provider: Provider,
  ...lines: readonly string[]
): Example => ({ says: text, outcome, config: { provider, text: `${lines.join('\n')}\n` } })

/** A CircleCI workflow of these job lines, each job run in one pinned image. */
export const circleci = (
  jobs: readonly string[],
  calls: readonly string[],
  head: readonly string[] = [],
) => [
  'version: 2.1',
  ...head,
  'jobs:',
  ...jobs.map((job) => `  ${job}: {docker: [{image: cimg/base:2026.10.1}], steps: [checkout]}`),
  'workflows:',
  '  main:',
  '    jobs:',
  ...calls.map((call) => `      - ${call}`),
]
