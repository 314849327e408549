import { fileURLToPath } from 'node:url'
import Pdf from 'pdfkit'
import { printable } from '../../../contract/printable.ts'
import { atHand, plainly, unknown, writer } from './paper-text.ts'
import {
  moment,
  type Block,
  type PaperCell,
  type PaperColumn,
  type Tone,
} from '../../http/paper.ts'

/*
 * A document for people (ISO 32000), written page by page: what is full has left the memory. The only file that knows the
 * library; what stands on the pages is told to it in blocks, and to who cannot see them as headings, paragraphs and tables.
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

type Element = PDFKit.PDFStructureElement

export function beginPaper({ title, by, at, facts, query, columns }: PaperHead) {
  const document = new Pdf({
    size: [sheet.width, sheet.height],
    margin: 0,
    autoFirstPage: false,
    // None before those below: one that is there already by its file is opened anew wherever it is asked for by a name.
    font: '',
    // Marked Content and its structure (ISO 32000-1, 14.7) are read aloud, and copied in their order.
    pdfVersion: '1.7',
    tagged: true,
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
  const root = document.struct('Document')
  document.addStructure(root)
  let y = body.top
  let pages = 0
  /** The table that rows stand in, until something else does; whether its head stands above on this page. */
  let table: Element | undefined
  let inTable = false
  const total = document.ref({
    Type: 'XObject',
    Subtype: 'Form',
    BBox: [0, -4, 60, 12],
    Resources: { Font: { Text: atHand(document.font('text')).ref() } },
  })

  const { written, linesOf, missed } = writer(document)

  const put = (text: string, x: number, at: number) =>
    document.text(text, x, at, { lineBreak: false })
  /** What is drawn and says nothing to whoever listens: rules, and what every page repeats. */
  function aside(type: 'Layout' | 'Pagination', draw: () => void): void {
    document.markContent('Artifact', { type })
    draw()
    document.endMarkedContent()
  }
  const rule = (at: number) =>
    aside('Layout', () => {
      document
        .moveTo(margin, at)
        .lineTo(sheet.width - margin, at)
        .lineWidth(0.5)
        .strokeColor(hairline)
        .stroke()
    })
  /** A part of what stands above it, to which is added what is drawn; whoever made it ends it. */
  function part(type: string, within: Element = root, scope?: 'Column' | 'Row'): Element {
    const made = document.struct(type, scope ? ({ scope } as object) : {})
    within.add(made)
    return made
  }
  function leaveTable(): void {
    table?.end()
    table = undefined
    inTable = false
  }

  function addPage(): void {
    document.addPage()
    pages += 1
    aside('Pagination', pageFrame)
    rule(44)
    y = body.top
    inTable = false
  }

  function pageFrame(): void {
    document.font('strong').fontSize(size).fillColor(accent)
    put('Sallyport', margin, 28)
    document.font('text').fillColor(colours.dim)
    const [running = ''] = linesOf(title, body.width - 300)
    if (pages > 1) put(running, margin + 50, 28)
    const asked = written(`Asked for by ${by}, ${moment(at)}`)
    put(asked, sheet.width - margin - document.widthOfString(asked), 28)
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

  /** Where the table begins it is told; on the pages after that it is repeated for the eye. */
  function tableHead(within: Element | undefined): void {
    document.font('strong').fontSize(size - 0.5)
    const height = lead + 2 * padding.y - 1
    aside('Layout', () => document.rect(margin, y, body.width, height).fill('#eff3f3'))
    document.fillColor(colours.dim)
    const names = () => {
      for (const { name, x } of cells) put(name, x, y + padding.y)
    }
    if (within) {
      const row = part('TR', within)
      for (const { name, x } of cells) {
        part('TH', row, 'Column').add(() => put(name, x, y + padding.y))
      }
      row.end()
    } else aside('Pagination', names)
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
    const begins = table === undefined
    table ??= part('Table')
    if (!inTable) tableHead(begins ? table : undefined)
    const row = part('TR', table)
    const parts = cells.map(() => part('TD', row))
    for (;;) {
      document.font('text').fontSize(size)
      const fit = Math.max(1, Math.floor((body.bottom - y - 2 * padding.y) / lead))
      const some = Math.min(tallest(), fit)
      for (const [nth, { left, tone }] of lines.entries()) {
        const now = left.splice(0, some)
        if (now.length === 0) continue
        parts[nth]?.add(() => {
          document.fillColor(colours[tone])
          for (const [at, line] of now.entries()) {
            put(line, cells[nth]?.x ?? margin, y + padding.y + at * lead)
          }
        })
      }
      y += some * lead + 2 * padding.y
      rule(y)
      if (lines.every(({ left }) => left.length === 0)) break
      addPage()
      tableHead(undefined)
    }
    row.end()
  }

  function heading(text: string, level: 1 | 2 | 3, beside?: PaperCell): void {
    const points = { 1: 13, 2: 9.5, 3: size }[level]
    const above = { 1: 16, 2: 14, 3: 5 }[level]
    leaveTable()
    document.font('strong').fontSize(points)
    const told = typeof beside === 'string' ? { text: beside, tone: 'plain' as const } : beside
    const lines = linesOf(text, body.width - 110)
    // Not at the foot of a page, apart from what it is about.
    need(lines.length * points * 1.4 + 70)
    if (y > body.top) y += above
    // The title is the first; these stand below it.
    const made = part(`H${level + 1}`)
    const first = y
    made.add(() => {
      document
        .font(level === 3 ? 'text' : 'strong')
        .fontSize(points)
        .fillColor(level === 3 ? colours.dim : colours.plain)
      for (const line of lines) {
        put(line, margin, y)
        y += points * 1.4
      }
      if (!told) return
      document.font('strong').fontSize(size).fillColor(colours[told.tone])
      const said = written(told.text)
      const top = first + (points - size) * 0.8
      put(said, sheet.width - margin - document.widthOfString(said), top)
    })
    made.end()
    y += 3
  }

  /** Lines one below the other, from page to page, within one part. */
  function column(
    within: Element,
    lines: readonly string[],
    height: number,
    draw: (line: string, nth: number) => void,
  ): void {
    for (const [nth, line] of lines.entries()) {
      need(height)
      within.add(() => draw(line, nth))
      y += height
    }
  }

  function paragraph(text: string, tone: Tone = 'plain'): void {
    if (inTable) y += 5
    leaveTable()
    document.font('text').fontSize(size)
    const made = part('P')
    column(made, linesOf(text, Math.min(body.width, 620)), lead, (line) => {
      document.font('text').fontSize(size).fillColor(colours[tone])
      put(line, margin, y)
    })
    made.end()
    y += 3
  }

  function opening(): void {
    addPage()
    document.font('strong').fontSize(18)
    const first = part('H1')
    column(first, linesOf(title, body.width), 24, (line) => {
      document.font('strong').fontSize(18).fillColor(colours.plain)
      put(line, margin, y)
    })
    first.end()
    y += 4
    const left = 130
    const all = part('Table')
    let row = part('TR', all)
    let said = row
    for (const [nth, [name, text]] of [...facts, ['Query', query] as const].entries()) {
      document.font('text').fontSize(size)
      const lines = linesOf(text, body.width - left)
      need(lead + 2)
      // One without a name is told of the one above it.
      if (nth === 0 || name !== '') {
        if (nth > 0) {
          row.end()
          row = part('TR', all)
        }
        part('TH', row, 'Row').add(() => {
          document.font('text').fontSize(size).fillColor(colours.dim)
          put(name, margin, y)
        })
        said = part('TD', row)
      }
      column(said, lines, lead + 1, (line) => {
        document.font('text').fontSize(size).fillColor(colours.plain)
        put(line, margin + left, y)
      })
    }
    all.end()
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
      if (missed()) {
        const note = `${unknown} stands for a character that the font of this file does not have. The same export as CSV has it.`
        y += lead
        paragraph(note, 'dim')
      }
      leaveTable()
      root.end()
      document.font('text')
      const [encoded] = atHand(document).encode(` of ${pages}`)
      total.end(`BT 0.353 0.412 0.408 rg /Text ${size} Tf <${encoded.join('')}> Tj ET`)
      document.end()
      return taken()
    },
  }
}
