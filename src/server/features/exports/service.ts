import type { AnswerOf, InputOf } from '../../../contract/index.ts'
import type { Export } from '../../../contract/exports.ts'
import { archived, type NewFile } from '../../../proof/archive.ts'
import type { Db } from '../../db/connect.ts'
import { newId } from '../../db/new-id.ts'
import { organization } from '../../decision/organization.ts'
import { heldSomewhere } from '../../decision/holdings.ts'
import type { Resource } from '../../decision/types.ts'
import type { FileBody } from '../../http/download.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { exportResource } from './resource.ts'
import type { ExportRunner } from './runner.ts'
import { sources } from './sources.ts'
import { askedOn, covers, heldNow } from './standing.ts'
import {
  cancelExport,
  countExports,
  exportById,
  insertExport,
  pieceOf,
  resumeExport,
  type ExportRow,
  type Whose,
} from './store.ts'

export { expireExports } from './clock.ts'
export { createExportRunner, type ExportRunner } from './runner.ts'

/** Unfinished exports that one person may have, and files that are kept for one. */
const mostOpen = 5
const mostKept = 50

const personOf = ({ actor }: Scope): string => {
  if (actor.kind === 'person' && actor.personId) return actor.personId
  const sentence = 'Only people export in the background. An API token takes files from the lists.'
  throw problem('forbidden', sentence)
}

/** Whoever may read the audit trail of everything sees everybody's exports: what was taken away is theirs to know. */
export const whoseOf = (scope: Scope): Whose => ({
  personId: personOf(scope),
  everybody: scope.reach('audit:view').everywhere,
})

/** Of what is swept a minute later at the latest: until then it is there, but nobody's any more. */
const isOver = ({ now }: Scope, { expiresAt }: ExportRow) => expiresAt !== null && expiresAt <= now

const isOwn = (scope: Scope, row: ExportRow) => row.createdBy === scope.actor.personId

/** Who may end at once what somebody does signed in may stop what they left to the background as well. */
const stopsOthers = 'session:revoke'

function allowedWith(
  scope: Scope,
  row: ExportRow,
  less: boolean,
): AnswerOf<'exports.view'>['allowed'] {
  const { state } = row
  const open = state === 'waiting' || state === 'running'
  if (!isOwn(scope, row)) {
    const stops = open && scope.decide(stopsOthers, organization).outcome === 'permitted'
    return stops ? ['cancel'] : []
  }
  if (state === 'done') return less || isOver(scope, row) ? [] : ['download']
  if (state === 'failed') return ['resume', 'cancel']
  return open ? ['cancel'] : []
}

const seesLess = 'You may see less than when this file was made. Export again.'

/** By which permission whoever asked for a file sees less now than they did when it was made; nothing when by none. */
const unseen = (scope: Scope, { what, seen }: ExportRow): string | undefined => {
  const { may } = sources[what]
  if (may !== 'signed-in' && !heldSomewhere(scope.reach(may))) return may
  return Object.entries(seen ?? {}).find(([held, was]) => !covers(heldNow(scope, held), was))?.[0]
}

export function exportAnswer(scope: Scope, row: ExportRow): AnswerOf<'exports.view'> {
  const less = row.state === 'done' && isOwn(scope, row) && unseen(scope, row) !== undefined
  return {
    id: row.id,
    what: row.what,
    format: row.format,
    query: new URLSearchParams(
      Object.entries(row.query).map(([key, value]) => [key, String(value)]),
    ).toString(),
    about: row.aboutId && row.aboutName ? { id: row.aboutId, name: row.aboutName } : null,
    state: row.state,
    done: row.done,
    total: row.total,
    bytes: row.bytes,
    fault: row.fault ?? (less ? seesLess : null),
    createdBy: { id: row.createdBy, name: row.createdByName },
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
    expiresAt: row.expiresAt,
    mine: isOwn(scope, row),
    allowed: allowedWith(scope, row, less),
  }
}

const notThere = () => problem('not_found', 'There is no such export.')

export async function theExport(scope: Scope, id: string): Promise<ExportRow> {
  const row = await exportById(scope.db, whoseOf(scope), id)
  if (!row) throw notThere()
  return row
}

/** What one asked for oneself: nobody else goes on with it, or takes it away. */
async function ownExport(scope: Scope, id: string): Promise<ExportRow> {
  const row = await theExport(scope, id)
  if (isOwn(scope, row)) return row
  throw problem('forbidden', 'Only the person who asked for an export may do this with it.')
}

/** Asks, as the door does for the page that shows the same, and names what is missing; answers the object asked on. */
async function demandFor(
  scope: Scope,
  { what, query }: { readonly what: Export['what']; readonly query: unknown },
): Promise<Resource> {
  const source = sources[what]
  const { may } = source
  if (may === 'signed-in') return organization
  const resource = await askedOn(scope.db, source, query, () => scope.reach(may))
  if (!resource) throw problem('not_found', 'What is to be exported is not there.')
  scope.demand(may, resource)
  return resource
}

