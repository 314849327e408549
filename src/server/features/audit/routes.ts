import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'kysely'
import type { AuditSearch } from '../../../contract/audit.ts'
import { fromNumberCursor, pageOf, toCursor } from '../../http/cursor.ts'
import { problem } from '../../http/problem.ts'
import type { Handlers, Scope, StreamItem } from '../../http/scope.ts'
import { entryOf, eventOf } from '../../ledger/entry.ts'
import { openingsBeside, openingsWaiting, withoutPerson } from '../../ledger/personal.ts'
import type { SigningKey } from '../../ledger/signing-key.ts'
import { recordSize, type SizeWatch } from '../../ledger/size.ts'
import { asPack, planPack } from './evidence.ts'
import { asCsv, asLines } from './export.ts'
import { consistencyOf, proofOf, prunedFrom, verifierKey } from './proofs.ts'
import { newest, readSearch } from './search.ts'
import { answerOf, countFacets, eventsSince, listEvents, pendingEvents, timeline } from './store.ts'

const searchOf = (scope: Pick<Scope, 'db' | 'reach'>, input: AuditSearch) =>
  readSearch(scope.db, input, scope.reach('audit:view'))

/** A file of all that is in the record now: what comes later stands behind it, and what is in it never changes. */
async function takeAway(scope: Scope, input: AuditSearch, format: 'csv' | 'ndjson') {
  const search = { ...(await searchOf(scope, input)), reach: scope.reach('audit:export') }
  const end = await recordSize(scope.db)
  scope.record({ detail: { search: input, format, below: end } })
  return {
    body: format === 'csv' ? asCsv(search, end) : asLines(search, end),
    filename: `audit.${format}`,
  }
}

/** The event in the tree, or still waiting for its place there; 404 for what the actor's grants do not reach. */
async function theEvent(scope: Scope, eventId: string) {
  const { reach: _, ...search } = await searchOf(scope, {})
  const reach = scope.reach('audit:view')
  const sealed = await scope.db
    .selectFrom('auditEntry')
    .select(['leafIndex', 'leaf', 'beside'])
    .where('eventId', '=', eventId)
    .executeTakeFirst()
  const found =
    sealed ??
    (await scope.db
      .selectFrom('auditQueue')
      .select(['leaf', 'personal', sql<number | null>`null::bigint`.as('leafIndex')])
      .where('eventId', '=', eventId)
      .executeTakeFirst())
  const visible =
    found &&
    (reach.everywhere ||
      (found.leafIndex !== null &&
        (
          await newest(
            scope.db,
            { ...search, reach, after: found.leafIndex - 1 },
            sql<{ leafIndex: number }>`e.leaf_index`,
            found.leafIndex + 1,
            1,
          )
        ).length > 0))
  if (!visible) throw problem('not_found', 'There is no such event.')
  const { leaf, leafIndex } = found
  const openings =
    'beside' in found
      ? openingsBeside(found.beside)
      : withoutPerson(openingsWaiting(found.personal))
  return { leaf, leafIndex, openings }
}

interface AuditParts {
  readonly key: SigningKey
  readonly size: SizeWatch
  readonly verifierPage?: string | undefined
}

