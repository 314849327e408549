import type {
  ConfigFacts,
  ConfigKind,
  ImageFact,
  JobFact,
  RefFact,
  Unresolved,
  WorkflowFact,
} from '../../contract/pipeline-facts.ts'
import type { Provider } from '../../contract/projects.ts'
import { configLimits, ConfigRefused } from './refused.ts'

/** Facts as a reader finds them, in the order of the file. */
export interface Found {
  readonly jobs: JobFact[]
  readonly workflows: WorkflowFact[]
  readonly refs: RefFact[]
  readonly images: ImageFact[]
  readonly unresolved: Unresolved[]
}

export const nothingFound = (): Found => ({
  jobs: [],
  workflows: [],
  refs: [],
  images: [],
  unresolved: [],
})

/** What a job is until something else is read of it: everything is told apart from not known by `unresolved`. */
export const bareJob: Omit<JobFact, 'name' | 'line'> = {
  workflow: '',
  kind: 'job',
  definition: '',
  contexts: [],
  environments: [],
  secrets: [],
  branchFilter: 'any',
  branches: [],
  tagFilter: 'any',
  tags: [],
  requires: [],
  approvals: [],
  runnerClass: 'default',
  runnerLabels: [],
  selfHosted: false,
  permissions: [],
  idToken: false,
  forkPath: 'none',
  checksOutFork: false,
  manual: false,
  remoteShell: false,
  steps: [],
  unresolved: [],
}

export function demandFew({ jobs, images, refs }: Found, line: number, more = 0): void {
  if (jobs.length + images.length + refs.length + more <= configLimits.facts) return
  throw new ConfigRefused(
    `The config has more than ${configLimits.facts} jobs, images and references when its matrices are expanded.`,
    line,
  )
}

/** A job whose image is not known has one all the same: it is asked about as an image of which nothing is known. */
function unknownImages({ jobs }: Found): ImageFact[] {
  return jobs.flatMap(({ name, workflow, line, kind, unresolved }) =>
    unresolved
      .filter(({ fact }) => fact === 'image')
      .slice(0, 1)
      .map(({ text }) => ({
        raw: text,
        line,
        registry: '',
        repository: '',
        tag: '',
        digest: '',
        pin: 'dynamic' as const,
        use: kind === 'call' ? ('call' as const) : ('job' as const),
        workflow,
        job: name,
        unresolved: ['registry', 'repository', 'tag', 'digest'].map((fact) => ({ fact, text })),
      })),
  )
}

export const factsOf = (provider: Provider, kind: ConfigKind, found: Found): ConfigFacts => ({
  provider,
  kind,
  ...found,
  jobs: found.jobs.map((job) =>
    Object.assign(job, { unresolved: uniqueUnresolved(job.unresolved) }),
  ),
  images: [...found.images, ...unknownImages(found)],
})

export const unique = (texts: readonly string[]): string[] => [...new Set(texts)]

/** Texts of one fact that are told: whoever mends them looks anew. */
const mostTexts = 20

/** Each unresolved thing once, and of each fact few enough to be read: no fact is lost for the texts of another. */
export function uniqueUnresolved(all: readonly Unresolved[]): Unresolved[] {
  const byFact = Map.groupBy(all, ({ fact }) => fact)
  return [...byFact.values()].flatMap((some) => {
    const byText = new Map(some.map((one) => [one.text, one]))
    return Array.from(byText.values()).slice(0, mostTexts)
  })
}

export const unknown = (fact: string, text: string): Unresolved => ({
  fact,
  text: text.slice(0, 300),
})

/** Tools whose only use in a job is to let somebody in. */
const shells = [
  'tmate',
  'upterm',
  'action-tmate',
  'ngrok tcp 22',
  'sshd -D',
  'action-sshd',
  'debug-via-ssh',
  'csexton/debugger-action',
  'sshx.io',
]
export const opensShell = (text: string): boolean => shells.some((tool) => text.includes(tool))

/** Commands for which a text is a text: none of it is run. */
const takesText =
  /^[ \t]*(?:export[ \t]+)?(?:[A-Za-z_]\w{0,99}=|(?:cat|curl|echo|gh|git|jq|printf|tee)\b)[^|&;]*$/

/**
 * Whether a command of a script begins with what `opening` opens: it may run anything. What goes on with the line before,
 * and what a command takes as a text, quoted or as a here-document, is no command.
 */
export function beginsWith(script: string, opening: string): boolean {
  let until = ''
  let quote = ''
  let goesOn = false
  for (const line of script.split('\n')) {
    const text = line.trim()
    if (until) {
      if (text === until) until = ''
      continue
    }
    if (!quote && !goesOn && text.startsWith(opening)) return true
    const before = quote
    for (const [sign] of line.matchAll(/\\.|["']|(?<=^|[ \t;])#.*/g)) {
      // Between single quotes nothing is escaped.
      if (sign === quote || (quote === "'" && sign === "\\'")) quote = ''
      else if (!quote && (sign === '"' || sign === "'")) quote = sign
      else if (!quote && sign.startsWith('#')) break
    }
    goesOn = !quote && text.endsWith('\\')
    if (before) continue
    if (!takesText.test(line)) quote = ''
    else if (!quote) until = /<<-?[ \t]*["']?([A-Za-z_]\w{0,99})/.exec(line)?.[1] ?? ''
  }
  // What never ends was read wrongly: then each line may be a command.
  const lost = quote !== '' || until !== ''
  return lost && script.split('\n').some((line) => line.trim().startsWith(opening))
}
