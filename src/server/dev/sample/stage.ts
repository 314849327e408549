import { sql } from 'kysely'
import type { Permission } from '../../../contract/permissions.ts'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import type { Config } from '../../config.ts'
import type { Database, Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import { createDecider } from '../../decision/decide.ts'
import { loadActor } from '../../decision/load-actor.ts'
import { noPolicies } from '../../decision/policy-judge.ts'
import type { Actor, Decision, Resource } from '../../decision/types.ts'
import { startSession } from '../../features/sessions/service.ts'
import type { Identity } from '../../http/authenticate/identity.ts'
import { anonymous } from '../../http/enter.ts'
import { writeEvent } from '../../http/events.ts'
import { makeScope, silent } from '../../http/make-scope.ts'
import { ProblemError } from '../../http/problem.ts'
import type { Record, Scope } from '../../http/scope.ts'
import type { Chance } from './chance.ts'
import { emailOf, keyOf } from './cast.ts'

export interface StageParts {
  readonly db: Database
  readonly config: Config
  readonly chance: Chance
}

/** One thing that somebody did in the past, through the service that real use goes through. */
export interface Act<T> {
  readonly by: string
  readonly at: Date
  /** The operation's id. */
  readonly action: string
  /** Absent for what everybody who is signed in may. */
  readonly may?: Permission
  readonly on?: Resource
  readonly version?: number
  readonly work: (scope: Scope) => Promise<T>
}

const organization: Resource = {
  kind: 'organization',
  id: 'organization',
  name: 'the organization',
  within: {},
}

const agents = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/158.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/158.0.0.0 Safari/537.36',
]

/** What a service said while it acted. */
interface Told {
  record: Record
  refusal?: { decision: Decision; on: Resource }
  readonly more: { readonly action: string; readonly record: Record }[]
}

/** Where the past is acted out: the same scope, decisions and events as behind the door, with the time of the story. */
export function createStage({ db, config, chance }: StageParts) {
  const decider = createDecider({ policies: noPolicies })
  const people = new Map<string, string>()
  const requestOf = (action: string, at: Date, from: Chance) => ({
    id: newId(at.getTime()),
    ip: `10.8.${from.between(0, 3)}.${from.between(2, 250)}`,
    userAgent: from.pick(agents),
    method: 'POST',
    path: `/api/v1/${action}`,
  })

  const scoped = (
    transaction: Transaction,
    actor: Actor,
    at: Date,
    action: string,
    more: Partial<Scope> = {},
    from: Chance = chance,
  ) => {
    const told: Told = { record: {}, more: [] }
    const request = requestOf(action, at, from)
    const scope: Scope = {
      ...makeScope(
        { config, policies: { current: async () => noPolicies } },
        transaction.db,
        {
          id: 'me.view',
          spec: {
            method: 'GET',
            path: '/',
            summary: '',
            may: 'public',
            returns: undefined as never,
          },
          request,
          headers: {},
          params: {},
          query: {},
          body: undefined,
        },
        { actor, now: at, decider, input: {} },
        {
          ...silent,
          refused(decision, on) {
            told.refusal = { decision, on }
          },
          record(record) {
            told.record = { ...told.record, ...record }
          },
          also: (also, record) => told.more.push({ action: also, record }),
        },
      ),
      transaction,
      ...more,
    }
    return { scope, told, request }
  }

  const actorNamed = async (tx: Db, name: string): Promise<Actor> => {
    const id = people.get(name)
    const actor =
      id && (await loadActor(tx, id, { issuer: config.oidc.issuer, subject: keyOf(name) }))
    if (!actor) throw new Error(`nobody called ${name} is on the stage`)
    return actor
  }

  return {
    people,
    read: <T>(work: (db: Db) => Promise<T>): Promise<T> => work(db),
    /** Carries an act out; what the service refuses is written as the refusal it is, and answers nothing. */
    async act<T>({ by, at, action, may, on = organization, version, work }: Act<T>) {
      const given = version === undefined ? {} : { expectedVersion: version, resource: on }
      const refusal: { event?: Parameters<typeof writeEvent>[1] } = {}
      try {
        return await inTransaction(db, { readOnly: false }, async (_, transaction) => {
          const actor = await actorNamed(transaction.planned, by)
          const decision = may && decider.decide({ actor, action: may, resource: on })
          const { scope, told, request } = scoped(transaction, actor, at, action, given)
          const common = { actor, action, request, at }
          if (decision) {
            const { outcome, sentence } = decision
            refusal.event = { ...common, outcome: 'denied', resource: on, decision, sentence }
            if (outcome === 'denied') throw new ProblemError('forbidden', sentence)
          }
          const result = await work(scope)
          const { record, more } = told
          const about = decision && { resource: on, decision }
          writeEvent(transaction, { ...common, outcome: 'permitted', record, ...about })
          for (const one of more)
            writeEvent(transaction, { ...common, outcome: 'permitted', ...one })
          return result
        })
      } catch (error) {
        const { event } = refusal
        if (!(error instanceof ProblemError) || !event) throw error
        await inTransaction(db, { readOnly: false }, async (_, transaction) =>
          writeEvent(transaction, event),
        )
        return undefined
      }
    },
    /** Somebody signs in, works for a while and signs out. */
    async signIn(name: string, at: Date, from: Chance = chance): Promise<void> {
      await inTransaction(db, { readOnly: false }, async (tx, transaction) => {
        const identity: Identity = {
          issuer: config.oidc.issuer,
          subject: keyOf(name),
          sessionKey: newId(at.getTime()),
          email: emailOf(name),
          emailVerified: true,
          name,
          acr: 'urn:sallyport:signed-in',
          amr: ['pwd', 'otp'],
          authenticatedAt: at,
          expiresAt: new Date(at.getTime() + 300_000),
        }
        const { scope, told, request } = scoped(
          transaction,
          anonymous,
          at,
          'sessions.start',
          { identity },
          from,
        )
        const started = await startSession(scope)
        people.set(name, started.person.id)
        const actor = await actorNamed(tx, name)
        await tx
          .updateTable('session')
          .set({
            endedAt: new Date(at.getTime() + from.between(20, 300) * 60_000),
            endReason: 'signed out',
          })
          .where('id', '=', started.id)
          .execute()
        writeEvent(transaction, {
          actor: { ...actor, sessionId: started.id },
          action: 'sessions.start',
          outcome: 'permitted',
          request,
          record: told.record,
          at,
        })
      })
    },
    roles: builtInRoles,
  }
}
export type Stage = ReturnType<typeof createStage>

type Dated = 'context' | 'issuer' | 'project' | 'restriction' | 'segment' | 'trustRule'

/** Makes something as old as the story says: services date what they make by the clock. */
export const dateBack = (db: Db, table: Dated, id: string, at: Date) =>
  sql`update ${sql.table(table)} set created_at = ${at} where id = ${id}`.execute(db)
