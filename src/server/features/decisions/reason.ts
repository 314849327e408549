import type { Impact } from '../../../contract/impact.ts'
import type { Reach } from '../../decision/types.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'

const everywhere: Reach = { everywhere: true, segments: [], projects: [], contexts: [] }

/**
 * What newly permits something is not done without saying why. Asked of all recorded decisions, also of those that the
 * actor may not see: of these only the number is told. `opens` is worked out only where no reason is given.
 */
export async function demandReason(
  scope: Scope,
  reason: string | undefined,
  opens: (all: Scope) => Promise<number | Pick<Impact, 'newlyPermitted'> | undefined>,
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
