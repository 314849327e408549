import {
  BlobReader,
  TextReader,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
} from '@zip.js/zip.js'
import type { PackFile } from './verify-pack.ts'

/** Workers would be loaded from `blob:` addresses, which the content security policy has none of. */
const here = { useWebWorkers: false }

/** Most files that a pack of ours can have: those of 2^31 events. */
const mostFiles = 300_000

/**
 * The files of a ZIP archive, read where they lie. Throws for what is none, or is encrypted. Its own sums (CRC-32) are not
 * asked: they tell of no file more than that it is wrong, and a pack's SHA-256 and hashes tell which event.
 */
export async function openArchive(archive: Blob): Promise<readonly PackFile[]> {
  const reader = new ZipReader(new BlobReader(archive), {
    ...here,
    extractAppendedData: true,
  })
  const files: PackFile[] = []
  let first: number | undefined
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      if (files.length >= mostFiles) throw new Error('the archive has more files than any pack')
      first = Math.min(first ?? entry.offset, entry.offset)
      if (entry.directory) continue
      if (entry.encrypted) throw new Error(`${entry.filename} is encrypted`)
      files.push({
        path: entry.filename,
        size: entry.uncompressedSize,
        bytes: async () => {
          // What says that it is small and is not, is cut: nothing grows beyond what was said.
          const bytes = await entry.getData(new Uint8ArrayWriter(), here)
          if (bytes.length !== entry.uncompressedSize) {
            throw new Error(`${entry.filename} is not as long as the archive says`)
          }
          return bytes
        },
      })
    }
    const { appendedData, comment } = reader
    if (first || appendedData?.length || comment.length > 0) {
      throw new Error('it holds bytes that belong to no file')
    }
  } catch (error) {
    const why = whyOf(error)
    throw new Error(`This is no ZIP archive that can be read: ${why}`, { cause: error })
  }
  return files
}

/** The reader refuses names that lead out of where they are put (zip slip), and says which in a field alone. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { filename } = error as { filename?: unknown }
  return typeof filename === 'string'
    ? `its entry “${filename.slice(0, 200)}” has a name that leads elsewhere`
    : error.message
}

export interface NewFile {
  readonly path: string
  readonly content: string | Uint8Array
}

/** A ZIP archive as it is written: stored, not compressed, so that it costs the server no more than its reading. */
export async function* archived(
  files: AsyncIterable<NewFile>,
): AsyncGenerator<Uint8Array, void, void> {
  const pipe = new TransformStream<Uint8Array, Uint8Array>()
  const zip = new ZipWriter(pipe.writable, { ...here, level: 0, extendedTimestamp: false })
  const writing = (async () => {
    for await (const { path, content } of files) {
      const reader =
        typeof content === 'string' ? new TextReader(content) : new Uint8ArrayReader(content)
      await zip.add(path, reader)
    }
    await zip.close()
  })()
  // Told by the reading side, once it has come there.
  writing.catch((error: unknown) => pipe.writable.abort(error).catch(() => {}))
  const reader = pipe.readable.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      yield value
    }
    await writing
  } finally {
    await reader.cancel().catch(() => {})
  }
}
