import { useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { OutputOf } from '../../../contract/index.ts'
import type { ReviewDecision, ReviewLine } from '../../../contract/reviews.ts'
import { call } from '../../api/client.ts'
import { formErrors } from '../../api/problem.ts'
import { announce } from '../../ui/announce.ts'
import { toast } from '../../ui/toasts.ts'

type Lines = InfiniteData<OutputOf<'reviews.lines'>>
type Said = ReviewDecision | 'undo'

const linesKey = ['reviews', 'lines']

/**
 * Answers lines one after the other, each sent at once and shown before it is confirmed: it can be taken back until the
 * review is signed off. What was refused is shown as it is, with the reason; nothing is asked anew for a line that went well.
 */
export function useAnswers(reviewId: string) {
  const client = useQueryClient()
  const [saying, setSaying] = useState<ReadonlyMap<string, Said>>(new Map())
  const queue = useRef<Promise<void>>(Promise.resolve())
  const waiting = useRef(0)

  const unsaved = saying.size > 0
  // The browser asks before a window goes whose answers are still on their way.
  useEffect(() => {
    if (!unsaved) return undefined
    const stay = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', stay)
    return () => window.removeEventListener('beforeunload', stay)
  }, [unsaved])

  const put = (line: ReviewLine) =>
    client.setQueriesData<Lines>({ queryKey: linesKey }, (before) => {
      if (!before || !('pages' in before)) return before
      return {
        ...before,
        pages: before.pages.map((page) =>
          page.items.some(({ id }) => id === line.id)
            ? { ...page, items: page.items.map((one) => (one.id === line.id ? line : one)) }
            : page,
        ),
      }
    })
  const latest = (line: ReviewLine): ReviewLine =>
    client
      .getQueriesData<Lines>({ queryKey: linesKey })
      .flatMap(([, data]) => data?.pages ?? [])
      .flatMap(({ items }) => items)
      .find(({ id }) => id === line.id) ?? line

  const settle = (id: string) =>
    setSaying((before) => {
      const next = new Map(before)
      next.delete(id)
      return next
    })
  const send = async (line: ReviewLine, said: Said, justification: string) => {
    const { id: lineId, version } = latest(line)
    const input = { reviewId, lineId }
    const options = { version, idempotencyKey: crypto.randomUUID() }
    try {
      put(
        said === 'undo'
          ? await call('reviews.undo', input, options)
          : await call('reviews.decide', { ...input, decision: said, justification }, options),
      )
    } catch (error) {
      const who = line.person.name
      toast(`${who}: ${formErrors(error)[0]?.message ?? ''}`, { tone: 'failed' })
      await client.invalidateQueries({ queryKey: ['reviews'] })
    } finally {
      settle(lineId)
      // How far the review is need not be asked between two keys.
      waiting.current -= 1
      if (waiting.current === 0) void client.invalidateQueries({ queryKey: ['reviews', 'view'] })
    }
  }
  const say = (line: ReviewLine, said: Said, justification = '') => {
    setSaying((before) => new Map(before).set(line.id, said))
    const word = { keep: 'Keep', revoke: 'Revoke', undo: 'Open again' }[said]
    announce(`${line.person.name}, ${line.role.name}: ${word}`)
    waiting.current += 1
    queue.current = queue.current.then(() => send(line, said, justification))
  }
  /** A line as it will be, while its answer is on its way. */
  const shown = (line: ReviewLine): ReviewLine => {
    const said = saying.get(line.id)
    if (!said) return line
    const { decision: _, ...open } = line
    return said === 'undo'
      ? { ...open, mayDecide: true, mayUndo: false }
      : { ...line, decision: said, mayUndo: true }
  }
  return { say, shown }
}
