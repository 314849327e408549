import { line } from './id.ts'
import { isPrintable } from './printable.ts'

/**
 * Scripts that may stand in one name: each by itself, or those of one writing system with Latin beside them. "Highly
 * restrictive" of UTS 39 §5.2.
 */
const together: readonly (readonly string[])[] = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
]
const scripts = (
  'Latin Cyrillic Greek Han Hiragana Katakana Bopomofo Hangul Arabic Hebrew Armenian Georgian Devanagari Bengali ' +
  'Tamil Telugu Kannada Malayalam Gujarati Gurmukhi Sinhala Thai Lao Khmer Myanmar Tibetan Ethiopic'
)
  .split(' ')
  .map((script) => ({ script, has: new RegExp(`\\p{Script=${script}}`, 'u') }))
const known = new RegExp(`[${scripts.map(({ script }) => `\\p{Script=${script}}`).join('')}]`, 'gu')

function isOfOneScript(text: string): boolean {
  // A letter of a script that is not on the list is read by few, and might be anything.
  if (
    /\p{L}/u.test(
      text.replace(known, '').replaceAll(/\p{Script=Common}|\p{Script=Inherited}/gu, ''),
    )
  )
    return false
  const found = scripts.filter(({ has }) => has.test(text)).map(({ script }) => script)
  return found.length < 2 || together.some((set) => found.every((script) => set.includes(script)))
}

/** Cyrillic and Greek letters that look exactly like Latin ones, and the Latin ones of phonetics that look like others. */
const looksLatin = /^[аеорсухѕіјһԁԛԝАВЕЅІЈКМНОРСТХΥУԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΧονυ]+$/u
const phonetic = /[\u0250-\u02af\u1d00-\u1dbf\ua720-\ua7ff\uab30-\uab6f]/u

/** A name all of whose letters look like Latin ones and are none, such as Cyrillic `соре`. */
const isDisguised = (text: string) =>
  phonetic.test(text) || looksLatin.test(text.replaceAll(/\P{L}/gu, ''))

const faults: readonly (readonly [(text: string) => boolean, string])[] = [
  [
    (text) => text !== text.normalize('NFKC'),
    'must not contain look-alike forms of characters, such as full-width letters',
  ],
  [(text) => /\p{Zs}{2}/u.test(text), 'must not contain two spaces in a row'],
  [(text) => /\p{M}{3}/u.test(text), 'must not pile up marks on one letter'],
  [
    (text) => !isOfOneScript(text),
    'must not mix letters of several scripts, such as Latin and Cyrillic',
  ],
  [isDisguised, 'must not consist of letters that look like Latin ones and are others'],
]

/** A name that people tell things apart by: one line that cannot pass for another (P37). */
export function name(most: number) {
  return faults.reduce(
    (schema, [fails, message]) => schema.refine((text) => !fails(text), message),
    line(most),
  )
}

/** The name that an identity provider conveys, without what cannot be seen; nothing where none is left. */
export function seenName(text: string, most: number): string | undefined {
  const seen = Array.from(text.normalize('NFKC'), (char) => (isPrintable(char) ? char : ' ')).join(
    '',
  )
  const short = seen.replaceAll(/\s+/gu, ' ').trim().slice(0, most).trim()
  return short.isWellFormed() && short !== '' ? short : undefined
}
