import { printable } from '../../contract/printable.ts'

export type Cell = string | number | undefined

/**
 * A cell that no spreadsheet takes for a formula (P35, ASVS 1.2.10), also one that trims or reads full-width signs, and
 * no terminal for a command (P36); quoted by RFC 4180.
 */
function written(value: Cell): string {
  const text = printable(String(value ?? '').replaceAll('\u0000', '␀'), '\t\r\n')
  const inert = /^\s*[=+\-@＝＋－＠\t\r\n␀]/.test(text) ? `'${text}` : text
  return /[",\r\n\t;']/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** Rows as CSV, lines ended by CRLF. */
export const csvOf = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(written).join(',')}\r\n`).join('')
