import { openArchive } from '../../proof/archive.ts'
import { toHex, utf8 } from '../../proof/bytes.ts'
import { digest } from '../../proof/digest.ts'
import type { PackManifest } from '../../proof/pack.ts'
import type { PackFile } from '../../proof/verify-pack.ts'

export type OpenPack = Map<string, Uint8Array<ArrayBuffer>>

/** The files of a pack in hand, to be altered. */
export async function openPack(blob: Blob): Promise<OpenPack> {
  const files = await openArchive(blob)
  return new Map(
    await Promise.all(files.map(async (file) => [file.path, await file.bytes()] as const)),
  )
}

export const asFiles = (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): PackFile[] =>
  [...files].map(([path, content]) => ({
    path,
    size: content.length,
    bytes: () => Promise.resolve(content),
  }))

export const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

export const joined = (lines: readonly string[]): Uint8Array<ArrayBuffer> =>
  utf8(lines.map((line) => `${line}\n`).join(''))

/** Puts the right sums of altered files into the manifest, which nobody but the log can sign. */
export async function resum(files: OpenPack): Promise<void> {
  const manifest = JSON.parse(textOf(files.get('manifest.json'))) as PackManifest
  const listed = await Promise.all(
    [...files]
      .filter(([path]) => !path.startsWith('manifest.'))
      .map(async ([path, bytes]) => ({
        path,
        sha256: toHex(await digest(bytes)),
        bytes: bytes.length,
      })),
  )
  files.set('manifest.json', utf8(JSON.stringify({ ...manifest, files: listed })))
}
