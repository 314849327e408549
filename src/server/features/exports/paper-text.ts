import { printable } from '../../../contract/printable.ts'

/*
 * Text as the font of a document can write it, in lines of a width: what pdfkit does slowly, or not at all.
 */

/** What of the library its types do not tell: the font at hand, by which what it cannot write is known. */
interface FontAtHand {
  readonly id: string
  readonly font: {
    hasGlyphForCodePoint(codePoint: number): boolean
    glyphForCodePoint(codePoint: number): { readonly advanceWidth: number }
    layout(text: string): unknown
  }
  ref(): object
  encode(text: string): [encoded: string[], positions: unknown]
}
export const atHand = (document: PDFKit.PDFDocument) =>
  (document as unknown as { readonly _font: FontAtHand })._font

/**
 * One glyph for each character, side by side. Shaping by the font's tables of ligatures and alternates takes most of the
 * time that a document takes, and these scripts are read as well without.
 */
export function plainly(font: FontAtHand['font']): void {
  const glyphs = new Map<string, { readonly advanceWidth: number }>()
  const glyphOf = (char: string) => {
    const glyph = glyphs.get(char) ?? font.glyphForCodePoint(char.codePointAt(0) ?? 0)
    glyphs.set(char, glyph)
    return glyph
  }
  font.layout = (text) => {
    const run = Array.from(text, glyphOf)
    const positions = run.map(({ advanceWidth }) => ({
      xAdvance: advanceWidth,
      yAdvance: 0,
      xOffset: 0,
      yOffset: 0,
    }))
    return {
      glyphs: run,
      positions,
      // Asked for when the positions have been scaled.
      get advanceWidth() {
        return positions.reduce((sum, { xAdvance }) => sum + xAdvance, 0)
      },
    }
  }
}

/** Where a word that is too long is cut: behind a mark that parts an address, if there is one not long before. */
function cutAt(chars: readonly string[], most: number): number {
  for (let at = most; at > most / 2; at--) {
    if ('@./:-_'.includes(chars[at - 1] ?? ' ')) return at
  }
  return most
}

export const unknown = '\u25a1'

/** Writes for a document in the font at hand; `missed` says whether there was a character that it does not have. */
export function writer(document: PDFKit.PDFDocument) {
  let missed = false
  /** Both fonts have the same characters; which is looked up once for each. */
  const known = new Map([['\n', true]])
  const isKnown = (char: string): boolean => {
    let is = known.get(char)
    if (is === undefined) {
      is = atHand(document).font.hasGlyphForCodePoint(char.codePointAt(0) ?? 0)
      known.set(char, is)
    }
    return is
  }

  /** What the font can write, and nothing that does something else than being read (P36). */
  function written(text: string): string {
    let out = ''
    for (const char of printable(text.replaceAll('\r\n', '\n').replaceAll('\t', ' '), '\n')) {
      const is = isKnown(char)
      if (!is) missed = true
      out += is ? char : unknown
    }
    return out
  }

  /** As lines of a width: broken between words, and where one is too long, within it. */
  function linesOf(text: string, width: number): string[] {
    const fits = (some: string) => document.widthOfString(some) <= width
    return written(text)
      .split('\n')
      .flatMap((paragraph) => {
        const lines: string[] = []
        let line = ''
        let room = width
        for (const word of paragraph.split(' ')) {
          const wide = document.widthOfString(` ${word}`)
          if (wide <= room || (line === '' && fits(word))) {
            line = line === '' ? word : `${line} ${word}`
            room -= wide
            continue
          }
          if (line !== '') lines.push(line)
          line = word
          while (!fits(line)) {
            const chars = Array.from(line)
            // By halves: a word may be as long as a text.
            let [least, most] = [1, chars.length]
            while (most - least > 1) {
              const half = (least + most) >> 1
              if (fits(chars.slice(0, half).join(''))) least = half
              else most = half
            }
            const cut = cutAt(chars, least)
            lines.push(chars.slice(0, cut).join(''))
            line = chars.slice(cut).join('')
          }
          room = width - document.widthOfString(line)
        }
        lines.push(line)
        return lines
      })
  }

  return { written, linesOf, missed: () => missed }
}
