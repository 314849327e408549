import { fileURLToPath } from 'node:url'
import Pdf from 'pdfkit'
import { printable } from '../../../contract/printable.ts'
import {
  moment,
  type Block,
  type PaperCell,
  type PaperColumn,
  type Tone,
} from '../../http/paper.ts'

/*
 * A document for people (ISO 32000), written page by page: what is full has left the memory. The only file that knows the
 * library; what stands on the pages is told to it in blocks.
 */

/** Inter (SIL OFL 1.1, which permits embedding), with the Latin, Greek and Cyrillic letters. */
const fonts = {
  text: fileURLToPath(
    import.meta.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  ),
  strong: fileURLToPath(
    import.meta.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
  ),
} as const

/** The console's colours on white. */
const colours: Readonly<Record<Tone, string>> = {
  good: '#17683b',
  bad: '#a81f26',
  would: '#7d4b00',
  plain: '#14201f',
  dim: '#5a6968',
}
const accent = '#0b6b66'
const hairline = '#dce3e3'

/** A4 across, in points; what stands between the head and the foot of a page. */
const sheet = { width: 841.89, height: 595.28 }
const margin = 40
const body = { top: 66, bottom: sheet.height - 44, width: sheet.width - 2 * margin }
const size = 8
const lead = 11
const padding = { x: 5, y: 4 }

export interface PaperHead {
  readonly title: string
  /** Who asked for it. */
  readonly by: string
  readonly at: Date
  readonly facts: readonly (readonly [name: string, text: string])[]
  /** By which query the rows were chosen. */
  readonly query: string
  readonly columns: readonly PaperColumn[]
}

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
const atHand = (document: PDFKit.PDFDocument) =>
  (document as unknown as { readonly _font: FontAtHand })._font

/**
 * One glyph for each character, side by side. Shaping by the font's tables of ligatures and alternates takes most of the
 * time that a document takes, and these scripts are read as well without.
 */
