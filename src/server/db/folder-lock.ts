import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'

export interface FolderLock {
  release(): void
}

/** True while a process with this number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** When the process began, in the kernel's ticks: tells a process from a later one with the same number. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** Takes the data folder for this process, or throws the sentence that names who has it. A dead owner's lock is taken over. */
export function takeLock(file: string): FolderLock {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const descriptor = openSync(file, 'wx', 0o600)
      writeSync(descriptor, JSON.stringify({ pid: process.pid, birth: birthOf(process.pid) }))
      closeSync(descriptor)
      return { release: () => rmSync(file, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const owner = ownerOf(file)
      if (owner && isAlive(owner.pid) && birthOf(owner.pid) === owner.birth) {
        throw new Error(
          `Another Sallyport (process ${owner.pid}) runs on this data folder. Stop it, or set SALLYPORT_DATA to another folder.`,
          { cause: error },
        )
      }
      rmSync(file, { force: true })
    }
  }
  throw new Error(`Another Sallyport is starting on this data folder at this moment (${file}).`)
}

function ownerOf(file: string): { pid: number; birth: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; birth: string }
  } catch {
    return undefined
  }
}
