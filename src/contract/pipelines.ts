import { z } from 'zod'
import { Layer } from './decisions.ts'
import { Id, line, Moment, Named } from './id.ts'
import { noun } from './operation.ts'
import { Flag, page, PageQuery } from './page.ts'
import { ConfigFacts, ConfigKind, Unresolved } from './pipeline-facts.ts'
import { printable } from './printable.ts'
import { Provider } from './projects.ts'
import { inOrder, range } from './range.ts'

/** CircleCI's own words; a config that is refused as such is a problem, not a status. */
export const CheckStatus = z.enum(['PASS', 'SOFT_FAIL', 'HARD_FAIL', 'ERROR'])
export type CheckStatus = z.infer<typeof CheckStatus>

const Failure = z.strictObject({ rule: z.string(), reason: z.string() })

/** A decision exactly as CircleCI's policy agent writes it; lists are sorted by rule and reason, empty ones left out. */
export const AgentDecision = z.strictObject({
  status: CheckStatus,
  reason: z.string().optional(),
  enabled_rules: z.array(z.string()).optional(),
  hard_failures: z.array(Failure).optional(),
  soft_failures: z.array(Failure).optional(),
})
export type AgentDecision = z.infer<typeof AgentDecision>

/** One rule that one part of the config breaks, with the line. */
export const Violation = z.strictObject({
  rule: z.string(),
  policy: z.strictObject({ id: Id, name: z.string(), version: z.int() }),
  mode: z.enum(['evaluate', 'enforce']),
  level: z.enum(['hard', 'soft', 'error']),
  action: z.string(),
  subject: z.string(),
  line: z.int(),
  reason: z.string(),
  /** What would have to be known for the rule to hold. */
  unknown: z.array(Unresolved),
})
export type Violation = z.infer<typeof Violation>

const outcome = {
  decision: AgentDecision,
  /** An enforced rule forbids it: the job must not go on. */
  blocks: z.boolean(),
  /** A rule in evaluate mode is broken. */
  wouldFail: z.boolean(),
  sentence: z.string(),
  violations: z.array(Violation),
  /** More were found than are told. */
  more: z.int(),
}

export const PipelineCheck = z.strictObject({
  id: Id,
  at: Moment,
  project: Named,
  provider: Provider,
  path: z.string(),
  kind: ConfigKind,
  branch: z.string().nullable(),
  tag: z.string().nullable(),
  status: CheckStatus,
  blocks: z.boolean(),
  wouldFail: z.boolean(),
  hardFailures: z.int(),
  softFailures: z.int(),
  wouldFailures: z.int(),
  checkedBy: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
})
export type PipelineCheck = z.infer<typeof PipelineCheck>

export const PipelineCheckDetail = PipelineCheck.extend({
  ...outcome,
  /** Null once it is forgotten; what was decided on it stays. */
  text: z.string().nullable(),
  /** SHA-256 of the text, in hex: whether a file is the one that was checked can be told for ever. */
  digest: z.string(),
  facts: ConfigFacts,
  layers: z.array(Layer),
  latencyUs: z.int().nullable(),
  eventId: Id.nullable(),
})
export type PipelineCheckDetail = z.infer<typeof PipelineCheckDetail>

const Checked = z.strictObject({ id: Id, url: z.string(), ...outcome })

const levels = { hard: 'blocks', soft: 'warns', error: 'blocks' } as const

/** For the log of a job: the status first, then each broken rule by its line, then where the check is kept. */
const inLog = ({ decision, sentence, violations, more, url }: z.infer<typeof Checked>): string =>
  [
    `${decision.status}: ${sentence}`,
    ...violations.map(
      ({ line, reason, mode, level }) =>
        `  line ${line}: ${reason} (${mode === 'evaluate' ? `would ${levels[level].slice(0, -1)}` : levels[level]})`,
    ),
    ...(more > 0 ? [`  and ${more} more`] : []),
    `  kept at ${url}`,
  ]
    .map((said) => `${printable(said)}\n`)
    .join('')

/** What is checked and for which run; what is left out is not known, and never counts as allowed. */
const about = z.strictObject({
  /** The project's id or slug; may be left out by a run, whose token tells it. */
  project: z.string().min(1).max(200).optional(),
  /** The project's own unless given. */
  provider: Provider.optional(),
  /** Where the config is in its repository. */
  path: line(300).optional(),
  /** `continuation` and `compiled` cannot always be told from the text. */
  kind: ConfigKind.optional(),
  /** Of a run, its token tells this and the following; what is said here then counts for nothing. */
  branch: z.string().min(1).max(300).optional(),
  tag: z.string().min(1).max(300).optional(),
  fromFork: Flag.optional(),
  sshRerun: Flag.optional(),
})
/** 1 MiB at the most: counted in bytes where it is read, which says so as of everything that is wrong with a config. */
const config = z.strictObject({
  text: z
    .string()
    .min(1)
    .max(4 * 1024 * 1024),
})

export const pipelines = noun({
  list: {
    method: 'GET',
    path: '/pipelines/checks',
    summary: 'Config checks, newest first',
    may: 'pipeline:view',
    query: inOrder(
      PageQuery.extend({
        project: Id.optional(),
        status: CheckStatus.optional(),
        provider: Provider.optional(),
        ...range,
      }),
    ),
    returns: page(PipelineCheck),
  },
  view: {
    method: 'GET',
    path: '/pipelines/checks/:checkId',
    summary: 'One config check: the file, what it says, and the rules it breaks, by line',
    may: 'pipeline:view',
    returns: PipelineCheckDetail,
  },
  check: {
    method: 'POST',
    path: '/pipelines/check',
    summary: 'Check a CI config against the policies and record what was decided',
    may: 'pipeline:check',
    on: 'any',
    orWorkload: true,
    prepares: true,
    text: true,
    query: about,
    body: config,
    returns: Checked,
    terminal: inLog,
  },
  preview: {
    method: 'POST',
    path: '/pipelines/preview',
    summary: 'What a check of a CI config would decide, without recording it',
    may: 'pipeline:check',
    on: 'any',
    readOnly: true,
    prepares: true,
    text: true,
    query: about.required({ project: true }),
    body: config,
    returns: z.strictObject({ ...outcome, facts: ConfigFacts, layers: z.array(Layer) }),
  },
})
