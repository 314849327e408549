import { sql } from 'kysely'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import type { AccessRequestDetail } from '../../contract/requests.ts'
import { inTransaction } from '../db/transaction.ts'
import { emit } from '../ledger/emit.ts'
import { openWorld, type WorldPerson } from './world.ts'

type Place = 'organization' | 'production' | 'context'

interface Asking {
  readonly role?: { readonly id: string }
  readonly minutes?: number
  readonly scope?: Place
  readonly startsAt?: string
  readonly extends?: string
}

/** Payments with two leads and Sam, another team, and a context in Production. */
export async function openRequests() {
  const world = await openWorld()
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  const inPayments = { groups: ['payments'] }
  /** Leads Payments, and holds Team lead in Production. */
  const lin = await world.as('lin', inPayments)
  /** Leads Payments as well, and holds Team lead in Staging only. */
  const max = await world.as('max', inPayments)
  /** In Payments, holds nothing but Developer. */
  const sam = await world.as('sam', inPayments)
  /** Leads another team, and holds Team lead in Production. */
  const zoe = await world.as('zoe', { groups: ['routing'] })
  const production = await ada.call('segments.create', { name: 'Production', tier: 'production' })
  const staging = await ada.call('segments.create', { name: 'Staging', tier: 'staging' })
  const context = await ada.call('contexts.create', { name: 'prod', segmentId: production.id })

  const lead = async (name: string, people: readonly WorldPerson[]) => {
    const { items } = await ada.call('teams.list', {})
    const team = items.find((one) => one.name.toLowerCase() === name)
    if (!team) throw new Error(`no team ${name}`)
    const { version } = await ada.call('teams.view', { teamId: team.id })
    const leads = people.map(({ id }) => id)
    await ada.call('teams.update', { teamId: team.id, leads }, { version })
    return team
  }
  const payments = await lead('payments', [lin, max])
  const routing = await lead('routing', [zoe])
  await world.grant(ben, 'securityAdmin')
  await world.grant(lin, 'teamLead', { kind: 'segment', ...production })
  await world.grant(max, 'teamLead', { kind: 'segment', ...staging })
  await world.grant(zoe, 'teamLead', { kind: 'segment', ...production })
  await world.grant(sam, 'developer')

  const scoped = (scope: Place) =>
    scope === 'organization'
      ? { kind: scope }
      : scope === 'production'
        ? { kind: 'segment' as const, id: production.id }
        : { kind: scope, id: context.id }

  const ask = (who: WorldPerson, asking: Asking = {}) => {
    const { role = builtInRoles.teamLead, minutes = 240, scope = 'context', startsAt } = asking
    return who.call('requests.create', {
      roleId: role.id,
      scope: scoped(scope),
      reason: 'Deploy of the hotfix',
      ticket: 'PAY-42',
      durationMinutes: minutes,
      ...(startsAt && { startsAt }),
      ...(asking.extends && { extends: asking.extends }),
    })
  }
  const view = (who: WorldPerson, { id }: { id: string }) =>
    who.call('requests.view', { requestId: id })

  /** Turns the clock, as far as requests and grants with an end are concerned. */
  const later = (minutes: number) =>
    inTransaction(world.app.db, { readOnly: false }, async (db, transaction) => {
      const by = sql`interval '1 minute' * ${minutes}::int`
      await sql`update access_request set answer_by = answer_by - ${by},
        starts_at = starts_at - ${by} where closed_at is null`.execute(db)
      await sql`update access_grant set starts_at = starts_at - ${by},
        granted_at = granted_at - ${by}, expires_at = expires_at - ${by}
        where expires_at is not null`.execute(db)
      emit(transaction, {
        actor: { kind: 'system', id: 'test', name: 'test' },
        action: 'test.later',
        outcome: 'permitted',
      })
    })

  return {
    world,
    ada,
    ben,
    lin,
    max,
    sam,
    zoe,
    production,
    staging,
    context,
    routing,
    payments,
    scoped,
    /** Who leads a team, by its name: nobody else does. */
    lead,
    ask,
    view,
    later,
    approve: (who: WorldPerson, request: AccessRequestDetail, more: object = {}) =>
      who.call('requests.approve', { ...named(request), ...more }, request),
    deny: (who: WorldPerson, request: AccessRequestDetail) =>
      who.call('requests.deny', { ...named(request), reason: 'Not needed' }, request),
    withdraw: (who: WorldPerson, request: AccessRequestDetail) =>
      who.call('requests.withdraw', named(request), request),
    end: async (who: WorldPerson, request: { id: string }) => {
      const { version } = await view(who, request)
      return who.call('requests.end', { ...named(request), reason: 'done' }, { version })
    },
    holds: async (who: WorldPerson, permission: string) =>
      (await who.call('me.view', {})).may.some((held) => held.permission === permission),
  }
}
export type Requests = Awaited<ReturnType<typeof openRequests>>

export const named = ({ id }: { id: string }) => ({ requestId: id })
