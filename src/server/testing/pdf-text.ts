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

/**
 * What can be read on each page of a document that pdfkit wrote, one piece a line: as a reader finds it, by the fonts' own
 * tables. For tests only.
 */
export function pdfPages(file: Buffer): string[] {
  const objects = objectsOf(file)
  const fonts = new Map<string, string[]>()
  for (const { head } of objects.values()) {
    for (const [, name = '', id = ''] of head.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const unicode = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id)?.head ?? '')?.[1]
      if (unicode) fonts.set(name, glyphsOf(objects.get(unicode)?.stream ?? ''))
    }
  }
  const pages = [...objects.values()].filter(({ head }) => /\/Type \/Page\n/.test(head))
  return pages.map(({ head }) => {
    const content = objects.get(/\/Contents (\d+) 0 R/.exec(head)?.[1] ?? '')?.stream ?? ''
    let font: string[] = []
    const lines: string[] = []
    for (const [, name, shown = ''] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
      if (name) font = fonts.get(name) ?? []
      else {
        const codes = [...shown.matchAll(/<([0-9a-f]*)>/gi)].map(([, hex = '']) => hex).join('')
        const glyphs = codes.match(/.{4}/g) ?? []
        lines.push(glyphs.map((code) => font[parseInt(code, 16)] ?? '').join(''))
      }
    }
    return lines.join('\n')
  })
}