export const auditHandlers = ({ key, size, verifierPage }: AuditParts): Handlers<'audit'> => ({
  async list(scope, input) {
    const search = await searchOf(scope, input)
    const before = fromNumberCursor(input.cursor, 'place')
    const rows = await listEvents(scope.db, search, before, input.limit + 1)
    const items = rows.slice(0, input.limit)
    // An event that waits for its place has none to go on from.
    const last = rows.length > input.limit ? items.at(-1)?.index : undefined
    const first = input.cursor === undefined && search.conditions.length === 0
    return {
      items,
      ...(last !== undefined && { next: toCursor([last]) }),
      ...(first && search.reach.everywhere && { pending: await pendingEvents(scope.db) }),
    }
  },
  facets: async (scope, input) => countFacets(scope.db, await searchOf(scope, input)),
  timeline: async (scope, input) => timeline(scope.db, await searchOf(scope, input), scope.now),

  async *tail(scope, input): AsyncGenerator<StreamItem<ReturnType<typeof answerOf>>> {
    const given = /^\d{1,15}$/.exec(scope.lastEventId ?? '')?.[0]
    let after = given === undefined ? (await recordSize(scope.db)) - 1 : Number(given)
    const search = await searchOf(scope, input)
    // Whoever comes back before anything happened goes on from here as well: nothing falls between two streams.
    yield { id: String(after) }
    while (!scope.signal.aborted) {
      const last = (await size()) - 1
      if (last > after) {
        const events = await eventsSince(scope.db, search, after)
        for (const event of events) yield { id: String(event.index), data: event }
        // Where none is left, everything has been read up to what was the end before.
        after = events.at(-1)?.index ?? last
        if (events.length > 0) continue
        yield { id: String(after) }
      }
      await wait(1_000, undefined, { signal: scope.signal }).catch(() => {})
    }
  },

  export: (scope, input) => takeAway(scope, input, 'csv'),
  exportLines: (scope, input) => takeAway(scope, input, 'ndjson'),
  async evidence(scope, { since, ...input }) {
    const { db, actor, now, request } = scope
    const search = { ...(await searchOf(scope, input)), reach: scope.reach('audit:export') }
    const { kind, id, name } = actor
    const plan = await planPack(db, search, since, {
      query: input,
      exportedAt: now.toISOString(),
      exportedBy: { kind, id, name },
      requestId: request.id,
    })
    const { start, end, checkpoint } = plan
    const range = { start, end }
    scope.record({
      detail: { search: input, format: 'evidence', range, below: checkpoint.treeSize },
    })
    return {
      body: asPack(plan, {
        key,
        verifierKey: await verifierKey(scope.config.dataDir),
        verifierPage,
      }),
      filename: 'evidence.zip',
    }
  },

  async checkpoints(scope, input) {
    scope.reach('audit:view')
    const before = fromNumberCursor(input.cursor, 'place')
    let query = scope.db.selectFrom('auditCheckpoint').selectAll()
    if (before !== undefined) query = query.where('treeSize', '<', before)
    const rows = await query
      .orderBy('treeSize', 'desc')
      .limit(input.limit + 1)
      .execute()
    const { shown, next } = pageOf(rows, input.limit, ({ treeSize }) => [treeSize])
    return {
      items: shown.map(({ treeSize, root, note, createdAt }) => ({
        treeSize,
        root: root.toString('base64'),
        note,
        createdAt,
      })),
      ...next,
      verifierKey: await verifierKey(scope.config.dataDir),
      status: 'self-attested' as const,
      pruned: await prunedFrom(scope.db),
    }
  },
  async consistency(scope, { first, second }) {
    scope.reach('audit:view')
    return consistencyOf(scope.db, first, second)
  },
  async view(scope, { eventId }) {
    const { leaf, leafIndex, openings } = await theEvent(scope, eventId)
    const { userAgent, count, before, after, detail, decision, actor } = eventOf(leaf, openings)
    const rest = {
      userAgent,
      count,
      before,
      after,
      detail,
      decision,
      acr: actor.acr,
      issuer: actor.issuer,
    }
    return {
      ...answerOf(entryOf(leaf, openings), leafIndex ?? undefined),
      ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as {
        [K in keyof typeof rest]?: Exclude<(typeof rest)[K], undefined>
      }),
      leaf: leaf.toString('base64'),
      ...(openings.length > 0 && {
        personal: openings.map(([salt, ...values]) => ({ salt, values })),
      }),
    }
  },
  async proof(scope, { eventId }) {
    const { leaf, leafIndex } = await theEvent(scope, eventId)
    if (leafIndex === null) {
      throw problem(
        'conflict',
        'The event waits for its place in the record. Ask again in a second.',
      )
    }
    return proofOf(scope.db, scope.config.dataDir, { leaf, leafIndex })
  },
})
