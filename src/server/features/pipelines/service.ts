import { createHash } from 'node:crypto'
import type { InputOf } from '../../../contract/index.ts'
import type { ConfigFacts } from '../../../contract/pipeline-facts.ts'
import type { AgentDecision, Violation } from '../../../contract/pipelines.ts'
import type { Provider } from '../../../contract/projects.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import type { ConfigPlace } from '../../decision/config-judge.ts'
import type { RecordedConfig } from '../../decision/config-replay.ts'
import { decideConfig, type ConfigDecision } from '../../decision/decide-config.ts'
import type { PolicyJudge } from '../../decision/policy-judge.ts'
import type { Actor, Decision, Resource } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { ReaderBusy, type ConfigReader } from '../../pipelines/config-reader.ts'
import { ConfigRefused } from '../../pipelines/refused.ts'
import { projectResource } from '../projects/service.ts'
import { runTarget } from './run.ts'
import { checksToRepeat, projectNamed, type ProjectPlace } from './store.ts'

type Asked = InputOf<'pipelines.check'>

/** Where each CI system looks for its config. */
const usualPath: Readonly<Record<Provider, string>> = {
  circleci: '.circleci/config.yml',
  github: '.github/workflows/workflow.yml',
  gitlab: '.gitlab-ci.yml',
}
/** More violations than anybody reads are counted only. */
const mostTold = 500

/** What is known of the run whose config it is; what is absent is not known. */
export type ConfigRunSaid = Pick<Asked, 'branch' | 'tag' | 'fromFork' | 'sshRerun'>

export interface Target {
  readonly project: ProjectPlace
  readonly resource: Resource
  /** Where the run itself asks: what its token says, what the event tells of it, and that it may ask. */
  readonly run?: {
    readonly said: ConfigRunSaid
    readonly about: Readonly<Record<string, string>>
    readonly decision: Decision
    readonly actor: Actor
  }
}

/** The project that a check is for; one that the actor may not have checked is answered as one that is nowhere (P15). */
export async function theTarget(scope: Scope, named: string | undefined): Promise<Target> {
  if (scope.workload) return runTarget(scope, scope.workload, named)
  if (named === undefined) {
    const message = 'Name the project; only the token of a CI job tells it by itself.'
    throw problem('invalid_input', message, { fields: [{ path: 'project', message }] })
  }
  const project = await projectNamed(scope.db, named)
  const resource = project && (await projectResource(scope.db, project.id))
  const seen = resource && scope.decide('project:view', resource).outcome === 'permitted'
  const may = resource && scope.decide('pipeline:check', resource).outcome === 'permitted'
  if (!project || !resource || (!seen && !may)) {
    throw problem('not_found', 'There is no such project.')
  }
  scope.demand('pipeline:check', resource)
  return { project, resource }
}

/** Reads the config in a process of its own; a refusal names its line. */
export async function readFacts(
  reader: ConfigReader,
  { text, provider, kind }: Asked,
  { project }: Target,
): Promise<ConfigFacts> {
  try {
    return await reader.read({
      text,
      provider: provider ?? project.provider,
      defaultBranch: project.defaultBranch,
      ...(kind && { kind }),
    })
  } catch (error) {
    if (error instanceof ConfigRefused) {
      const { line, message } = error
      throw problem('invalid_config', `Line ${line}: ${message}`, {
        fields: [{ path: `line ${line}`, message }],
      })
    }
    if (!(error instanceof ReaderBusy)) throw error
    throw problem('unavailable', 'Too many configs wait to be read. Try again shortly.', {
      headers: { 'retry-after': '2' },
    })
  }
}

export interface Checked {
  readonly said: ConfigRunSaid
  readonly path: string
  readonly facts: ConfigFacts
  readonly made: ConfigDecision
}

export function decideOn(
  scope: Scope,
  judge: PolicyJudge,
  input: Asked,
  { project, run }: Target,
  facts: ConfigFacts,
): Checked {
  const said = run?.said ?? input
  const { branch, tag, fromFork, sshRerun } = said
  const path = input.path ?? usualPath[facts.provider]
  const made = decideConfig(judge, placeOf(project, path), facts, {
    now: scope.now,
    ...(branch !== undefined && { branch }),
    ...(tag !== undefined && { tag }),
    ...(fromFork !== undefined && { fromFork }),
    ...(sshRerun !== undefined && { sshRerun }),
  })
  return { said, path, facts, made }
}

function placeOf(project: ProjectPlace, path: string): ConfigPlace {
  const { segmentId, segmentName, teamId, teamName } = project
  return {
    project,
    path,
    segment: { id: segmentId, name: segmentName },
    ...(teamId && teamName && { team: { id: teamId, name: teamName } }),
  }
}

/** Read at a time: the facts of a large config are some hundred kilobytes. */
const readAtOnce = 20

/** The configs of these recorded decisions, as they can be asked again; what is told by nobody else stands in the decision. */
export async function* recordedConfigs<T extends Told>(
  db: Db,
  rows: readonly T[],
): AsyncGenerator<{ row: T; config: RecordedConfig }> {
  for (let from = 0; from < rows.length; from += readAtOnce) {
    const some = rows.slice(from, from + readAtOnce)
    const checks = new Map(
      (
        await checksToRepeat(
          db,
          some.map(({ id }) => id),
        )
      ).map((check) => [check.checkId, check]),
    )
    for (const row of some) {
      const check = checks.get(row.id)
      if (!check) continue
      const { fromFork, sshRerun } = row.facts
      yield {
        row,
        config: {
          place: placeOf(check, check.path),
          facts: check.facts,
          run: {
            now: row.at,
            ...(check.branch !== null && { branch: check.branch }),
            ...(check.tag !== null && { tag: check.tag }),
            ...(typeof fromFork === 'boolean' && { fromFork }),
            ...(typeof sshRerun === 'boolean' && { sshRerun }),
          },
        },
      }
    }
  }
}
interface Told {
  readonly id: string
  readonly at: Date
  readonly facts: Readonly<Record<string, unknown>>
}

