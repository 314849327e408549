import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/*
 * Small files that must be there whole or not at all, also after a kill or a power cut between any two steps.
 */

function draftOf(file: string, text: string): string {
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return draft
}

/** The name itself is only on disk when its folder is. */
function keepName(file: string): void {
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** Writes the file if there is none (0600); answers whether it did. Of two at once one is first, and its text stays. */
export function makeOnce(file: string, text: string): boolean {
  const draft = draftOf(file, text)
  try {
    linkSync(draft, file)
    keepName(file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The file's text without surrounding white space, made by `make` at the very first time. */
export function keptText(file: string, make: () => string): string {
  const read = () => {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return undefined
    }
  }
  const found = read()
  if (found !== undefined) return found
  makeOnce(file, `${make()}\n`)
  return read() ?? ''
}

/** Writes the file anew (0600): afterwards it is the old one or the new one, whole. */
export function replaceFile(file: string, text: string): void {
  renameSync(draftOf(file, text), file)
  keepName(file)
}
