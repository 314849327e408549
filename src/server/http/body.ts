import type { Asked } from './asked.ts'
import { parseJson, parseText } from './input.ts'
import { problem } from './problem.ts'

const formType = /^application\/x-www-form-urlencoded\s*(;|$)/i

const jsonType = /^(application\/json\s*(;|$)|$)/i

/** What the body says, whether it came as JSON or, where the operation takes it, as a form or as one text; nothing when there is none. */
export function bodyOf({ spec, body, headers }: Asked): unknown {
  if (!body?.length) return undefined
  const type = headers['content-type']?.[0] ?? ''
  if (spec.text && !jsonType.test(type)) return { text: parseText(body) }
  if (jsonType.test(type)) return parseJson(body)
  if (!spec.form || !formType.test(type)) {
    throw problem('unsupported_media_type', 'Send the body as application/json.')
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw problem('bad_request', 'The form is not UTF-8.')
  }
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const known = fields.get(name)
    fields.set(name, known === undefined ? value : [known, value].flat())
  }
  return Object.fromEntries(fields)
}