function plainly(font: FontAtHand['font']): void {
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

const unknown = '\u25a1'

export function beginPaper({ title, by, at, facts, query, columns }: PaperHead) {
  const document = new Pdf({
    size: [sheet.width, sheet.height],
    margin: 0,
    autoFirstPage: false,
    font: fonts.text,
    lang: 'en',
    displayTitle: true,
    info: {
      Title: printable(title),
      Author: printable(by),
      Creator: 'Sallyport',
      Producer: 'Sallyport',
      Subject: `Asked for by ${printable(by)}: ${printable(query)}`,
      CreationDate: at,
      ModDate: at,
    },
  })
  document.registerFont('text', fonts.text).registerFont('strong', fonts.strong)
  for (const name of ['text', 'strong']) {
    plainly(atHand(document.font(name)).font)
  }
  let y = body.top
  let pages = 0
  let missed = false
  /** Whether the head of the table stands above on this page. */
  let inTable = false
  const total = document.ref({
    Type: 'XObject',
    Subtype: 'Form',
    BBox: [0, -4, 60, 12],
    Resources: { Font: { Text: atHand(document.font('text')).ref() } },
  })

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

  const put = (text: string, x: number, at: number) =>
    document.text(text, x, at, { lineBreak: false })
  const rule = (at: number, colour = hairline, thick = 0.5) =>
    document
      .moveTo(margin, at)
      .lineTo(sheet.width - margin, at)
      .lineWidth(thick)
      .strokeColor(colour)
      .stroke()

  function addPage(): void {
    document.addPage()
    pages += 1
    document.font('strong').fontSize(size).fillColor(accent)
    put('Sallyport', margin, 28)
    document.font('text').fillColor(colours.dim)
    const [running = ''] = linesOf(title, body.width - 300)
    if (pages > 1) put(running, margin + 50, 28)
    const asked = written(`Asked for by ${by}, ${moment(at)}`)
    put(asked, sheet.width - margin - document.widthOfString(asked), 28)
    rule(44)
    const number = `Page ${pages}`
    const foot = sheet.height - 30
    put(number, margin, foot)
    // How many there will be is written once, at the end; every page shows it.
    document.page.xobjects['Total'] = total
    const right = margin + document.widthOfString(number)
    const base = sheet.height - foot - size
    document.save().transform(1, 0, 0, -1, 0, sheet.height)
    document.addContent(`1 0 0 1 ${right.toFixed(2)} ${base.toFixed(2)} cm /Total Do`)
    document.restore()
    y = body.top
    inTable = false
  }

  const room = (height: number) => y + height <= body.bottom
  const need = (height: number) => {
    if (!room(height)) addPage()
  }

  const parts = columns.reduce((sum, { part }) => sum + part, 0)
  const cells = columns.map(({ title: name, part }, nth) => {
    const before = columns.slice(0, nth).reduce((sum, one) => sum + one.part, 0)
    return {
      name,
      x: margin + (before / parts) * body.width + padding.x,
      width: (part / parts) * body.width - 2 * padding.x,
    }
  })

  function tableHead(): void {
    document.font('strong').fontSize(size - 0.5)
    const height = lead + 2 * padding.y - 1
    document.rect(margin, y, body.width, height).fill('#eff3f3')
    document.fillColor(colours.dim)
    for (const { name, x } of cells) put(name, x, y + padding.y)
    y += height
    inTable = true
  }

  function tableRow(given: readonly PaperCell[]): void {
    document.font('text').fontSize(size)
    const lines = cells.map(({ width }, nth) => {
      const cell = given[nth] ?? ''
      const { text, tone } =
        typeof cell === 'string' ? ({ text: cell, tone: 'plain' } as const) : cell
      return { tone, left: linesOf(text, width) }
    })
    const tallest = () => Math.max(1, ...lines.map(({ left }) => left.length))
    const whole = tallest() * lead + 2 * padding.y
    const headHeight = inTable ? 0 : 2 * lead
    // What fits on one page is not torn, unless it fills most of it.
    if (!room(headHeight + Math.min(whole, 0.4 * (body.bottom - body.top)))) addPage()
    while (lines.some(({ left }) => left.length > 0)) {
      if (!inTable) tableHead()
      document.font('text').fontSize(size)
      const fit = Math.max(1, Math.floor((body.bottom - y - 2 * padding.y) / lead))
      const some = Math.min(tallest(), fit)
      for (const [nth, { left, tone }] of lines.entries()) {
        document.fillColor(colours[tone])
        for (const [at, line] of left.splice(0, some).entries()) {
          put(line, cells[nth]?.x ?? margin, y + padding.y + at * lead)
        }
      }
      y += some * lead + 2 * padding.y
      rule(y)
      if (lines.some(({ left }) => left.length > 0)) addPage()
    }
  }

  function heading(text: string, level: 1 | 2 | 3, aside?: PaperCell): void {
    const points = { 1: 13, 2: 9.5, 3: size }[level]
    const above = { 1: 16, 2: 14, 3: 5 }[level]
    inTable = false
    document.font('strong').fontSize(points)
    const told = typeof aside === 'string' ? { text: aside, tone: 'plain' as const } : aside
    const lines = linesOf(text, body.width - 110)
    // Not at the foot of a page, apart from what it is about.
    need(lines.length * points * 1.4 + 70)
    if (y > body.top) y += above
    document
      .font(level === 3 ? 'text' : 'strong')
      .fontSize(points)
      .fillColor(level === 3 ? colours.dim : colours.plain)
    const first = y
    for (const line of lines) {
      put(line, margin, y)
      y += points * 1.4
    }
    if (told) {
      document.font('strong').fontSize(size).fillColor(colours[told.tone])
      const said = written(told.text)
      const top = first + (points - size) * 0.8
      put(said, sheet.width - margin - document.widthOfString(said), top)
    }
    y += 3
  }

  function paragraph(text: string, tone: Tone = 'plain'): void {
    if (inTable) y += 5
    inTable = false
    document.font('text').fontSize(size)
    for (const line of linesOf(text, Math.min(body.width, 620))) {
      need(lead)
      document.font('text').fontSize(size).fillColor(colours[tone])
      put(line, margin, y)
      y += lead
    }
    y += 3
  }

  function opening(): void {
    addPage()
    document.font('strong').fontSize(18)
    for (const line of linesOf(title, body.width)) {
      need(24)
      document.font('strong').fontSize(18).fillColor(colours.plain)
      put(line, margin, y)
      y += 24
    }
    y += 4
    const left = 130
    for (const [name, text] of [...facts, ['Query', query] as const]) {
      document.font('text').fontSize(size)
      for (const [nth, line] of linesOf(text, body.width - left).entries()) {
        need(lead + 2)
        document.font('text').fontSize(size).fillColor(colours.dim)
        if (nth === 0) put(name, margin, y)
        document.fillColor(colours.plain)
        put(line, margin + left, y)
        y += lead + 1
      }
    }
    y += 10
  }
  opening()

  /** What is ready to leave; never all of it. */
  const taken = (): Buffer => {
    const made: unknown = document.read()
    return made instanceof Buffer ? made : Buffer.alloc(0)
  }

  return {
    add(block: Block): void {
      if ('heading' in block) heading(block.heading, block.level, block.aside)
      else if ('cells' in block) tableRow(block.cells)
      else paragraph(block.text, block.tone)
    },
    taken,
    /** Writes how many pages there are, and the fonts; what is taken then is the last of it. */
    end(): Buffer {
      if (missed) {
        const note = `${unknown} stands for a character that the font of this file does not have. The same export as CSV has it.`
        y += lead
        paragraph(note, 'dim')
      }
      document.font('text')
      const [encoded] = atHand(document).encode(` of ${pages}`)
      total.end(`BT 0.353 0.412 0.408 rg /Text ${size} Tf <${encoded.join('')}> Tj ET`)
      document.end()
      return taken()
    },
  }
}
