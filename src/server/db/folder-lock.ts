import { readFileSync, renameSync, rmSync } from 'node:fs'
import { makeOnce } from '../kept-file.ts'

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

interface Owner {
  readonly pid: number
  readonly birth: string
}

/** Takes the data folder for this process, or throws the sentence that names who has it. A dead owner's lock is taken over. */
export function takeLock(file: string): FolderLock {
  const own = JSON.stringify({ pid: process.pid, birth: birthOf(process.pid) })
  for (let attempt = 0; attempt < 3; attempt++) {
    if (makeOnce(file, own)) return { release: () => rmSync(file, { force: true }) }
    const owner = ownerOf(file)
    if (owner && lives(owner)) {
      throw new Error(
        `Another Sallyport (process ${owner.pid}) runs on this data folder. Stop it, or set SALLYPORT_DATA to another folder.`,
      )
    }
    clearStale(file)
  }
  throw new Error(`Another Sallyport is starting on this data folder at this moment (${file}).`)
}

const lives = ({ pid, birth }: Owner) => isAlive(pid) && birthOf(pid) === birth

/** Takes a dead owner's lock away; another that was faster may have put its own in its place, and keeps it. */
function clearStale(file: string): void {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const owner = ownerOf(aside)
  if (owner && lives(owner)) makeOnce(file, JSON.stringify(owner))
  rmSync(aside, { force: true })
}

function ownerOf(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner
  } catch {
    return undefined
  }
}
