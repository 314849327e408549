import { RE2JS } from 're2js'
import {
  ExpressionError,
  parseExpression,
  type Expression,
  type Span,
  type Value,
} from './expression-parser.ts'
import { knownVariables } from './expression-variables.ts'

export interface ExpressionProblem extends Span {
  /** `syntax` and `variable` are found when it is written; `unknown` and `type` when a run is asked. */
  readonly kind: 'syntax' | 'variable' | 'unknown' | 'type'
  readonly message: string
}

/** One comparison that was reached: `says` in a sentence, `found` what the run had there. */
interface Traced extends Span {
  readonly value: Value
  readonly says: string
  readonly found: string
}

export interface ExpressionAnswer {
  readonly holds: boolean
  /** The value of each comparison that was reached, for the explanation. */
  readonly trace: readonly Traced[]
  readonly problem?: ExpressionProblem
}

type Variables = Readonly<Record<string, Value>>

class Halt extends Error {
  readonly problem: ExpressionProblem
  constructor(kind: 'unknown' | 'type', message: string, { from, to }: Span) {
    super(message)
    this.problem = { kind, message, from, to }
  }
}

const parsed = new Map<string, Expression | ExpressionProblem>()
const patterns = new Map<string, RE2JS>()
const remembered = 500

function remember<V>(memory: Map<string, V>, key: string, make: () => V): V {
  const known = memory.get(key)
  if (known !== undefined) return known
  if (memory.size >= remembered) memory.clear()
  const made = make()
  memory.set(key, made)
  return made
}

function parse(text: string): Expression | ExpressionProblem {
  return remember(parsed, text, () => {
    try {
      const tree = parseExpression(text)
      checkPatterns(tree)
      return tree
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      return { kind: 'syntax', message: error.message, from: error.from, to: error.to }
    }
  })
}

/** Linear-time matching (RE2): a pattern that a person wrote cannot stall the decision point. */
function pattern(source: string): RE2JS {
  return remember(patterns, source, () => RE2JS.compile(source))
}

function* parts(tree: Expression): Generator<Expression> {
  yield tree
  if (tree.kind === 'not') yield* parts(tree.operand)
  if (tree.kind === 'binary') {
    yield* parts(tree.left)
    yield* parts(tree.right)
  }
}

function checkPatterns(tree: Expression): void {
  for (const part of parts(tree)) {
    if (part.kind !== 'regex') continue
    try {
      pattern(part.source)
    } catch {
      throw new ExpressionError('This pattern is not one that RE2 can match', part)
    }
  }
}

/** What is wrong with an expression as written; empty when it may be saved. */
export function checkExpression(text: string): ExpressionProblem[] {
  const tree = parse(text)
  if (isProblem(tree)) return [tree]
  return [...parts(tree)].flatMap((part) =>
    part.kind === 'variable' && !knownVariables.has(part.name)
      ? [
          {
            kind: 'variable' as const,
            message: `No pipeline value is called ${part.name}; the expression would always deny`,
            from: part.from,
            to: part.to,
          },
        ]
      : [],
  )
}

/** Whether the expression holds for a run. Anything that is not known, and any wrong type, means that it does not. */
export function evaluateExpression(text: string, variables: Variables): ExpressionAnswer {
  const tree = parse(text)
  if (isProblem(tree)) return { holds: false, trace: [], problem: tree }
  const trace: Traced[] = []
  try {
    return { holds: evaluate(tree, { text, variables, trace }) !== false, trace }
  } catch (error) {
    if (error instanceof Halt) return { holds: false, trace, problem: error.problem }
    throw error
  }
}

/** One part of an expression, evaluated by itself, also where the whole was decided before it was reached. */
export interface ExpressionPart extends Span {
  readonly depth: number
  readonly value: 'true' | 'false' | 'unknown' | 'error'
  /** What the run had there, or why it cannot be told. */
  readonly found: string
}

