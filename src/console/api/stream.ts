import type { CallOf, OperationId, OutputOf } from '../../contract/index.ts'
import { respond } from './client.ts'
import { rest } from './rest.ts'

/** A stream ends by itself before long, so that whoever may no longer read is not read to; so long until it is taken up again. */
const againMs = 500

/**
 * Follows an operation that answers with server-sent events, until it is aborted. By fetch, not EventSource, which cannot
 * carry the session's proof. Takes up behind the last id whenever the server ends the stream; throws where it refuses.
 */
export async function* follow<I extends OperationId>(
  id: I,
  input: CallOf<I>,
  signal: AbortSignal,
): AsyncGenerator<OutputOf<I>> {
  let lastEventId: string | undefined
  while (!signal.aborted) {
    const options = { signal, ...(lastEventId !== undefined && { lastEventId }) }
    const response = await respond(id, input, 'text/event-stream', options)
    for await (const block of blocksOf(response)) {
      lastEventId = fieldOf(block, 'id') ?? lastEventId
      // A block without data says only where to go on from, or that the server lives.
      const data = fieldOf(block, 'data')
      if (data) yield JSON.parse(data) as OutputOf<I>
    }
    await rest(againMs, signal)
  }
}

async function* blocksOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  let begun = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = `${begun}${value}`.replaceAll('\r\n', '\n').split('\n\n')
    begun = blocks.pop() ?? ''
    yield* blocks
  }
}

function fieldOf(block: string, name: string): string | undefined {
  const lines = block.split('\n').filter((line) => line.startsWith(`${name}:`))
  if (lines.length === 0) return undefined
  return lines.map((line) => line.slice(name.length + 1).trimStart()).join('\n')
}
