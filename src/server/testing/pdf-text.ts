import { inflateSync } from 'node:zlib'

/** The objects of a document by their numbers; what stands between `stream` and `endstream`, inflated. */
function objectsOf(file: Buffer): Map<string, { head: string; stream: string }> {
  const text = file.toString('latin1')
  const objects = new Map<string, { head: string; stream: string }>()
  for (const match of text.matchAll(/(?:^|\n)(\d+) 0 obj\n/g)) {
    const begin = match.index + match[0].length
    const length = Number(
      /\/Length (\d+)/.exec(text.slice(begin, text.indexOf('endobj', begin)))?.[1],
    )
    const at = text.indexOf('stream\n', begin)
    const end = text.indexOf('endobj', begin)
    const holds = at !== -1 && at < end
    const head = text.slice(begin, holds ? at : end)
    const bytes = holds ? file.subarray(at + 7, at + 7 + length) : Buffer.alloc(0)
    const stream = head.includes('/FlateDecode') ? inflateSync(bytes) : bytes
    objects.set(match[1] ?? '', { head, stream: stream.toString('latin1') })
  }
  return objects
}

const utf16 = (hex: string) =>
  String.fromCharCode(...(hex.match(/[0-9a-f]{4}/gi) ?? []).map((unit) => parseInt(unit, 16)))

/** Which character each glyph of a font stands for (ISO 32000-2, 9.10.3). */
function glyphsOf(cmap: string): string[] {
  const glyphs: string[] = []
  for (const [, first = '', list = ''] of cmap.matchAll(
    /<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/gi,
  )) {
    for (const [nth, [, hex = '']] of [...list.matchAll(/<([^>]*)>/g)].entries()) {
      glyphs[parseInt(first, 16) + nth] = utf16(hex.replaceAll(' ', ''))
    }
  }
  return glyphs
}

/** A piece of text as a page shows it, and what it is marked as: a number that the structure names, or nothing to be read. */
interface Piece {
  readonly text: string
  readonly mark: number | 'artifact' | undefined
}

type Objects = ReturnType<typeof objectsOf>

function fontsOf(objects: Objects): Map<string, string[]> {
  const fonts = new Map<string, string[]>()
  for (const { head } of objects.values()) {
    for (const [, name = '', id = ''] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id)?.head ?? '')?.[1]
      if (unicode) fonts.set(name, glyphsOf(objects.get(unicode)?.stream ?? ''))
    }
  }
  return fonts
}

const tokens =
  /\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ|\/(\w+) (?:<<([^>]*)>> BDC|BMC)|(?<=^|\n)(EMC)(?=\n|$)/g

/** The pages by the numbers of their objects, each piece by piece: as a reader finds it, by the fonts' own tables. */
function piecesOf(objects: Objects): Map<string, Piece[]> {
  const fonts = fontsOf(objects)
  const pages = new Map<string, Piece[]>()
  for (const [id, { head }] of objects) {
    if (!/\/Type \/Page\n/.test(head)) continue
    const content = objects.get(/\/Contents (\d+) 0 R/.exec(head)?.[1] ?? '')?.stream ?? ''
    let font: string[] = []
    const marks: Piece['mark'][] = []
    const pieces: Piece[] = []
    for (const [, name, shown = '', tag, options = '', end] of content.matchAll(tokens)) {
      if (name) font = fonts.get(name) ?? []
      else if (end) marks.pop()
      else if (tag) {
        const mcid = /\/MCID (\d+)/.exec(options)?.[1]
        marks.push(tag === 'Artifact' ? 'artifact' : mcid === undefined ? undefined : Number(mcid))
      } else {
        const codes = [...shown.matchAll(/<([0-9a-f]*)>/gi)].map(([, hex = '']) => hex).join('')
        const glyphs = codes.match(/.{4}/g) ?? []
        const text = glyphs.map((code) => font[parseInt(code, 16)] ?? '').join('')
        pieces.push({ text, mark: marks.at(-1) })
      }
    }
    pages.set(id, pieces)
  }
  return pages
}

/** What can be read on each page of a document that pdfkit wrote, one piece a line. For tests only. */
export const pdfPages = (file: Buffer): string[] =>
  [...piecesOf(objectsOf(file)).values()].map((pieces) => pieces.map(({ text }) => text).join('\n'))

/** A part of the structure, as a screen reader goes through it (ISO 32000-1, 14.7). */
export interface Structure {
  readonly type: string
  readonly scope?: string
  readonly text: string
  readonly children: readonly Structure[]
}

const ref = (name: string, head: string) => new RegExp(`/${name} (\\d+) 0 R`).exec(head)?.[1] ?? ''

/** How a document is tagged; and whatever stands on its pages that is neither in its structure nor marked as said to nobody. */
export function pdfStructure(file: Buffer) {
  const objects = objectsOf(file)
  const headOf = (id: string) => objects.get(id)?.head ?? ''
  const catalog =
    [...objects.values()].find(({ head }) => head.includes('/Type /Catalog'))?.head ?? ''
  const pages = piecesOf(objects)
  const read = new Set<Piece>()
  const textOf = (page: string, mcid: number) =>
    (pages.get(page) ?? [])
      .filter(({ mark }) => mark === mcid)
      .map((piece) => {
        read.add(piece)
        return piece.text
      })
  const partOf = (id: string): Structure => {
    const head = headOf(id)
    const [all = '', kids = ''] = /\/K \[([^\]]*)\]/.exec(head) ?? []
    const page = ref('Pg', head.replace(all, ''))
    const text: string[] = []
    const children: Structure[] = []
    for (const [, child, , otherPage = '', otherMark, mcid] of kids.matchAll(
      /(\d+) 0 R(?=[\s\d]|$)|(<<[^>]*\/Pg (\d+) 0 R[^>]*\/MCID (\d+)[^>]*>>)|(\d+)/g,
    )) {
      if (child) children.push(partOf(child))
      else if (otherMark) text.push(...textOf(otherPage, Number(otherMark)))
      else text.push(...textOf(page, Number(mcid)))
    }
    const scope = /\/Scope \/(\w+)/.exec(head)?.[1]
    const type = /\/S \/(\w+)/.exec(head)?.[1] ?? ''
    return { type, ...(scope && { scope }), text: text.join(' '), children }
  }
  const top = /\/K \[([^\]]*)\]/.exec(headOf(ref('StructTreeRoot', catalog)))?.[1] ?? ''
  const structure = [...top.matchAll(/(\d+) 0 R/g)].map(([, id = '']) => partOf(id))
  const unread = [...pages.values()]
    .flat()
    .filter((piece) => piece.mark !== 'artifact' && !read.has(piece))
    .map(({ text }) => text)
  const marked = /\/Marked true/.test(headOf(ref('MarkInfo', catalog)))
  const language = /\/Lang \((.*?)\)/.exec(catalog)?.[1]
  const titled = /\/DisplayDocTitle true/.test(catalog + headOf(ref('ViewerPreferences', catalog)))
  return { structure, unread, marked, language, titled }
}
