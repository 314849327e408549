import type { FailedClause, Problem } from '../../contract/problem.ts'

/** Control characters, those of ANSI escapes among them, and what turns the direction of text: never to a terminal (P36). */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const plain = (text: string) =>
  text
    .replaceAll('\n', ' ')
    .replace(
      unprintable,
      (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`,
    )

const row = (label: string, text: string | undefined) =>
  text === undefined ? [] : [`  ${label.padEnd(11)}${plain(text)}`]

const clause = ({ layer, clause, expected, actual, change }: FailedClause): string[] => [
  ...row('failed', `${layer}: ${clause}`),
  ...row('expected', expected),
  ...row('was', actual),
  ...row('to permit', change),
]

/** A refusal as somebody reads it in the log of a job. */
export function terminalText({ title, failed = [], decision, requestId }: Problem): string {
  const blocks = failed.map((each) => clause(each).join('\n'))
  return [
    plain(title),
    ...(blocks.length ? ['', blocks.join('\n\n')] : []),
    '',
    ...row('explained', decision),
    ...row('request', requestId),
    '',
  ].join('\n')
}
