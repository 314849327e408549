import type { Unresolved } from '../../../contract/pipeline-facts.ts'
import { unknown } from '../facts-of.ts'
import { at, itemsOf, scalarsOf, textOf, type Tree } from '../tree.ts'
import { expressionsOf } from './expressions.ts'
import { isStrange } from './triggers.ts'

/** Refs and commands by which a job takes over what a pull request brought: of an expression, the event's file or a script. */
const heads =
  /\bpull_request\.(?:head|merge_commit_sha)\b|\bgithub[._]head_ref\b|\bworkflow_run\.head|\bgh pr checkout\b|\bpull\/[^/]{1,100}\/(?:head|merge)\b|refs\/pull\//
/** Of a run that a stranger started these are the repository's own. */
const own =
  /^(?:github\.(?:sha|ref|ref_name|base_ref|repository|repository_owner|workflow_sha|event\.repository\.[\w.]+|event\.pull_request\.base\.[\w.]+)|vars\.\w+)$/i
const strangers = new Set(['pull_request_target', 'workflow_run', 'issue_comment'])

/** `a['b']` and `a . b` are `a.b`, and its case is of no account; nor is how far words of a command stand apart. */
const plain = (text: string) =>
  text
    .replaceAll(/\[['"](\w+)['"]\]/g, '.$1')
    .replaceAll(/[\s\\]+/g, ' ')
    .replaceAll(/ ?(?:\?\.|\.) ?/g, '.')
    .toLowerCase()

interface Checkout {
  readonly checksOutFork: boolean
  readonly unresolved: readonly Unresolved[]
}

/** Whether a job checks out what a pull request brought, while it holds secrets. */
export function checkoutOf(
  job: Tree,
  shared: Tree | undefined,
  triggers: readonly string[],
): Checkout {
  const steps = itemsOf(at(job, 'steps'))
  const texts = [...steps, at(job, 'env'), shared].flatMap(scalarsOf)
  const taken = texts.find(({ text }) => heads.test(plain(text)))
  const secret = triggers.some((name) => strangers.has(name))
  // Who calls it says what started the run.
  const called = triggers.includes('workflow_call') || triggers.some(isStrange)
  if (taken && (secret || called)) {
    return {
      checksOutFork: secret,
      unresolved: secret ? [] : [unknown('checksOutFork', taken.text)],
    }
  }
  const given = secret || called ? steps.flatMap(strangeRef) : []
  return { checksOutFork: false, unresolved: given.map((text) => unknown('checksOutFork', text)) }
}

/** A ref or repository that a step before, an input or the like names, and that may be anybody's. */
function strangeRef(step: Tree): string[] {
  if (!textOf(at(step, 'uses'))?.toLowerCase().startsWith('actions/checkout@')) return []
  return ['ref', 'repository'].flatMap((key) => {
    const text = textOf(at(step, 'with', key)) ?? ''
    return expressionsOf(text).some(({ inside }) => !own.test(plain(inside))) ? [text] : []
  })
}
