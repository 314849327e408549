import { randomUUID } from 'node:crypto'
import { sql, type RawBuilder } from 'kysely'
import { builtInRoles } from '../../contract/built-in-roles.ts'
import { connect } from '../db/connect.ts'
import { below as toldBelow } from './below.ts'
import type { World, WorldPerson } from './world.ts'
import { unique } from './unique.ts'

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)

/** A world in which a row speaks against a control, and what is changed so that the same one speaks for it. */
export interface ControlStory {
  /** What the row is called by: its id, or its name where it has none. */
  readonly row: string
  readonly mend: () => Promise<unknown>
}

/** One for each check that looks at live data itself; those that turn on findings are told by the stories of findings. */
export function controlStories(world: World, ada: WorldPerson, ben: WorldPerson) {
  const below = (statement: RawBuilder<unknown>) => toldBelow(world, (db) => statement.execute(db))
  /** As whoever owns the database, whom its roles do not bind. */
  const owner = async (statement: RawBuilder<unknown>) => {
    const db = connect(world.databaseUrl, { max: 1 })
    try {
      await statement.execute(db)
    } finally {
      await db.destroy()
    }
  }
  const person = () => world.as(unique('person'))
  const granted = async (roleId: string, reason: string) =>
    ada.call('grants.create', {
      roleId,
      subject: { kind: 'person', id: (await person()).id },
      scope: { kind: 'organization' },
      reason,
    })
  const explained = (made: { id: string; version: number }) => () =>
    ada.call('grants.update', { grantId: made.id, reason: 'Needs it' }, made)

  const stories: Readonly<Record<string, () => Promise<ControlStory>>> = {
    'accounts-personal': async () => {
      const { id } = await world.as(`deploy-${randomUUID().slice(0, 4)}`)
      return {
        row: id,
        mend: () =>
          below(sql`update person set email = ${`${unique('mia')}@x.example`} where id = ${id}`),
      }
    },
    'people-not-dormant': async () => {
      const { id } = await person()
      await world.grant({ id }, 'developer')
      await below(sql`update person set last_seen_at = ${daysAgo(91)} where id = ${id}`)
      return {
        row: id,
        mend: () => below(sql`update person set last_seen_at = ${daysAgo(89)} where id = ${id}`),
      }
    },
    'leavers-out': async () => {
      const { id } = await person()
      const grantId = await world.grant({ id }, 'developer')
      const { version } = await ada.call('people.view', { personId: id })
      await ada.call('people.update', { personId: id, state: 'left' }, { version })
      return { row: id, mend: () => ada.call('grants.revoke', { grantId }, { version: 1 }) }
    },
    'sign-in-multi-factor': async () => {
      const { id } = await world.as(unique('person'), { amr: ['pwd'] })
      return {
        row: id,
        mend: () => below(sql`update session set amr = '{pwd,hwk}' where person_id = ${id}`),
      }
    },
    'sessions-bound': async () => {
      const { id } = await person()
      await below(sql`update session set jkt = null where person_id = ${id}`)
      return {
        row: id,
        mend: () => below(sql`update session set jkt = 'thumbprint' where person_id = ${id}`),
      }
    },
    'grants-decided': async () => {
      const made = await granted(builtInRoles.developer.id, '')
      return { row: made.id, mend: explained(made) }
    },
    'grants-looked-at': async () => {
      const { id } = await granted(builtInRoles.developer.id, 'Works here')
      const at = (days: number) =>
        below(sql`update access_grant set granted_at = ${daysAgo(days)} where id = ${id}`)
      await at(183)
      return { row: id, mend: () => at(181) }
    },
    'privileged-ends': async () => {
      const made = await granted(builtInRoles.teamLead.id, 'Leads')
      const end = { grantId: made.id, expiresAt: daysAgo(-7).toISOString() }
      return { row: made.id, mend: () => ada.call('grants.update', end, made) }
    },
    'privileged-used': async () => {
      const { id } = await granted(builtInRoles.teamLead.id, 'Leads')
      await below(sql`update access_grant set granted_at = ${daysAgo(91)} where id = ${id}`)
      return {
        row: id,
        mend: () => below(sql`insert into grant_used values (${id}, ${daysAgo(89)}, 1)`),
      }
    },
    'record-readers': async () => {
      const made = await granted(builtInRoles.auditor.id, '')
      return { row: made.id, mend: explained(made) }
    },
    'roles-held': async () => {
      const permissions = ['context:view' as const]
      const role = await ada.call('roles.create', {
        name: unique('role'),
        description: '',
        permissions,
      })
      return { row: role.id, mend: async () => world.grant(await person(), role) }
    },
    'requests-second-person': async () => {
      const asked = await (
        await person()
      ).call('requests.create', {
        roleId: builtInRoles.developer.id,
        scope: { kind: 'organization' },
        reason: 'for a test',
        durationMinutes: 60,
      })
      await ada.call('requests.approve', { requestId: asked.id }, asked)
      await below(
        sql`update request_step set kind = 'narrowed', step = null, role_version = null where request_id = ${asked.id}`,
      )
      const mend = () =>
        below(
          sql`update request_step set kind = 'approved', step = 'security', role_version = 1 where request_id = ${asked.id}`,
        )
      return { row: asked.id, mend }
    },
    'decisions-because': async () => {
      await ada.call('contexts.create', { name: unique('context') })
      const { items } = await ada.call('decisions.list', { action: 'context:create' })
      const id = items[0]?.id ?? ''
      await below(
        sql`update decision set facts = jsonb_build_object('layers', layers), layers = '[]' where id = ${id}`,
      )
      return {
        row: id,
        mend: () => below(sql`update decision set layers = facts -> 'layers' where id = ${id}`),
      }
    },
    'secrets-sealed': async () => {
      const name = unique('context')
      const { id: contextId } = await ada.call('contexts.create', { name })
      const secret = await ada.call('contexts.store', { contextId, name: 'KEY', value: 'canary' })
      await below(
        sql`update secret_version set sealed = convert_to('in clear', 'UTF8') where secret_id = ${secret.id}`,
      )
      return {
        row: `KEY in ${name}`,
        mend: () => ada.call('contexts.store', { contextId, name: 'KEY', value: 'another' }),
      }
    },
    'traffic-encrypted': async () => {
      const { id } = await ada.call('issuers.create', {
        name: unique('issuer'),
        kind: 'github',
        url: `https://${unique('ci')}.example`,
        audience: unique('audience'),
      })
      const set = (from: string, to: string) =>
        below(sql`update issuer set url = replace(url, ${from}, ${to}) where id = ${id}`)
      await set('https:', 'http:')
      return { row: id, mend: () => set('http:', 'https:') }
    },
    'enforcement-second-person': async () => {
      const text = 'forbid (principal, action, resource) when { false };'
      const made = await ada.call('policies.create', { name: unique('policy'), text })
      const at = { policyId: made.id }
      let now = await ada.call('policies.setMode', { ...at, mode: 'evaluate' }, made)
      now = await ada.call('policies.askEnforcement', at, now)
      await ben.call('policies.approveEnforcement', at, now)
      const verdict = (told: string) =>
        below(sql`update policy_approval set verdict = ${told} where policy_id = ${made.id}`)
      await verdict('declined')
      return { row: made.id, mend: () => verdict('approved') }
    },
    'checkpoints-verify': async () => {
      await world.app.ledger.settle()
      const last = await world.app.db
        .selectFrom('auditCheckpoint')
        .selectAll()
        .orderBy('treeSize', 'desc')
        .executeTakeFirstOrThrow()
      const put = (root: Buffer) =>
        owner(sql`update audit_checkpoint set root = ${root} where tree_size = ${last.treeSize}`)
      await put(Buffer.alloc(32))
      return { row: `${last.treeSize} events`, mend: () => put(last.root) }
    },
    'record-append-only': async () => {
      await owner(sql`grant delete on audit_entry to sallyport_app`)
      return {
        row: 'audit_entry: delete by sallyport_app',
        mend: () => owner(sql`revoke delete on audit_entry from sallyport_app`),
      }
    },
    'record-twelve-months': async () => {
      await world.app.ledger.settle()
      const begins = (days: number) =>
        owner(sql`update audit_entry set occurred_at = ${daysAgo(days)} where leaf_index = 0`)
      await begins(364)
      return { row: 'number 0', mend: () => begins(366) }
    },
    'record-sorts': async () => ({
      row: 'Use of secrets',
      mend: () =>
        owner(sql`insert into audit_rollup_day (dimension, value, day, outcome, count, first_leaf, last_leaf)
          values ('action', 'leases.redeem', ${daysAgo(1)}, 'permitted', 1, 0, 0)`),
    }),
    'record-fields': async () => {
      await ada.call('contexts.create', { name: unique('context') })
      const event = await world.lastEvent()
      const id = event?.eventId ?? ''
      const from = (ip: string | null) =>
        owner(sql`update audit_entry set ip = ${ip} where event_id = ${id}`)
      await from(null)
      return { row: id, mend: () => from('192.0.2.1') }
    },
    'watch-kept': async () => {
      await world.app.findings.look({ all: true })
      const fault = (told: string | null) =>
        below(sql`update finding_look set fault = ${told} where detection = 'secrets-old'`)
      await fault('a broken statement')
      return { row: 'secrets-old', mend: () => fault(null) }
    },
    'findings-decided': async () => {
      const { id } = await person()
      const grantId = await world.grant({ id }, 'developer')
      const { version } = await ada.call('people.view', { personId: id })
      await ada.call('people.update', { personId: id, state: 'left' }, { version })
      await world.app.findings.look({ all: true })
      const { items } = await ada.call('findings.list', { detection: 'leaver-grant' })
      const finding = items.find(({ subject }) => subject.id === grantId)
      if (!finding) throw new Error('no finding')
      await below(sql`update finding set opened_at = ${daysAgo(31)} where id = ${finding.id}`)
      const until = daysAgo(-7).toISOString()
      return {
        row: finding.id,
        mend: () =>
          ada.call('findings.mute', { findingId: finding.id, reason: 'Known', until }, finding),
      }
    },
  }
  return stories
}
