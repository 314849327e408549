import { Readable } from 'node:stream'
import { setImmediate as next } from 'node:timers/promises'
import type { Db } from '../db/connect.ts'
import { inTransaction } from '../db/transaction.ts'
import type { Asked } from './asked.ts'
import type { Credential } from './authenticate/identity.ts'
import { problem, ProblemError } from './problem.ts'
import { stand, type DoorParts } from './standing.ts'

/**
 * The content of a file, piece by piece, read by single statements: a handler leaves it to be begun when the event of its
 * request is committed (P2). A failure is thrown into it, so that its last piece can say that it is not whole.
 */
type Piece = string | Uint8Array
export type FileBody = (db: Db) => AsyncGenerator<Piece, void, void>

/** Downloads of one person on this server at once: each keeps a piece in memory for as long as its reader likes (C8). */
const mostPerActor = 5

/** Sends files of any size in the memory of one piece: the next one is read when the last has been taken. */
export function createDownloads(parts: DoorParts) {
  const live = new Map<Readable, string>()

  /** Who is asked for a download's end is what has been revoked since; how fresh the sign-in was counts at its beginning. */
  const standStill = async (asked: Asked, credential: Credential): Promise<void> => {
    const { stepUp: _, ...spec } = asked.spec
    await inTransaction(parts.db, { readOnly: true, eager: true }, (__, transaction) =>
      stand(parts, transaction, { ...asked, spec }, credential, {}),
    )
  }

  return {
    /** Reads the first piece, so that what fails before it is answered as a problem; the rest as the reader takes it. */
    async begin(
      asked: Asked,
      credential: Credential,
      actorId: string,
      file: FileBody,
    ): Promise<Readable> {
      if ([...live.values()].filter((id) => id === actorId).length >= mostPerActor) {
        const sentence = `You take ${mostPerActor} files away already. Wait until one is there.`
        throw problem('too_many_requests', sentence, { headers: { 'retry-after': '5' } })
      }
      const pieces = file(parts.db)
      const first = await pieces.next()
      const body = Readable.from(
        sent(
          first,
          pieces,
          parts.standingMs,
          () => standStill(asked, credential),
          (fault) => parts.onError(fault, asked.request.id),
        ),
        { objectMode: true, highWaterMark: 1 },
      )
      live.set(body, actorId)
      body.once('close', () => live.delete(body))
      return body
    },
    /** Cuts every download, so that the server can close: what was taken is seen not to be whole. */
    end() {
      for (const body of live.keys()) body.destroy(problem('unavailable', 'The server is closing.'))
    },
  }
}

async function* sent(
  first: IteratorResult<Piece, void>,
  pieces: AsyncGenerator<Piece, void, void>,
  standingMs: number,
  standStill: () => Promise<void>,
  onError: (fault: unknown) => void,
) {
  let askedAt = performance.now()
  const proceed = async () => {
    if (performance.now() - askedAt < standingMs) return pieces.next()
    askedAt = performance.now()
    const fault: unknown = await standStill().then(
      () => undefined,
      (error: unknown) => error,
    )
    return fault === undefined ? pieces.next() : pieces.throw(fault)
  }
  try {
    for (let piece = first; !piece.done; piece = await proceed()) yield piece.value
  } catch (error) {
    if (!(error instanceof ProblemError)) onError(error)
    // What the file said last goes out before the connection is cut, by which a client knows that it is not whole.
    await next()
    throw error
  } finally {
    await pieces.return()
  }
}

export type Downloads = ReturnType<typeof createDownloads>
