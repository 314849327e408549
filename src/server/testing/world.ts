import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino, { type Logger } from 'pino'
import { builtInRoles, type BuiltInRole } from '../../contract/built-in-roles.ts'
import { operationOf, type CallOf, type OperationId, type OutputOf } from '../../contract/index.ts'
import type { Problem, ProblemCode } from '../../contract/problem.ts'
import { openApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { newId } from '../db/new-id.ts'
import { inTransaction } from '../db/transaction.ts'
import { emit } from '../ledger/emit.ts'
import { eventOf } from '../ledger/entry.ts'
import { openingsBeside } from '../ledger/personal.ts'
import type { RateLimits } from '../http/limits.ts'
import type { Timeouts } from '../http/wire.ts'
import { noncesOf } from '../http/authenticate/nonce.ts'
import { masterKeyOf } from '../vault/master-key.ts'
import { dpopProof, openIssuer, proofKey, type TokenOptions } from './issuer.ts'
import { cloneDatabase } from './test-database.ts'

export interface Sent {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** The answer, parsed where it is JSON. */
  readonly body: unknown
}

export interface SendOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

/** What a refused call throws in a test: `await expect(call).rejects.toMatchObject({ code: 'forbidden' })`. */
class Refused extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.title)
    this.code = problem.code
    this.status = problem.status
    this.problem = problem
  }
}

export interface CallOptions {
  readonly version?: number
  readonly idempotencyKey?: string
}

type Role = keyof typeof builtInRoles | BuiltInRole | { readonly id: string; readonly name: string }

export interface WorldOptions {
  /** None by default: a test asks faster than anybody may. */
  readonly limits?: RateLimits
  /** Where the server's own log goes; nowhere by default. */
  readonly log?: Logger
  /** A migrated database of one's own; a fresh clone by default. */
  readonly databaseUrl?: string
  /** Settings that differ from evaluation mode's. */
  readonly env?: Readonly<Record<string, string>>
  /** A built console; none by default. */
  readonly consoleFolder?: string
  /** Shorter ones, for what is cut by them. */
  readonly timeouts?: Partial<Timeouts>
}

const endless = { perSecond: 1e6, burst: 1e6 }
export const unlimited: RateLimits = {
  stranger: endless,
  reads: endless,
  changes: endless,
  runs: endless,
  leases: endless,
}

