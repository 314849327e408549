/** Where something stands in the text, in UTF-16 units. */
export interface Span {
  readonly from: number
  readonly to: number
}

export type Value = string | number | boolean
type Operator = 'or' | 'and' | '==' | '!=' | 'starts-with' | 'matches' | '>=' | '>' | '<=' | '<'

export type Expression = Span &
  (
    | { readonly kind: 'literal'; readonly value: Value }
    | { readonly kind: 'regex'; readonly source: string }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'not'; readonly operand: Expression }
    | {
        readonly kind: 'binary'
        readonly operator: Operator
        readonly left: Expression
        readonly right: Expression
      }
  )

export class ExpressionError extends Error {
  readonly from: number
  readonly to: number
  constructor(message: string, { from, to }: Span) {
    super(message)
    this.name = 'ExpressionError'
    this.from = from
    this.to = to
  }
}

export const limits = { length: 4096, depth: 40, tokens: 512 } as const

type TokenKind = 'number' | 'string' | 'regex' | 'name' | 'operator' | 'end'
interface Token extends Span {
  readonly kind: TokenKind
  /** A string's value with its escapes undone; else as written. */
  readonly text: string
}

// Longest first. A name may hold `-` inside a part, as `starts-with` does.
const name = /[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*/y
const symbol = /==|!=|>=|<=|>|<|!|\(|\)/y
const whole = /-?\d+(?![\w.])/y

function scan(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp, kind: TokenKind): boolean => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found === undefined) return false
    tokens.push({ kind, text: found, from: at, to: at + found.length })
    at += found.length
    return true
  }
  while (at < text.length) {
    const char = text.charAt(at)
    if (/\s/.test(char)) at++
    else if (char === '"') at = quoted(text, at, '"', 'string', tokens)
    else if (char === '/') at = quoted(text, at, '/', 'regex', tokens)
    else if (!take(symbol, 'operator') && !take(whole, 'number') && !take(name, 'name')) {
      throw new ExpressionError(`“${char}” has no meaning here`, { from: at, to: at + 1 })
    }
    if (tokens.length > limits.tokens) {
      throw new ExpressionError(`An expression has at most ${limits.tokens} parts`, {
        from: at - 1,
        to: at,
      })
    }
  }
  tokens.push({ kind: 'end', text: '', from: text.length, to: text.length })
  return tokens
}

/** A string, whose `\` makes the next character literal; or a pattern, whose escapes belong to the pattern but for `\/`. */
function quoted(
  text: string,
  from: number,
  end: string,
  kind: 'string' | 'regex',
  tokens: Token[],
): number {
  let value = ''
  let at = from + 1
  for (; at < text.length && text.charAt(at) !== end; at++) {
    if (text.charAt(at) !== '\\') value += text.charAt(at)
    else {
      at++
      const next = text.charAt(at)
      value += kind === 'string' || next === '/' ? next : `\\${next}`
    }
  }
  if (at >= text.length) {
    throw new ExpressionError(
      `This ${kind === 'string' ? 'string' : 'pattern'} is never closed by ${end}`,
      { from, to: text.length },
    )
  }
  tokens.push({ kind, text: value, from, to: at + 1 })
  return at + 1
}

/** Weakest first; all associate to the left. `matches` binds as `starts-with` does. */
const levels: readonly (readonly Operator[])[] = [
  ['or'],
  ['and'],
  ['==', '!='],
  ['starts-with', 'matches'],
  ['>=', '>', '<=', '<'],
]
const words = new Set(['or', 'and', 'not', 'true', 'false', 'starts-with', 'matches'])

/** Parses CircleCI's context expression language; throws an `ExpressionError` with a position. */
export function parseExpression(text: string): Expression {
  if (text.length > limits.length) {
    throw new ExpressionError(`An expression has at most ${limits.length} characters`, {
      from: limits.length,
      to: text.length,
    })
  }
  const tokens = scan(text)
  let next = 0
  const peek = (): Token => tokens[next] as Token
  const is = (...wanted: string[]) =>
    (peek().kind === 'operator' || peek().kind === 'name') && wanted.includes(peek().text)

  const binary = (level: number, depth: number): Expression => {
    const operators = levels[level]
    if (!operators) return unary(depth)
    let left = binary(level + 1, depth)
    while (is(...operators)) {
      const operator = tokens[next++]?.text as Operator
      const right = binary(level + 1, depth)
      if (right.kind === 'regex' && operator !== 'matches') {
        throw new ExpressionError('A /pattern/ belongs to the right of “matches”', right)
      }
      if (operator === 'matches' && right.kind !== 'regex') {
        throw new ExpressionError('“matches” wants a /pattern/ to its right', right)
      }
      left = { kind: 'binary', operator, left, right, from: left.from, to: right.to }
    }
    return left
  }
  const unary = (depth: number): Expression => {
    if (depth > limits.depth) {
      throw new ExpressionError(`An expression nests at most ${limits.depth} deep`, peek())
    }
    const token = peek()
    next++
    if (token.kind === 'operator' || token.kind === 'name') {
      if (token.text === 'not' || token.text === '!') {
        const operand = unary(depth + 1)
        return { kind: 'not', operand, from: token.from, to: operand.to }
      }
      if (token.text === '(') {
        const inner = binary(0, depth + 1)
        if (!is(')')) throw new ExpressionError('“)” is missing here', peek())
        const { to } = tokens[next++] as Token
        return { ...inner, from: token.from, to }
      }
      if (token.text === 'true' || token.text === 'false') {
        return { kind: 'literal', value: token.text === 'true', from: token.from, to: token.to }
      }
    }
    const { from, to } = token
    if (token.kind === 'string') return { kind: 'literal', value: token.text, from, to }
    if (token.kind === 'regex') return { kind: 'regex', source: token.text, from, to }
    if (token.kind === 'number') {
      const value = Number(token.text)
      if (!Number.isSafeInteger(value)) throw new ExpressionError('This number is too large', token)
      return { kind: 'literal', value, from, to }
    }
    if (token.kind === 'name' && !words.has(token.text)) {
      return { kind: 'variable', name: token.text, from, to }
    }
    throw new ExpressionError(
      token.kind === 'end'
        ? 'The expression ends where a value is missing'
        : `A value is missing before “${token.text}”`,
      token,
    )
  }

  const tree = binary(0, 0)
  if (peek().kind !== 'end') {
    throw new ExpressionError(`“${peek().text}” is not expected here`, peek())
  }
  if (tree.kind === 'regex') throw new ExpressionError('A /pattern/ alone says nothing', tree)
  return tree
}
