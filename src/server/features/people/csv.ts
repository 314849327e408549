export interface CsvRecord {
  /** Where the record begins, counted from 1. */
  readonly line: number
  readonly fields: readonly string[]
}

/** Thrown where quotes do not add up; everything after such a place would be a guess. */
export class CsvError extends Error {
  readonly line: number
  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** Reads RFC 4180: quoted fields with commas, line breaks and doubled quotes; LF as well as CRLF; a byte order mark. */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = []
  let fields: string[] = []
  let line = 1
  let begins = 1
  let at = text.startsWith('\uFEFF') ? 1 : 0
  const end = () => {
    if (fields.length > 1 || fields[0] !== '') records.push({ line: begins, fields })
    fields = []
  }
  while (at < text.length) {
    let field = ''
    if (text[at] === '"') {
      const opened = line
      for (at++; ; at++) {
        const char = text[at]
        if (char === undefined) throw new CsvError(opened, 'A quoted field is never closed')
        if (char === '\n') line++
        if (char !== '"') field += char
        else if (text[at + 1] === '"') {
          field += '"'
          at++
        } else break
      }
      at++
      if (at < text.length && !',\r\n'.includes(text[at] ?? '')) {
        throw new CsvError(line, 'Text follows a closing quote')
      }
    } else {
      const from = at
      while (at < text.length && !',\r\n'.includes(text[at] ?? '')) {
        if (text[at] === '"') throw new CsvError(line, 'A quote stands inside an unquoted field')
        at++
      }
      field = text.slice(from, at)
    }
    fields.push(field)
    if (text[at] === ',') {
      at++
      if (at === text.length) fields.push('')
      continue
    }
    if (text[at] === '\r') at++
    if (text[at] === '\n') at++
    end()
    line++
    begins = line
  }
  if (fields.length > 0) end()
  return records
}
