import {
  parseExpression,
  ExpressionError,
  type Expression,
  type Value,
} from './expression-parser.ts'
import { evaluateExpression } from './expression.ts'

type Ref = Readonly<Record<string, Value>>

const branch = 'pipeline.git.branch'
const isDefault = 'pipeline.git.branch.is_default'
const tag = 'pipeline.git.tag'
/** What the name of a branch or tag says: everything else of a run may be one thing or another. */
const ofRef: ReadonlySet<string> = new Set([branch, isDefault, tag])

/** Names that no rule has in mind: by words, by case, by figures. */
const strange = ['zq-nobody/named-this', 'nobodynamedthis', 'NobodyNamedThis', '4711', 'z.q_4711-x']

/**
 * Whether an expression admits none but branches and tags that somebody named, by themselves or by a pattern: it is
 * asked with names that nobody would give, also around the words that it has itself, which a pattern without a beginning
 * lets pass. What does not depend on the branch or tag may be true or false, so that it binds nothing.
 */
export function namesRef(text: string): boolean {
  let tree: Expression
  try {
    tree = parseExpression(text)
  } catch (error) {
    // What cannot be read admits nobody.
    if (error instanceof ExpressionError) return true
    throw error
  }
  const words = [...wordsOf(tree)].map((word) => `zq-${word}-zq`)
  const refs = [...strange, ...words].flatMap((name): Ref[] => [
    { [branch]: name, [isDefault]: false },
    { [tag]: name },
  ])
  return refs.every((ref) => !outcomes(tree, { text, ref }).has(true))
}

function* wordsOf(tree: Expression): Generator<string> {
  if (tree.kind === 'literal' && typeof tree.value === 'string' && tree.value) yield tree.value
  if (tree.kind === 'regex') yield* tree.source.match(/[\w/-]{2,}/g) ?? []
  if (tree.kind === 'not') yield* wordsOf(tree.operand)
  if (tree.kind !== 'binary') return
  yield* wordsOf(tree.left)
  yield* wordsOf(tree.right)
}

interface Asked {
  readonly text: string
  readonly ref: Ref
}

/** True or false, as far as it may be either; none of both where the whole expression comes to nothing. */
function outcomes(tree: Expression, asked: Asked): ReadonlySet<boolean> {
  if (tree.kind === 'not') return new Set([...outcomes(tree.operand, asked)].map((one) => !one))
  if (tree.kind === 'binary' && (tree.operator === 'and' || tree.operator === 'or')) {
    const left = outcomes(tree.left, asked)
    // What decides by itself, so that the right side is not reached.
    const decides = tree.operator === 'or'
    const right = left.has(!decides) ? outcomes(tree.right, asked) : []
    return new Set([...(left.has(decides) ? [decides] : []), ...right])
  }
  const names = [...variablesOf(tree)]
  if (names.some((name) => !ofRef.has(name))) return new Set([true, false])
  const { holds, problem } = evaluateExpression(asked.text.slice(tree.from, tree.to), asked.ref)
  return new Set(problem ? [] : [holds])
}

function* variablesOf(tree: Expression): Generator<string> {
  if (tree.kind === 'variable') yield tree.name
  if (tree.kind === 'not') yield* variablesOf(tree.operand)
  if (tree.kind !== 'binary') return
  yield* variablesOf(tree.left)
  yield* variablesOf(tree.right)
}