export async function createExport(
  scope: Scope,
  runner: ExportRunner,
  { asked }: InputOf<'exports.create'>,
): Promise<AnswerOf<'exports.create'>> {
  const { db, now, request } = scope
  const personId = personOf(scope)
  const { what, format, query } = asked
  const { kind, id: of, name } = await demandFor(scope, asked)
  const about = kind === 'organization' ? null : { id: of, name }
  const { open, kept } = await countExports(db, personId)
  if (open >= mostOpen) {
    const sentence = `${mostOpen} of your exports are not finished. Wait for one, or cancel it.`
    throw problem('limit_reached', sentence)
  }
  if (kept >= mostKept) {
    const sentence = `${mostKept} files are kept for you. Wait until one expires.`
    throw problem('limit_reached', sentence)
  }
  const { bound, total = null } = await sources[what].bound(scope, query, request)
  const id = newId()
  await insertExport(db, {
    id,
    what,
    format,
    query,
    bound,
    aboutId: about?.id ?? null,
    aboutName: about?.name ?? null,
    total,
    createdBy: personId,
    createdAt: now,
    ip: request.ip,
  })
  const row = await theExport(scope, id)
  scope.record({ resource: exportResource(row), detail: { what, format, query } })
  scope.transaction.after(() => runner.wake())
  return exportAnswer(scope, row)
}

export async function stopExport(scope: Scope, id: string): Promise<AnswerOf<'exports.cancel'>> {
  const row = await theExport(scope, id)
  const own = isOwn(scope, row)
  if (!own) scope.demand(stopsOthers, organization)
  // What failed waits for whoever asked for it: to resume it, or to let it go.
  const states = own
    ? (['waiting', 'running', 'failed'] as const)
    : (['waiting', 'running'] as const)
  const fault = own ? null : `${scope.actor.name} cancelled it.`
  if (!(await cancelExport(scope.db, id, states, fault))) {
    throw problem('conflict', 'This export has ended already.')
  }
  scope.record({
    resource: exportResource(row),
    detail: {
      what: row.what,
      done: row.done,
      total: row.total,
      ...(!own && { askedBy: { id: row.createdBy, name: row.createdByName } }),
    },
  })
  return exportAnswer(scope, await theExport(scope, id))
}

export async function goOnWith(
  scope: Scope,
  runner: ExportRunner,
  id: string,
): Promise<AnswerOf<'exports.resume'>> {
  const row = await ownExport(scope, id)
  await demandFor(scope, row)
  if (!(await resumeExport(scope.db, id))) {
    throw problem('conflict', 'Only an export that failed is resumed.')
  }
  scope.record({ resource: exportResource(row), detail: { what: row.what, done: row.done } })
  scope.transaction.after(() => runner.wake())
  return exportAnswer(scope, await theExport(scope, id))
}

const media = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  zip: 'application/zip',
  pdf: 'application/pdf',
} as const

/** The pieces in their order, each read when the one before was taken. */
async function* piecesOf(db: Db, { id, pieces }: ExportRow) {
  for (let nth = 0; nth < pieces; nth++) {
    const piece = await pieceOf(db, id, nth)
    if (!piece) throw problem('not_found', 'The file has expired while it was taken.')
    yield piece
  }
}

async function* packFiles(db: Db, row: ExportRow): AsyncGenerator<NewFile, void, void> {
  for await (const { path, bytes } of piecesOf(db, row)) {
    yield { path: path ?? '', content: bytes }
  }
}

/** What was made, to whoever asked for it, as long as they may see all that they could see then (P41). */
export async function takeExport(
  scope: Scope,
  id: string,
): Promise<{ body: FileBody; filename: string; media: string }> {
  const row = await ownExport(scope, id)
  const { what, format, state } = row
  if (state === 'expired' || (state === 'done' && isOver(scope, row)))
    throw problem('not_found', 'The file has expired. Export again.')
  if (state !== 'done') throw problem('conflict', 'The file is not finished.')
  await demandFor(scope, row)
  const held = unseen(scope, row)
  if (held) throw problem('forbidden', seesLess, held.includes(':') ? { permission: held } : {})
  scope.record({
    resource: exportResource(row),
    detail: { what, format, query: row.query, rows: row.done, bytes: row.bytes },
  })
  const body: FileBody =
    format === 'zip'
      ? (db) => archived(packFiles(db, row))
      : async function* content(db) {
          for await (const { bytes } of piecesOf(db, row)) yield bytes
        }
  const date = row.createdAt.toISOString().slice(0, 10)
  return { body, filename: `${what}-${date}.${format}`, media: media[format] }
}
