import { sql } from 'kysely'
import { approveException, askException } from '../../features/exceptions/service.ts'
import type { Scope } from '../../http/scope.ts'
import type { Stage } from './stage.ts'

const hour = 3_600_000

/** Exceptions of the last days: one that a lead approved and that has ended by itself, and one that waits. */
export async function playExceptions(stage: Stage, now: Date): Promise<void> {
  const ago = (hours: number) => new Date(now.getTime() - hours * hour)
  const ask = (hours: number, minutes: number, reason: string) =>
    stage.act({
      by: 'Mirela Popescu',
      at: ago(hours),
      action: 'exceptions.create',
      async work(scope) {
        const refused = await refusedRun(scope)
        if (!refused) return undefined
        const id = await askException(scope, { decisionId: refused.id, minutes, reason })
        return { id, contextId: refused.contextId, contextName: refused.contextName }
      },
    })
  const hotfix = await ask(
    30,
    120,
    'The hotfix for the label printer must ship before the night shift',
  )
  if (hotfix) {
    const { id, contextId, contextName } = hotfix
    await stage.act({
      by: 'Ada Okafor',
      at: ago(29.8),
      action: 'exceptions.approve',
      may: 'context:restrict',
      on: { kind: 'context', id: contextId, name: contextName, within: { context: contextId } },
      version: 1,
      work: (scope) =>
        approveException(scope, {
          contextId,
          exceptionId: id,
          minutes: 60,
          reason: 'One hour is enough',
        }),
    })
  }
  await ask(1.5, 120, 'Try the new deploy script before it is merged')
}

/** The newest run before that moment that restrictions alone refused, of a branch, and of which nobody has asked yet. */
async function refusedRun({ db, now }: Scope) {
  const { rows } = await sql<{ id: string; contextId: string; contextName: string }>`
    select d.id, d.context_id as "contextId", d.resource_name as "contextName" from decision d
    where d.action = 'context:use' and d.outcome = 'denied' and d.at < ${now} and d.context_id is not null
      and d.run ->> 'branch' is not null and d.run ->> 'tag' is null
      and d.run ->> 'fromFork' = 'false' and d.run ->> 'sshRerun' = 'false'
      and not exists (select from jsonb_array_elements(d.layers) l
        where l ->> 'verdict' in ('denied', 'error') and l ->> 'layer' <> 'restriction')
      and not exists (select from use_exception e where e.project_id = d.project_id and e.context_id = d.context_id)
    order by d.at desc limit 1`.execute(db)
  return rows[0]
}
