import type { Impact } from '../../../contract/impact.ts'
import type { Reach } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'

/** How many refusals a change would turn, in the reach that it is given. */
type Opens = (all: Scope) => Promise<number | Pick<Impact, 'newlyPermitted'> | undefined>

const everywhere: Reach = { everywhere: true, segments: [], projects: [], contexts: [] }

/**
 * What newly permits something is not done without saying why. Asked of all recorded decisions, also of those that the
 * actor may not see: of these only the number is told. `opens` is worked out only where no reason is given.
 */
export async function demandReason(
  scope: Scope,
  reason: string | undefined,
  opens: Opens,
): Promise<void> {
  if (reason?.trim()) return
  const found = await opens({ ...scope, reach: () => everywhere })
  const many = typeof found === 'number' ? found : (found?.newlyPermitted ?? 0)
  if (many === 0) return
  throw problem(
    'reason_required',
    `It newly permits ${many} of what was refused of late. Say why.`,
    {
      fields: [
        {
          path: 'reason',
          message: `is missing: it newly permits ${many} of what was refused of late`,
        },
      ],
    },
  )
}

interface Asking {
  readonly reason: string | undefined
  readonly opens: Opens
  /** What the answer hangs on that somebody else may change: asked before, and again when nobody can any more. */
  readonly stands: (scope: Scope) => Promise<unknown>
  /** Keeps others from changing it, in the transaction that changes something. */
  readonly lock?: (scope: Scope) => Promise<unknown>
}

/**
 * For an operation that prepares: the reason is demanded in its first, read-only transaction, so that nobody waits for a
 * lock while thousands of decisions are asked again. Where what that went by was changed meanwhile, it is asked anew inside.
 */
export async function withReason<T>(
  scope: Scope,
  { reason, opens, stands, lock }: Asking,
  work: (scope: Scope) => Promise<T>,
): Promise<() => Promise<(inside: Scope) => Promise<T>>> {
  const before = JSON.stringify(await stands(scope))
  await demandReason(scope, reason, opens)
  return async () => async (inside) => {
    await lock?.(inside)
    if (JSON.stringify(await stands(inside)) !== before) await demandReason(inside, reason, opens)
    return work(inside)
  }
}
