/**
 * What does something else than being read (P36, P37): controls (C0, C1), lone surrogates, line and paragraph
 * separators, everything that Unicode lets be invisible (zero-width, bidirectional overrides and isolates, fillers,
 * variation selectors, tags), and the blank of Braille.
 */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu

/** Newlines and tabs, and what emoji are made of. */
const fineInProse = '\n\t\ufe0f'

/** Whether a line holds nothing that cannot be seen. */
export const isPrintable = (text: string): boolean => text.search(unprintable) === -1

/** The same for prose, where newlines, tabs and emoji are welcome. */
export const isPrintableProse = (text: string): boolean =>
  (text.match(unprintable) ?? []).every((char) => fineInProse.includes(char))

/**
 * The text with all of that written as `\uXXXX`: the same value inside of JSON, and harmless in a terminal, a log or a
 * table. What stands in `but` stays.
 */
export function printable(text: string, but = ''): string {
  return text.replace(unprintable, (char) => (but.includes(char) ? char : escaped(char)))
}

const escaped = (char: string) =>
  Array.from({ length: char.length }, (_, at) => char.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')

/** JSON that is inert wherever it is printed. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value))