/** Every part that is true or false, outermost first: the whole, what `and`, `or` and `not` join, each comparison. */
export function expressionParts(text: string, variables: Variables): ExpressionPart[] {
  const tree = parse(text)
  if (isProblem(tree)) {
    return [{ from: 0, to: text.length, depth: 0, value: 'error', found: tree.message }]
  }
  const told: ExpressionPart[] = []
  const tell = (part: Expression, depth: number): void => {
    const { from, to } = part
    told.push({ from, to, depth, ...evaluatedAlone(part, { text, variables, trace: [] }) })
    if (part.kind === 'not') tell(part.operand, depth + 1)
    if (part.kind !== 'binary' || (part.operator !== 'and' && part.operator !== 'or')) return
    // `a and b and c` associates to the left, and is read as three parts of one.
    const joined = (side: Expression): Expression[] =>
      side.kind === 'binary' && side.operator === part.operator
        ? [...joined(side.left), ...joined(side.right)]
        : [side]
    for (const side of joined(part)) tell(side, depth + 1)
  }
  tell(tree, 0)
  return told
}

function evaluatedAlone(part: Expression, run: Run): Pick<ExpressionPart, 'value' | 'found'> {
  try {
    const value = evaluate(part, run)
    const found = part.kind === 'variable' ? show(part, value) : run.trace.map((each) => each.found)
    return { value: value === false ? 'false' : 'true', found: [found].flat().join('; ') }
  } catch (error) {
    if (!(error instanceof Halt)) throw error
    const { kind, message } = error.problem
    return { value: kind === 'unknown' ? 'unknown' : 'error', found: message }
  }
}

interface Run {
  readonly text: string
  readonly variables: Variables
  readonly trace: Traced[]
}

function evaluate(tree: Expression, run: Run): Value {
  switch (tree.kind) {
    case 'literal':
      return tree.value
    case 'regex':
      throw new Halt('type', 'A pattern is not a value', tree)
    case 'variable':
      // Not merely false: the whole expression is, also under `not`, so that a typing error never admits.
      if (!knownVariables.has(tree.name) || !Object.hasOwn(run.variables, tree.name)) {
        throw new Halt('unknown', `${tree.name} is not known for this run`, tree)
      }
      return run.variables[tree.name] as Value
    case 'not':
      return evaluate(tree.operand, run) === false
    case 'binary':
      return operate(tree, run)
  }
}

function operate(tree: Expression & { kind: 'binary' }, run: Run): Value {
  const { operator } = tree
  const left = evaluate(tree.left, run)
  if (operator === 'and') return left === false ? false : evaluate(tree.right, run) !== false
  if (operator === 'or') return left !== false ? true : evaluate(tree.right, run) !== false
  let value: boolean
  if (operator === 'matches') {
    const source = tree.right.kind === 'regex' ? tree.right.source : ''
    value = pattern(source)
      .matcher(text(left, operator, tree.left))
      .find()
  } else {
    const right = evaluate(tree.right, run)
    if (operator === '==') value = left === right
    else if (operator === '!=') value = left !== right
    else if (operator === 'starts-with') {
      value = text(left, operator, tree.left).startsWith(text(right, operator, tree.right))
    } else {
      const [a, b] = [whole(left, operator, tree.left), whole(right, operator, tree.right)]
      value =
        operator === '>' ? a > b : operator === '<' ? a < b : operator === '>=' ? a >= b : a <= b
    }
  }
  const { from, to } = tree
  const clause = run.text.slice(from, to)
  const found = show(tree.left, left)
  run.trace.push({ from, to, value, says: `${clause} is ${value} (${found})`, found })
  return value
}

function show(tree: Expression, value: Value): string {
  return `${tree.kind === 'variable' ? tree.name : 'left side'} is ${JSON.stringify(value)}`
}

function text(value: Value, operator: string, where: Span): string {
  if (typeof value === 'string') return value
  throw new Halt('type', `“${operator}” wants text, not ${JSON.stringify(value)}`, where)
}

function whole(value: Value, operator: string, where: Span): number {
  if (typeof value === 'number') return value
  throw new Halt('type', `“${operator}” wants whole numbers, not ${JSON.stringify(value)}`, where)
}

function isProblem(tree: Expression | ExpressionProblem): tree is ExpressionProblem {
  return 'message' in tree
}
