import type { Permission } from '../../contract/permissions.ts'
import type { Resource } from '../decision/types.ts'
import { invalidField, problem } from './problem.ts'
import type { Scope } from './scope.ts'

/**
 * An object that a request names beside its own, such as the segment that a project is moved to. Where the actor holds
 * none of the permissions on it, the answer is exactly the one for an object that is nowhere (P15).
 */
export function demandNamed(
  scope: Scope,
  path: string,
  kind: string,
  found: Resource | undefined,
  anyOf: readonly Permission[],
): Resource {
  const seen = found && anyOf.some((may) => scope.decide(may, found).outcome === 'permitted')
  if (seen) return found
  throw unknownNamed(path, kind)
}

/** What travels in the clear is anybody's: plain http is for this machine, and for evaluation alone. */
export function demandHttps({ config }: Scope, path: string, url: string): void {
  const { protocol, hostname } = new URL(url)
  const local = config.mode === 'evaluation' && ['localhost', '127.0.0.1'].includes(hostname)
  if (protocol === 'https:' || local) return
  throw invalidField(path, 'must begin with https://')
}

/** The problem for a reference to nothing. */
export function unknownNamed(path: string, kind: string) {
  const message = `There is no such ${kind}.`
  return problem('invalid_input', message, { fields: [{ path, message }] })
}
