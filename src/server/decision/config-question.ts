import type { ConfigAction } from '../../contract/config-actions.ts'
import type { ConfigFacts, Unresolved } from '../../contract/pipeline-facts.ts'

/** Nothing else reaches the engine, so that the schema need not be asked each time. A `Date` is a moment. */
export type ConfigFact = string | boolean | number | Date | readonly string[]

/** One part of a config, as policies are asked about it. */
export interface ConfigQuestion {
  readonly action: ConfigAction
  /** What a person calls the part. */
  readonly subject: string
  readonly line: number
  readonly facts: Readonly<Record<string, ConfigFact>>
  /** The facts among them that cannot be told, each with what stands in its place. */
  readonly unresolved: readonly Unresolved[]
}

/** What is known of the run that the config is checked for; what is not given is unknown, and never counts as allowed. */
export interface ConfigRun {
  readonly now: Date
  readonly branch?: string
  readonly tag?: string
  readonly fromFork?: boolean
  readonly sshRerun?: boolean
}

const clock = (now: Date) => ({
  now,
  weekday: now.getUTCDay() || 7,
  minuteOfDay: now.getUTCHours() * 60 + now.getUTCMinutes(),
})

function runFacts(run: ConfigRun): Pick<ConfigQuestion, 'facts' | 'unresolved'> {
  const told = run.branch !== undefined || run.tag !== undefined
  const missing = [
    ...(told ? [] : ['branch', 'tag']),
    ...(run.fromFork === undefined ? ['fromFork'] : []),
    ...(run.sshRerun === undefined ? ['sshRerun'] : []),
  ]
  return {
    facts: {
      ...clock(run.now),
      branch: run.branch ?? '',
      tag: run.tag ?? '',
      fromFork: run.fromFork ?? false,
      sshRerun: run.sshRerun ?? false,
    },
    unresolved: missing.map((fact) => ({ fact, text: 'not told by who asked' })),
  }
}

const unique = (texts: readonly string[]) => [...new Set(texts)]

/** What the reader calls `runner` and `image` is several facts to a policy. */
const facets: Readonly<Record<string, readonly string[]>> = {
  runner: ['runnerClass', 'runnerLabels', 'selfHosted'],
  branches: ['branchFilter', 'branches', 'forkPath'],
  tags: ['tagFilter', 'tags'],
  requires: ['requires', 'approvals'],
  permissions: ['permissions', 'idToken'],
  steps: ['steps', 'remoteShell', 'checksOutFork'],
  tag: ['imageTag'],
}
const spread = (unresolved: readonly Unresolved[]): Unresolved[] =>
  unresolved.flatMap(({ fact, text }) =>
    (facets[fact] ?? [fact]).map((each) => ({ fact: each, text })),
  )

/** Every part of a config, in the order of the file: what policies are asked, one by one. */
export function questionsOf(config: ConfigFacts, run: ConfigRun): ConfigQuestion[] {
  const about = runFacts(run)
  const common = { provider: config.provider, config: config.kind, ...about.facts }
  const question = (
    action: ConfigAction,
    subject: string,
    line: number,
    facts: ConfigQuestion['facts'],
    unresolved: readonly Unresolved[],
  ): ConfigQuestion => ({
    action,
    subject,
    line,
    facts: { ...common, ...facts },
    unresolved: [...about.unresolved, ...unresolved.filter(({ fact }) => fact in facts)],
  })
  return [
    question('config:file', 'the config', 1, ...fileFacts(config)),
    ...config.workflows.map(({ line, unresolved, ...facts }) => {
      const whole = config.unresolved.filter(({ fact }) => fact === 'jobs' || fact === 'triggers')
      const subject = `workflow ${facts.name}`
      return question('config:workflow', subject, line, facts, [...spread(unresolved), ...whole])
    }),
    ...config.jobs.map(({ line, unresolved, ...facts }) => {
      const forks: Unresolved[] =
        facts.forkPath === 'unknown' ? [{ fact: 'forkPath', text: 'a setting of the project' }] : []
      const subject = `job ${facts.workflow} / ${facts.name}`
      return question('config:job', subject, line, facts, [...spread(unresolved), ...forks])
    }),
    ...config.refs.map(({ line, unresolved, ...facts }) =>
      question('config:ref', `${facts.kind} ${facts.raw}`, line, facts, unresolved),
    ),
    ...config.images.map(({ line, unresolved, tag, ...facts }) =>
      question(
        'config:image',
        `image ${facts.raw}`,
        line,
        { ...facts, imageTag: tag },
        spread(unresolved),
      ),
    ),
  ]
}

function fileFacts(config: ConfigFacts): [ConfigQuestion['facts'], readonly Unresolved[]] {
  const { jobs, workflows, refs, unresolved } = config
  // Included files and orbs may add to any of these.
  const open = unresolved.some(({ fact }) => fact === 'jobs')
    ? ['definitions', 'steps', 'approvals', 'contexts', 'environments'].map((fact) => ({
        fact,
        text: 'jobs that are not in this file',
      }))
    : []
  const ofJobs = jobs.flatMap((job) =>
    job.unresolved.filter(({ fact }) => ['steps', 'contexts', 'environments'].includes(fact)),
  )
  return [
    {
      jobs: unique(jobs.map(({ name }) => name)),
      definitions: unique(jobs.map(({ definition }) => definition).filter(Boolean)),
      workflows: unique(workflows.map(({ name }) => name)),
      approvals: unique(workflows.flatMap(({ approvals }) => approvals)),
      steps: unique(jobs.flatMap(({ steps }) => steps)),
      refs: unique(refs.map(({ name }) => name)),
      contexts: unique(jobs.flatMap(({ contexts }) => contexts)),
      environments: unique(jobs.flatMap(({ environments }) => environments)),
      triggers: unique(workflows.flatMap(({ triggers }) => triggers)),
    },
    [...unresolved, ...open, ...ofJobs],
  ]
}
