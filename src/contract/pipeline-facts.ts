import { z } from 'zod'
import { Provider } from './projects.ts'

/**
 * What a CI config says, read once and never guessed. What cannot be resolved is named in `unresolved`, by the fact it
 * belongs to; such a fact never counts as allowed. `line` is where in the file it stands.
 */
export const Unresolved = z.strictObject({
  /** The fact's name, as policies read it: `contexts`, `image`, `runner` … */
  fact: z.string(),
  /** What stands there: an expression, a variable, another file. */
  text: z.string(),
})
export type Unresolved = z.infer<typeof Unresolved>

const texts = z.array(z.string())
const line = z.int()

/** Which runs a filter admits: everything, named branches only, a pattern, none at all, or what cannot be told. */
export const RefFilter = z.enum(['any', 'literal', 'pattern', 'none', 'dynamic'])
export type RefFilter = z.infer<typeof RefFilter>

/** Whether a pull request from a fork can make it run, and whether it then reaches secrets. */
export const ForkPath = z.enum(['none', 'without_secrets', 'with_secrets', 'unknown'])
export type ForkPath = z.infer<typeof ForkPath>

export const JobFact = z.strictObject({
  name: z.string(),
  line,
  workflow: z.string(),
  /** `call`: another file or an orb says what it does. */
  kind: z.enum(['job', 'approval', 'call']),
  /** What it is an instance of: the job's definition, the orb's job, the reusable workflow. */
  definition: z.string(),
  contexts: texts,
  environments: texts,
  /** Secrets named in its expressions; `*` where all are handed on. */
  secrets: texts,
  branchFilter: RefFilter,
  /** Literal names, or the patterns. */
  branches: texts,
  tagFilter: RefFilter,
  tags: texts,
  /** Every job before it, also through others. */
  requires: texts,
  /** Those among them that wait for a person. */
  approvals: texts,
  runnerClass: z.string(),
  runnerLabels: texts,
  selfHosted: z.boolean(),
  permissions: texts,
  /** It may ask the CI system for an OIDC token. */
  idToken: z.boolean(),
  forkPath: ForkPath,
  /** It checks out what a pull request brought, while it holds secrets. */
  checksOutFork: z.boolean(),
  /** A person starts it by hand. */
  manual: z.boolean(),
  /** A step opens a shell into the running job. */
  remoteShell: z.boolean(),
  /** What its steps are called, and the orb commands and actions they use. */
  steps: texts,
  unresolved: z.array(Unresolved),
})
export type JobFact = z.infer<typeof JobFact>

export const WorkflowFact = z.strictObject({
  name: z.string(),
  line,
  jobs: texts,
  approvals: texts,
  triggers: texts,
  /** Those that run with secrets on what a stranger can bring about. */
  dangerousTriggers: texts,
  permissions: texts,
  contexts: texts,
  environments: texts,
  unresolved: z.array(Unresolved),
})
export type WorkflowFact = z.infer<typeof WorkflowFact>

/** How exactly a reference says what will run. */
export const Pin = z.enum([
  'digest',
  'sha',
  'exact',
  'minor',
  'major',
  'floating',
  'branch',
  'dev',
  'url',
  'inline',
  'local',
  'dynamic',
])
export type Pin = z.infer<typeof Pin>

/** Code from elsewhere: an orb, an action, a reusable workflow, an included file or component. */
export const RefFact = z.strictObject({
  kind: z.enum(['orb', 'action', 'workflow', 'include', 'component']),
  raw: z.string(),
  line,
  host: z.string(),
  owner: z.string(),
  /** With its owner: `circleci/node`, `actions/checkout`. */
  name: z.string(),
  version: z.string(),
  pin: Pin,
  workflow: z.string(),
  job: z.string(),
  unresolved: z.array(Unresolved),
})
export type RefFact = z.infer<typeof RefFact>

export const ImageFact = z.strictObject({
  raw: z.string(),
  line,
  /** `docker.io` where none is named. */
  registry: z.string(),
  /** Without registry: `cimg/node`, `library/postgres`. */
  repository: z.string(),
  tag: z.string(),
  digest: z.string(),
  pin: Pin,
  /** `call`: of a job that another file or an orb describes. */
  use: z.enum(['job', 'service', 'step', 'machine', 'call']),
  workflow: z.string(),
  job: z.string(),
  unresolved: z.array(Unresolved),
})
export type ImageFact = z.infer<typeof ImageFact>

export const ConfigKind = z.enum([
  'source',
  'compiled',
  'setup',
  'continuation',
  'workflow',
  'pipeline',
])
export type ConfigKind = z.infer<typeof ConfigKind>

export const ConfigFacts = z.strictObject({
  provider: Provider,
  kind: ConfigKind,
  jobs: z.array(JobFact),
  workflows: z.array(WorkflowFact),
  refs: z.array(RefFact),
  images: z.array(ImageFact),
  /** Of the file as a whole: included files, jobs that another config adds. */
  unresolved: z.array(Unresolved),
})
export type ConfigFacts = z.infer<typeof ConfigFacts>