type Failed = Pick<Violation, 'mode' | 'level' | 'rule' | 'reason'>

/** Exactly what CircleCI's agent answers: each failure once, in order, and no empty lists. */
export function agentDecision(
  status: AgentDecision['status'],
  rules: readonly string[],
  violations: readonly Failed[],
): AgentDecision {
  const enforced = violations.filter(({ mode }) => mode === 'enforce')
  const error = enforced.find(({ level }) => level === 'error')
  if (status === 'ERROR')
    return { status, reason: error?.reason ?? 'a policy could not be evaluated' }
  const failures = (level: 'hard' | 'soft') => {
    const told = enforced
      .filter((one) => one.level === level)
      .map(({ rule, reason }) => ({ rule, reason }))
    const once = new Map(told.map((one) => [`${one.rule}\n${one.reason}`, one]))
    return [...once].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, failure]) => failure)
  }
  const [hard, soft] = [failures('hard'), failures('soft')]
  return {
    status,
    ...(rules.length > 0 && { enabled_rules: [...rules] }),
    ...(hard.length > 0 && { hard_failures: hard }),
    ...(soft.length > 0 && { soft_failures: soft }),
  }
}

export const blocks = (status: AgentDecision['status']) =>
  status === 'HARD_FAIL' || status === 'ERROR'

/** What is answered of a check, recorded or not. */
export function outcomeOf({ made }: Checked) {
  const violations = made.violations
    .slice(0, mostTold)
    .map((one) => Object.assign({}, one, { unknown: [...one.unknown] }))
  return {
    decision: agentDecision(made.status, made.enabledRules, made.violations),
    blocks: blocks(made.status),
    wouldFail: made.wouldFail,
    sentence: made.sentence,
    violations,
    more: made.violations.length - violations.length,
  }
}

/** Keeps the check, and has its decision recorded under the same id. */
export async function keepCheck(
  scope: Scope,
  input: Asked,
  { project, resource, run }: Target,
  checked: Checked,
  latencyUs: number,
): Promise<string> {
  const { said, path, facts, made } = checked
  const { status, violations } = made
  const id = newId(scope.now.getTime())
  const by = run?.actor ?? scope.actor
  const digest = createHash('sha256').update(input.text).digest()
  await scope.db
    .insertInto('pipelineConfig')
    .values({ digest, text: input.text, forgottenAt: null })
    .onConflict((conflict) =>
      // What was forgotten is checked again.
      conflict
        .column('digest')
        .doUpdateSet({ text: input.text, forgottenAt: null })
        .where('pipelineConfig.text', 'is', null),
    )
    .execute()
  const count = (mode: Violation['mode'], ...levels: Violation['level'][]) =>
    violations.filter((one) => one.mode === mode && levels.includes(one.level)).length
  const counts = {
    hardFailures: count('enforce', 'hard', 'error'),
    softFailures: count('enforce', 'soft'),
    wouldFailures: count('evaluate', 'hard', 'soft', 'error'),
  }
  const about = {
    provider: facts.provider,
    path,
    kind: facts.kind,
    branch: said.branch ?? null,
    tag: said.tag ?? null,
    status,
    ...counts,
  }
  const told = outcomeOf(checked)
  await scope.db
    .insertInto('pipelineCheck')
    .values({
      id,
      at: scope.now,
      projectId: project.id,
      ...about,
      enabledRules: [...made.enabledRules],
      facts: JSON.stringify(facts),
      violations: JSON.stringify(told.violations),
      more: told.more,
      checkedByKind: by.kind,
      checkedById: by.personId ?? by.id,
      checkedByName: by.name,
      digest,
    })
    .execute()
  scope.record({
    resource: { kind: 'project', id: project.id, name: project.name },
    project: project.id,
    detail: { check: id, ...about, ...run?.about, digest: digest.toString('hex') },
    decision: {
      id,
      decision: decisionOf(run?.decision ?? scope.decide('pipeline:check', resource), checked),
      facts: {
        ...about,
        ...run?.about,
        fromFork: said.fromFork ?? 'not told',
        sshRerun: said.sshRerun ?? 'not told',
        digest: digest.toString('hex'),
        jobs: facts.jobs.length,
        references: facts.refs.length,
        images: facts.images.length,
      },
      latencyUs,
      resource,
    },
  })
  return id
}

/** The permission's decision, with what the rules said of the config after it. */
function decisionOf(granted: Decision, { made }: Checked): Decision {
  return {
    ...granted,
    outcome: blocks(made.status) ? 'denied' : 'permitted',
    wouldDeny: granted.wouldDeny || made.wouldFail || made.status === 'SOFT_FAIL',
    layers: [...granted.layers.filter(({ verdict }) => verdict !== 'not_asked'), ...made.layers],
    policies: [...granted.policies, ...made.policies],
    sentence: made.sentence,
  }
}