/** A world of one's own: a fresh database, a real issuer, the whole server but the socket. `await using world = await openWorld()`. */
export async function openWorld(options: WorldOptions = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-world-'))
  const databaseUrl = options.databaseUrl ?? (await cloneDatabase())
  const publicUrl = 'http://localhost:4400'
  const issuer = await openIssuer({ audience: `${publicUrl}/api` })
  const config = {
    ...readConfig({
      SALLYPORT_DATA: dataDir,
      SALLYPORT_ADMIN: 'ada@meridian.example',
      ...options.env,
    }),
    oidc: { issuer: issuer.url, clientId: issuer.clientId, audience: issuer.audience },
  }
  const log = options.log ?? pino({ level: process.env['LOG_LEVEL'] ?? 'silent' })
  const { limits = unlimited, timeouts, consoleFolder } = options
  const parts = { config, databaseUrl, log, limits, clockByHand: true }
  const app = await openApp({
    ...parts,
    ...(timeouts && { timeouts }),
    ...(consoleFolder && { consoleFolder }),
  })
  /** One more server over the same database, or a way to it of one's own. */
  const another = async (url = databaseUrl) => {
    const other = await openApp({ ...parts, databaseUrl: url })
    return Object.assign(other, { [Symbol.asyncDispose]: () => other.close() })
  }

  const { current: nonce } = noncesOf(masterKeyOf(config))

  const ask = async (path: string, options: SendOptions = {}): Promise<Sent> => {
    const { method = 'GET', headers = {}, body } = options
    const raw = typeof body === 'string' || body instanceof Buffer
    const answer = await app.fastify.inject({
      method: method as 'GET',
      url: path,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { payload: raw ? body : JSON.stringify(body) }),
    })
    const text = answer.payload
    const json = /[/+]json\b/.test(String(answer.headers['content-type']))
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: json && text ? (JSON.parse(text) as unknown) : text,
    }
  }

  /** Somebody with a browser key of their own, whose access tokens are bound to it. */
  const browser = async (token: TokenOptions) => {
    const key = await proofKey()
    const accessToken = await issuer.accessToken({ sid: newId(), jkt: key.jkt, ...token })
    const headers = async (method: string, path: string) => ({
      authorization: `DPoP ${accessToken}`,
      dpop: await dpopProof(key, {
        method,
        url: `${publicUrl}${path}`,
        accessToken,
        nonce: nonce(),
      }),
    })
    const send = async (path: string, options: SendOptions = {}): Promise<Sent> =>
      ask(path, {
        ...options,
        headers: { ...(await headers(options.method ?? 'GET', path)), ...options.headers },
      })
    const call = async <I extends OperationId>(
      id: I,
      input: CallOf<I>,
      options: CallOptions = {},
    ): Promise<OutputOf<I>> => {
      const spec = operationOf(id) as {
        method: string
        path: string
        query?: { shape: object }
        body?: unknown
      }
      const rest: Record<string, unknown> = { ...input }
      const take = (name: string) => {
        const value = rest[name]
        delete rest[name]
        return value
      }
      const path = spec.path.replaceAll(/:(\w+)/g, (_, name: string) =>
        encodeURIComponent(String(take(name))),
      )
      const search = new URLSearchParams()
      for (const name of Object.keys(spec.query?.shape ?? {})) {
        const value = take(name)
        if (typeof value === 'string') search.set(name, value)
        else if (value !== undefined) search.set(name, JSON.stringify(value))
      }
      const query = search.size > 0 ? `?${search.toString()}` : ''
      const sent = await send(`/api/v1${path}${query}`, {
        method: spec.method,
        headers: {
          ...(options.version !== undefined && { 'if-match': `"${options.version}"` }),
          ...(options.idempotencyKey && { 'idempotency-key': options.idempotencyKey }),
        },
        ...(spec.body !== undefined && { body: rest }),
      })
      if (sent.status >= 400) throw new Refused(sent.body as Problem)
      return sent.body as OutputOf<I>
    }
    return { key, accessToken, headers, send, call }
  }

  const personOf = (name: string) => ({
    sub: name,
    email: `${name}@meridian.example`,
    name: name.charAt(0).toUpperCase() + name.slice(1),
  })

  /** Signs somebody in and begins their session; `ada` is the first administrator. */
  const as = async (name: string, token: Partial<TokenOptions> = {}) => {
    const person = await browser({ ...personOf(name), ...token })
    const session = await person.call('sessions.start', {})
    return { ...person, id: session.person.id, name: session.person.name, sessionId: session.id }
  }

  /** Grants a role, in the organization or a scope, below the door: the world before the story begins. */
  const grant = async (
    person: { readonly id: string },
    role: Role,
    scope?: { kind: 'segment' | 'project' | 'context'; id: string; name: string },
  ): Promise<string> => {
    const { id: roleId } = typeof role === 'string' ? builtInRoles[role] : role
    const id = newId()
    await inTransaction(app.db, { readOnly: false }, async (db, transaction) => {
      await db
        .insertInto('accessGrant')
        .values({
          id,
          roleId,
          subjectKind: 'person',
          personId: person.id,
          teamId: null,
          scopeKind: scope?.kind ?? 'organization',
          scopeName: scope?.name ?? null,
          segmentId: scope?.kind === 'segment' ? scope.id : null,
          projectId: scope?.kind === 'project' ? scope.id : null,
          contextId: scope?.kind === 'context' ? scope.id : null,
          reason: 'the world before the story',
          grantedBy: null,
          expiresAt: null,
          endedAt: null,
          endedBy: null,
          endReason: null,
        })
        .execute()
      emit(transaction, {
        actor: { kind: 'system', id: 'test', name: 'test' },
        action: 'grants.create',
        outcome: 'permitted',
      })
    })
    return id
  }

  /** Every event so far, oldest first, as the leaf says it. */
  const events = async () => {
    await app.ledger.settle()
    const rows = await app.db
      .selectFrom('auditEntry')
      .select(['leaf', 'beside'])
      .orderBy('leafIndex')
      .execute()
    return rows.map(({ leaf, beside }) => eventOf(leaf, openingsBeside(beside)))
  }

  const close = async () => {
    await app.close()
    await issuer.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return {
    app,
    another,
    config,
    dataDir,
    databaseUrl,
    issuer,
    publicUrl,
    /** What a DPoP proof must carry now (RFC 9449 §9). */
    nonce,
    /** A request without credentials, or with whatever headers are given. */
    ask,
    browser,
    as,
    grant,
    events,
    lastEvent: async () => (await events()).at(-1),
    close,
    [Symbol.asyncDispose]: close,
  }
}
export type World = Awaited<ReturnType<typeof openWorld>>
export type WorldPerson = Awaited<ReturnType<World['as']>>
