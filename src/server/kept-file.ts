import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/*
 * Small files that must be there whole or not at all, also after a kill or a power cut between any two steps.
 */

const draftName = (file: string) => `${file}.${randomBytes(6).toString('hex')}.new`

function draftOf(file: string, text: string): string {
  const draft = draftName(file)
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
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

/**
 * Writes the file anew (0600): afterwards it is the old one or the new one, whole. It is done every second while the server
 * answers, which does not wait for the disk meanwhile. Of two at once either may be last.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = draftName(file)
  try {
    await using handle = await open(draft, 'wx', 0o600)
    await handle.writeFile(text)
    await handle.sync()
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  await rename(draft, file)
  await using folder = await open(dirname(file), 'r')
  await folder.sync()
}
