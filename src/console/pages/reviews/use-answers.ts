import { useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { OutputOf } from '../../../contract/index.ts'
import type { ReviewDecision, ReviewLine } from '../../../contract/reviews.ts'
import { call } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { announce } from '../../ui/announce.ts'
import { toast } from '../../ui/toasts.ts'

type Lines = InfiniteData<OutputOf<'reviews.lines'>>
export type Said = ReviewDecision | 'undo'

const linesKey = ['reviews', 'lines']

/** When no key waits to be painted, or soon; Safari knows no idle time. */
function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, { timeout: 500 })
  else setTimeout(work, 100)
}

/**
 * Answers lines one after the other, each sent at once and shown before it is confirmed: it can be taken back until the
 * review is signed off. What was refused is shown as it is, with the reason; nothing is asked anew for a line that went well.
 */
export function useAnswers(reviewId: string) {
  const client = useQueryClient()
  const [saying, setSaying] = useState<ReadonlyMap<string, Said>>(new Map())
  const queue = useRef<Promise<void>>(Promise.resolve())
  const waiting = useRef(0)
  const confirmed = useRef(new Map<string, { readonly line: ReviewLine; readonly said: Said }>())

  const unsaved = saying.size > 0
  // The browser asks before a window goes whose answers are still on their way.
  useEffect(() => {
    if (!unsaved) return undefined
    const stay = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', stay)
    return () => window.removeEventListener('beforeunload', stay)
  }, [unsaved])

  const put = (lines: ReadonlyMap<string, ReviewLine>) =>
    client.setQueriesData<Lines>({ queryKey: linesKey }, (before) => {
      if (!before || !('pages' in before)) return before
      return {
        ...before,
        pages: before.pages.map((page) =>
          page.items.some(({ id }) => lines.has(id))
            ? { ...page, items: page.items.map((one) => lines.get(one.id) ?? one) }
            : page,
        ),
      }
    })
  const latest = (line: ReviewLine): ReviewLine =>
    confirmed.current.get(line.id)?.line ??
    client
      .getQueriesData<Lines>({ queryKey: linesKey })
      .flatMap(([, data]) => data?.pages ?? [])
      .flatMap(({ items }) => items)
      .find(({ id }) => id === line.id) ??
    line

  const settle = (done: Iterable<readonly [string, Said]>) =>
    setSaying((before) => {
      const next = new Map(before)
      // Of a line that was answered anew meanwhile, the newer answer is still on its way.
      for (const [id, said] of done) if (next.get(id) === said) next.delete(id)
      return next
    })
  /** What was confirmed looks as it did: it is taken over between keys, all at once, and no key waits for it. */
  const takeOver = () => {
    const done = confirmed.current
    confirmed.current = new Map()
    put(new Map([...done].map(([id, { line }]) => [id, line])))
    settle([...done].map(([id, { said }]) => [id, said] as const))
    // How far the review is need not be asked between two keys.
    if (waiting.current === 0) void client.invalidateQueries({ queryKey: ['reviews', 'view'] })
  }
  const confirm = (line: ReviewLine, said: Said) => {
    if (confirmed.current.size === 0) whenIdle(takeOver)
    confirmed.current.set(line.id, { line, said })
  }
  const send = async (line: ReviewLine, said: Said, justification: string) => {
    const { id: lineId, version } = latest(line)
    const input = { reviewId, lineId }
    const options = { version, idempotencyKey: crypto.randomUUID() }
    try {
      const now =
        said === 'undo'
          ? await call('reviews.undo', input, options)
          : await call('reviews.decide', { ...input, decision: said, justification }, options)
      waiting.current -= 1
      confirm(now, said)
    } catch (error) {
      waiting.current -= 1
      const who = line.person.name
      toast(`${who}: ${formErrors(error)[0]?.message ?? ''}`, { tone: 'failed' })
      await client.invalidateQueries({ queryKey: ['reviews'] })
      settle([[lineId, said]])
    }
  }
  const say = (line: ReviewLine, said: Said, justification = '') => {
    setSaying((before) => new Map(before).set(line.id, said))
    const word = { keep: 'Keep', revoke: 'Revoke', undo: 'Open again' }[said]
    announce(`${line.person.name}, ${line.role.name}: ${word}`)
    waiting.current += 1
    queue.current = queue.current.then(() => send(line, said, justification))
  }
  return { say, saying }
}

/** A line as it will be, while its answer is on its way. */
export function asSaid(line: ReviewLine, said: Said): ReviewLine {
  const before = foretold.get(line)
  if (before?.said === said) return before.line
  const { decision: _, ...open } = line
  const next: ReviewLine =
    said === 'undo'
      ? { ...open, mayDecide: true, mayUndo: false }
      : { ...line, decision: said, mayUndo: true }
  foretold.set(line, { said, line: next })
  return next
}
const foretold = new WeakMap<ReviewLine, { readonly said: Said; readonly line: ReviewLine }>()
