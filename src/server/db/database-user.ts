import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** How PostgreSQL's binaries are run: PostgreSQL refuses to run as root. */
export interface RunAs {
  /** Words before the command itself. */
  readonly prefix: readonly string[]
  readonly uid?: number
  readonly gid?: number
}

/** Another user's numbers from the system's list, or `undefined`. */
function userNamed(name: string): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

const runs = (prefix: readonly string[], command: string, as: { uid?: number; gid?: number }) => {
  const [first, ...rest] = [...prefix, command, '--version']
  return spawnSync(first, rest, { stdio: 'ignore', ...as }).status === 0
}

const reaches = (folder: string, as: { uid: number; gid: number }) =>
  spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { stdio: 'ignore', ...as }).status === 0

/**
 * Finds how to run the binaries on `folder` (which must exist). Everybody but root: as oneself. Root: as the user
 * `postgres` or `nobody` where both binaries and folder are reachable for it; else, below a folder that only root may
 * enter, in a user namespace of its own, in which root goes by another number.
 */
export function chooseRunAs(postgres: string, folder: string): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [] }
  const parent = folder.slice(0, folder.lastIndexOf('/')) || '/'
  for (const name of ['postgres', 'nobody']) {
    const user = userNamed(name)
    if (user && reaches(parent, user) && runs([], postgres, user)) return { prefix: [], ...user }
  }
  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--']
  if (runs(namespace, postgres, {})) return { prefix: namespace }
  throw new Error(
    `PostgreSQL does not run as root, and no unprivileged user can reach ${parent}. ` +
      'Start Sallyport as an ordinary user, or set SALLYPORT_DATA (and keep the checkout) outside of folders that only root may enter.',
  )
}
