import { unknown } from '../facts-of.ts'
import { splitOutside } from '../filters.ts'
import type { Need, Unlinked } from '../guards.ts'
import { at, entriesOf, isTrue, scalarsOf, textOf, textsOf, type Tree } from '../tree.ts'
import { flat } from './settle.ts'

/** A job with what decides whether it is waited for. */
export interface Staged extends Unlinked {
  readonly stage: string
  /** It waits for the stages before its own. */
  readonly staged: boolean
  /** What comes after it does not mind how it ends. */
  readonly passes: boolean
  /** It minds nothing of what came before it. */
  readonly whatever: boolean
  readonly presence: Presence
}

/** In which pipelines a job is: in those for which one of these holds, as far as nothing excepts them. */
interface Presence {
  readonly conditions: ReadonlySet<string>
  readonly excepted: boolean
}
const always = '\n'

const said = (tree: Tree | undefined, ...keys: readonly string[]) =>
  keys.map((key) => scalarsOf(at(tree, key)).map(({ text }) => text.trim())).join(' ')
/** Runs after those before it have succeeded. */
const orderly = new Set(['on_success', 'manual', 'delayed', 'never'])
const isNever = (rule: Tree) => textOf(at(rule, 'when')) === 'never'

/** When a job runs and what it waits for, apart from who that is. */
export function placeOf(job: Tree): Omit<Staged, 'job'> {
  const rules = flat(at(job, 'rules'))
  const needs = at(job, 'needs')
  const instead = rules.flatMap((rule) => flat(at(rule, 'needs')))
  const own = textOf(at(job, 'when'))
  const times = rules.length > 0 ? rules.map((rule) => textOf(at(rule, 'when')) ?? own) : [own]
  const whatever =
    rules.some((rule) => at(rule, 'needs') !== undefined) ||
    times.some((time) => time !== undefined && !orderly.has(time))
  return {
    needs: [...needsOf(flat(needs)), ...needsOf(instead)].map(({ name, success }) => ({
      name,
      success: success && !whatever,
    })),
    // A stage that is not known is none: nothing is told to stand before it.
    stage: at(job, 'stage') ? (textOf(at(job, 'stage')) ?? '') : 'test',
    staged: needs === undefined,
    passes: isTrue(at(job, 'allow_failure')),
    whatever,
    presence: presenceOf(job, rules),
  }
}

/** A text in which every variable that has another value in this job than elsewhere is told from its namesakes. */
function asOwn(job: Tree): (text: string) => string {
  const values = entriesOf(at(job, 'variables'))
  const matrix = at(job, 'parallel', 'matrix')
  const varying = new Set(flat(matrix).flatMap((one) => Array.from(entriesOf(one).keys())))
  const fewer = at(job, 'inherit', 'variables') !== undefined
  const own = (name: string) => {
    const value = varying.has(name) ? matrix : values.get(name)?.value
    const texts = value && ['', ...scalarsOf(value).map(({ text }) => text)]
    return texts?.join('\0') ?? (fewer ? '\0not inherited' : '')
  }
  return (text) =>
    text.replaceAll(/\$\{?(\w+)|%(\w+)%/g, (said, name?: string, other?: string) =>
      said.concat(own(name ?? other ?? '')),
    )
}

function presenceOf(job: Tree, rules: readonly Tree[]): Presence {
  const marked = asOwn(job)
  // No rule of none holds.
  if (at(job, 'rules')?.kind === 'seq' && rules.length === 0)
    return { conditions: new Set(), excepted: true }
  if (rules.length === 0) {
    const limits = marked(said(job, 'only', 'except').trim())
    return { conditions: new Set([limits ? `\n${limits}` : always]), excepted: false }
  }
  const last = rules.findLastIndex((rule) => !isNever(rule))
  const conditions = rules
    .filter((rule) => !isNever(rule))
    .map((rule) => marked(`${said(rule, 'if')}\n${said(rule, 'changes', 'exists').trim()}`))
  return { conditions: new Set(conditions), excepted: rules.slice(0, last + 1).some(isNever) }
}

/** Whether one job is in every pipeline in which the other is. A merge request's has only jobs that say so. */
function accompanies(one: Staged, other: Staged): boolean {
  const { conditions, excepted } = one.presence
  const requests = ({ job }: Staged) => job.forkPath === 'without_secrets'
  if (excepted || (requests(other) && !requests(one))) return false
  return (
    conditions.has(always) ||
    [...other.presence.conditions].every(
      (condition) => conditions.has(condition) || covered(condition, conditions),
    )
  )
}

/** One of the clauses that must all hold is a condition of its own. */
function covered(condition: string, conditions: ReadonlySet<string>): boolean {
  const [text = ''] = condition.split('\n')
  if (text === '') return false
  const clauses = /[()]|\|\|/.test(text) ? [text] : [text, ...splitOutside(text, '&&')]
  return clauses.some((clause) => conditions.has(`${clause.trim()}\n`))
}

function needsOf(needs: readonly Tree[]): Need[] {
  return needs.flatMap((one) => {
    const name = textOf(one) ?? textOf(at(one, 'job'))
    // Jobs of other projects and pipelines are no part of this file.
    const elsewhere = at(one, 'project') ?? at(one, 'pipeline')
    if (name === undefined || elsewhere) return []
    return [{ name, success: !isTrue(at(one, 'optional')) }]
  })
}

/** Most jobs are in the same few sorts of pipelines: each two sorts are compared once. */
function comparing(jobs: readonly Staged[]): typeof accompanies {
  const sorts = new Map<string, number>()
  const sortOf = new Map(
    jobs.map((one) => {
      const { conditions, excepted } = one.presence
      const said = [one.job.forkPath, excepted, ...conditions].join('\0')
      const sort = sorts.get(said) ?? sorts.size
      sorts.set(said, sort)
      return [one, sort]
    }),
  )
  const known = new Map<number, boolean>()
  return (one, other) => {
    const pair = (sortOf.get(one) ?? 0) * jobs.length + (sortOf.get(other) ?? 0)
    const answer = known.get(pair) ?? accompanies(one, other)
    known.set(pair, answer)
    return answer
  }
}

const usual = ['.pre', 'build', 'test', 'deploy', '.post']

/**
 * Without `needs` a job waits for every job of the stages before its own that is in the same pipeline: only what is in every
 * pipeline with it guards it.
 */
export function inStages(root: Tree, jobs: readonly Staged[]): Unlinked[] {
  const named = textsOf(at(root, 'stages'))
  const stages = named.length > 0 ? ['.pre', ...named, '.post'] : usual
  const inOrder = stages.map((stage) => jobs.filter((job) => job.stage === stage))
  const together = comparing(jobs)
  const elsewhere = named.length === 0 && at(root, 'include') !== undefined
  return jobs.map((waiting) => {
    const { job, needs, stage, staged, whatever } = waiting
    if (!staged) return { job, needs }
    const before = inOrder.slice(0, Math.max(0, stages.indexOf(stage))).flat()
    const order = elsewhere && before.length > 0
    const open = order ? [unknown('requires', 'the stages that an included file may name')] : []
    return {
      job: { ...job, unresolved: [...job.unresolved, ...open] },
      needs: needs.concat(
        before.map((one) => ({
          name: one.job.name,
          success: !whatever && !one.passes && together(one, waiting),
        })),
      ),
    }
  })
}
