import { reviewStart, type ReviewStart } from '../../../proof/pack.ts'
import type { Db } from '../../db/connect.ts'
import { organization } from '../../decision/organization.ts'
import { problem } from '../../http/problem.ts'
import type { Scope } from '../../http/scope.ts'
import { asPack, planEvent, provedEvent, verifierKey, type PackKeys } from '../audit/service.ts'
import { closedLine, linesOf } from './evidence.ts'
import { lineHash } from './root.ts'
import { resourceOf, theReview } from './standing.ts'

/** The lines as they are hashed, and their hashes, in files of as many as are read at once; and the event of their start. */
async function* filesOf(
  db: Db,
  reviewId: string,
  start: ReviewStart | undefined,
): AsyncGenerator<readonly [path: string, content: string | Uint8Array<ArrayBuffer>]> {
  for await (const rows of linesOf(db, reviewId)) {
    const [first, last] = [rows[0]?.number, rows.at(-1)?.number]
    if (first === undefined) break
    const all = await Promise.all(rows.map((row) => lineHash(closedLine(row))))
    const path = `review/${first}-${last}`
    yield [`${path}.ndjson`, all.map(({ line }) => `${line}\n`).join('')]
    yield [`${path}.hashes`, Buffer.concat(all.map(({ hash }) => hash))]
  }
  if (start) yield [reviewStart, JSON.stringify(start)]
}

/**
 * A closed review as an evidence pack: its lines, and the events of its start and its end, which name their roots, with the
 * proof that both are in the signed record. The last says from where it was signed off, so that it is for those who may take events away.
 */
export async function takePack(
  scope: Scope,
  reviewId: string,
  keys: Omit<PackKeys, 'verifierKey'>,
) {
  const review = await theReview(scope, reviewId)
  scope.demand('audit:export', organization)
  if (review.state !== 'closed') {
    throw problem('conflict', 'It is proved once it is closed: until then its lines may change.')
  }
  const { kind, id, name } = resourceOf(review)
  const { actor, now, request, db } = scope
  const reach = scope.reach('audit:export')
  const plan = await planEvent(db, reach, {
    query: { q: `action:reviews.close resource:${id}` },
    exportedAt: now.toISOString(),
    exportedBy: { kind: actor.kind, id: actor.id, name: actor.name },
    requestId: request.id,
    review: { id, name },
  })
  const start = await provedEvent(db, reach, `action:reviews.create resource:${id}`, plan)
  scope.record({
    resource: { kind, id, name },
    detail: { format: 'evidence', lines: review.lines, below: plan.checkpoint.treeSize },
  })
  const pinned = await verifierKey(scope.config.dataDir)
  return {
    body: asPack(plan, { ...keys, verifierKey: pinned }, (later) => filesOf(later, id, start)),
    filename: 'access-review-evidence.zip',
  }
}
