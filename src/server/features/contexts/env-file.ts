import { SecretName, SecretValue } from '../../../contract/contexts.ts'

/** One variable of a `.env` text, or what is wrong on its line. */
export interface EnvLine {
  readonly line: number
  readonly name: string | null
  readonly value?: string
  readonly problem?: string
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
const assignment = /^(?:export[ \t]+)?([^=\s]+)[ \t]*=[ \t]*/

/**
 * Reads `NAME=value` lines: comments, `export`, 'literal' and "escaped" quotes that may span lines, and ` #` comments
 * after bare values. Nothing is expanded: `$HOME` stays as it is written. A name that stands twice is an error, since
 * two readers of the same file would take different ones.
 */
export function readEnvText(text: string): EnvLine[] {
  const source = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const found: EnvLine[] = []
  const firstLine = new Map<string, number>()
  let at = 0
  let line = 1
  while (at < source.length) {
    const end = source.indexOf('\n', at)
    const lineEnd = end < 0 ? source.length : end
    const whole = source.slice(at, lineEnd)
    const start = whole.trimStart()
    if (start === '' || start.startsWith('#')) {
      at = lineEnd + 1
      line += 1
      continue
    }
    const head = assignment.exec(start)
    const name = head?.[1] ?? null
    let read: Read = { problem: 'A line has the form NAME=value.', end: lineEnd }
    if (head) read = readValue(source, at + whole.length - start.length + head[0].length, lineEnd)
    const problem = read.problem ?? faultOf(name ?? '', read.value ?? '', firstLine)
    found.push(
      problem === undefined ? { line, name, value: read.value ?? '' } : { line, name, problem },
    )
    if (name !== null && !firstLine.has(name)) firstLine.set(name, line)
    line += source.slice(at, read.end).split('\n').length
    at = read.end + 1
  }
  return found
}

interface Read {
  readonly value?: string
  readonly problem?: string
  /** Where the line on which it ends has its end. */
  readonly end: number
}

function readValue(source: string, from: number, lineEnd: number): Read {
  const quote = source[from]
  if (quote !== '"' && quote !== "'") {
    const bare = source.slice(from, lineEnd)
    return { value: bare.replace(/(^|[ \t])#.*$/, '').trim(), end: lineEnd }
  }
  let value = ''
  for (let at = from + 1; at < source.length; at++) {
    const character = source[at] ?? ''
    if (character === quote) return closed(source, at + 1, value)
    if (character === '\\' && quote === '"') {
      const next = source[++at] ?? ''
      value += escapes[next] ?? (['"', '\\', '$', '`'].includes(next) ? next : `\\${next}`)
    } else value += character
  }
  return { problem: `The value begins with ${quote} and has no closing ${quote}.`, end: lineEnd }
}

function closed(source: string, after: number, value: string): Read {
  const newline = source.indexOf('\n', after)
  const end = newline < 0 ? source.length : newline
  const rest = source.slice(after, end).trim()
  if (rest === '' || rest.startsWith('#')) return { value, end }
  return { problem: `After the closing quote stands “${rest.slice(0, 20)}”.`, end }
}

function faultOf(
  name: string,
  value: string,
  seen: ReadonlyMap<string, number>,
): string | undefined {
  const first = seen.get(name)
  if (first !== undefined) return `${name} stands on line ${first} already.`
  const named = SecretName.safeParse(name)
  if (!named.success) return `The name ${named.error.issues[0]?.message ?? 'is wrong'}.`
  const valued = SecretValue.safeParse(value)
  if (!valued.success) return `The value ${valued.error.issues[0]?.message ?? 'is wrong'}.`
  return undefined
}
