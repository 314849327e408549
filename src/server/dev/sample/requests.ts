import type { InputOf } from '../../../contract/index.ts'
import { approveRequest, askBack, denyRequest } from '../../features/requests/deciding.ts'
import { createRequest } from '../../features/requests/service.ts'
import type { Scope } from '../../http/scope.ts'
import type { Company } from './company.ts'
import type { Stage } from './stage.ts'

const hour = 3_600_000

/** Requests of the last days: one that has ended by itself, one denied, one that gives access now, and three that wait. */
export async function playRequests(stage: Stage, company: Company, now: Date): Promise<void> {
  const { teamLead, securityAdmin, auditor } = stage.roles
  const ago = (hours: number) => new Date(now.getTime() - hours * hour)
  const contextNamed = (name: string) => ({
    kind: 'context' as const,
    id: company.contexts.get(name) ?? '',
  })
  const ask = (by: string, hours: number, input: InputOf<'requests.create'>) =>
    stage.act({
      by,
      at: ago(hours),
      action: 'requests.create',
      work: (scope) => createRequest(scope, input),
    })
  const decide = (
    by: string,
    hours: number,
    action: string,
    work: (scope: Scope) => Promise<void>,
  ) =>
    stage.act({
      by,
      at: ago(hours),
      action,
      may: 'request:approve',
      on: here(by),
      version: 1,
      work,
    })
  /** Leads decide where they hold it. */
  const here = (by: string) => {
    const segment = company.segments.get('Production') ?? ''
    return by === 'Ada Okafor'
      ? { kind: 'organization' as const, id: 'organization', name: 'the organization', within: {} }
      : { kind: 'segment' as const, id: segment, name: 'Production', within: { segment } }
  }

  const hotfix = await ask('Jonas Keller', 70, {
    roleId: teamLead.id,
    scope: contextNamed('payments-production'),
    reason: 'Rotate the Stripe key after the incident of the weekend',
    ticket: 'PAY-2291',
    durationMinutes: 480,
  })
  if (hotfix) {
    await decide('Lin Zhao', 69.5, 'requests.approve', (scope) =>
      approveRequest(scope, {
        requestId: hotfix,
        durationMinutes: 120,
        reason: 'Two hours are enough for one key',
      }),
    )
  }
  const everything = await ask('Nils Haugen', 50, {
    roleId: securityAdmin.id,
    scope: { kind: 'organization' },
    reason: 'Look into why the portal deploy is refused',
    durationMinutes: 240,
  })
  if (everything) {
    await decide('Ada Okafor', 49, 'requests.deny', (scope) =>
      denyRequest(scope, {
        requestId: everything,
        reason: 'The decision page says why, and needs no role. Ask for the one context instead.',
      }),
    )
  }
  const migration = await ask('Tomás Herrera', 3, {
    roleId: teamLead.id,
    scope: contextNamed('payments-production'),
    reason: 'Move the ledger’s signing key to the new format',
    ticket: 'PAY-2310',
    durationMinutes: 480,
  })
  if (migration) {
    await decide('Lin Zhao', 2.5, 'requests.approve', (scope) =>
      approveRequest(scope, { requestId: migration, reason: '' }),
    )
  }
  const question = await ask('Amara Diallo', 6, {
    roleId: auditor.id,
    scope: { kind: 'organization' },
    reason: 'Quarterly evidence for the card scheme',
    durationMinutes: 10_080,
  })
  if (question) {
    await decide('Ada Okafor', 5, 'requests.askBack', (scope) =>
      askBack(scope, {
        requestId: question,
        question: 'Which quarter, and does Noor know of it?',
      }),
    )
  }
  await ask('Priya Raman', 2, {
    roleId: teamLead.id,
    scope: { kind: 'segment', id: company.segments.get('Production') ?? '' },
    reason: 'Release of the invoice engine while Lin travels',
    ticket: 'PAY-2315',
    durationMinutes: 480,
  })
  await ask('Piotr Zielinski', 1, {
    roleId: teamLead.id,
    scope: { kind: 'segment', id: company.segments.get('Build') ?? '' },
    reason: 'New base images need their contexts restricted',
    durationMinutes: 240,
  })
}
