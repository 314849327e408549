import { printable } from '../../../contract/printable.ts'

/**
 * A cell that no spreadsheet takes for a formula (P35, ASVS 1.2.10), also one that trims or reads full-width signs, and
 * no terminal for a command (P36); quoted by RFC 4180.
 */
function cell(value: string | number | undefined): string {
  const text = printable(String(value ?? '').replaceAll('\u0000', '␀'), '\t\r\n')
  const inert = /^\s*[=+\-@＝＋－＠\t\r\n␀]/.test(text) ? `'${text}` : text
  return /[",\r\n\t;']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** Rows as CSV with a head, lines ended by CRLF. */
export function csvOf(
  head: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
