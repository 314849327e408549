import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Words before a command that give it a real file system of `mebibytes` at `folder`, with what is there already: a mount
 * that nobody but its own processes sees. Linux alone has such; needs no right where user namespaces are open to everybody.
 */
export function onSmallDisk(folder: string, mebibytes: number): string[] {
  const root = process.getuid?.() === 0
  const back = root
    ? ''
    : `unshare --user --map-user=${process.getuid?.()} --map-group=${process.getgid?.()} --`
  const script = `
    set -e
    before=$(mktemp -d)
    cp -a "$0/." "$before"
    mount -t tmpfs -o size=${mebibytes}m tmpfs "$0"
    cp -a "$before/." "$0"
    rm -rf "$before"
    exec ${back} "$@"`
  return ['unshare', root ? '--mount' : '-rm', 'sh', '-c', script, folder]
}

/** The folder as the process sees it. */
export const seenBy = (pid: number | undefined, folder: string): string =>
  join(`/proc/${pid}/root`, folder)

/** Fills the file system that a folder is on, to the last byte; answers what makes room again. */
export function fill(folder: string): () => void {
  const ballast = join(folder, 'ballast')
  const file = openSync(ballast, 'w')
  try {
    // Smaller and smaller: what is left of the last page, too.
    for (const size of [1_048_576, 4_096, 1]) {
      const bytes = Buffer.alloc(size)
      try {
        for (;;) writeSync(file, bytes)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
  return () => rmSync(ballast)
}
