import { hash, randomBytes } from 'node:crypto'
import { statement, type Statement } from '../db/statement.ts'
import { openingsOf, withPersonal, type Opening } from '../../proof/personal.ts'
import type { AuditEvent } from './emit.ts'

/** Somebody whom an event names. */
export interface NamedPerson {
  readonly id: string
  readonly name: string
  readonly email?: string | undefined
}

/** An opening and whose it is: how it stands in the queue beside a leaf. */
export type PersonsOpening = readonly [personId: string, ...Opening]

/** Of the event that says that somebody was erased. */
export const eraseAction = 'people.erase'

/** What is shown in the place of somebody who has been erased. */
export const erased = 'Erased person'

/** 128 bits that nobody else has: from the system, many at once. */
let drawn = Buffer.alloc(0)
function newSalt(): Buffer {
  if (drawn.length === 0) drawn = randomBytes(4_096)
  const salt = drawn.subarray(0, 16)
  drawn = drawn.subarray(16)
  return salt
}

/** As `tokenOf` of the proofs, at once: an event is written in the middle of a transaction. */
const tokenOf = (salt: Buffer, value: string): string =>
  `personal:${hash('sha256', Buffer.concat([salt, Buffer.from(value)]), 'base64')}`

/** Texts of an event that may be somebody's name or address. */
export interface Suspected {
  readonly names: readonly string[]
  readonly emails: readonly string[]
}

/** More texts than these an event has only where somebody means to be slow. */
const mostSuspected = 2_000
/** No name has more words, and nothing between two of them but these. */
const mostWords = 5
const between = /^(?:[ '’.-]| ?[.'’-] ?)$/
const word = /[\p{L}\p{N}]+/gu
const parts = /[^\s<>"“”()[\],;:]+/g

/**
 * What is to be looked up before an event is written, since any text of it may name people: whole texts, runs of two to five
 * words, and e-mail addresses. Of a pipeline's events, and of those of nobody who signed in, nothing.
 */
export function suspectedIn({
  actor,
  resource,
  sentence,
  before,
  after,
  detail,
}: AuditEvent): Suspected {
  const names = new Set<string>()
  const emails = new Set<string>()
  if (actor.kind === 'workload' || actor.kind === 'anonymous') return { names: [], emails: [] }
  const own = actor.kind === 'person' || actor.kind === 'token' ? actor.name : undefined
  const text = (value: string): string => {
    // PostgreSQL knows no text with NUL in it, and nobody has such a name. Whoever acts is known.
    if (names.size >= mostSuspected || value.includes('\0') || value === own) return value
    const start = value.slice(0, 4_000)
    if (value.length <= 200) names.add(value)
    for (const [part] of start.includes('@') ? start.matchAll(parts) : []) {
      if (part.includes('@')) emails.add(part.replace(/\.$/, '').toLowerCase())
    }
    const words = [...start.matchAll(word)]
    for (const [at, first] of words.entries()) {
      for (let to = at + 1; to < at + mostWords; to++) {
        const one = words[to - 1]
        const next = words[to]
        if (!one || !next || !between.test(start.slice(one.index + one[0].length, next.index)))
          break
        const run = start.slice(first.index, next.index + next[0].length)
        if (run !== own) names.add(run)
      }
    }
    return value
  }
  try {
    mapped([resource?.name, sentence, before, after, detail], text)
  } catch (error) {
    // Deeper than the stack: that much is cut from the event as well.
    if (!(error instanceof RangeError)) throw error
  }
  return { names: [...names], emails: [...emails] }
}

/** Whom suspected texts name. */
export const peopleNamed = ({ names, emails }: Suspected): Statement => statement`
  select id::text, name, email from person
  where erased_at is null and (name = any(${names}::text[]) or lower(email) = any(${emails}::text[])) order by id`

/**
 * An event without what tells who a person is, and what was taken out, by person. Theirs are the names and addresses of those
 * whom it names (its actor, a `{ kind: 'person', id, name }` anywhere in it, and `people`), also as words of a sentence, and
 * whence its actor came: IP address, user agent, subject at the identity provider. What somebody wrote of others in words
 * of their own stays as it is.
 */
export function withoutPersonal<E extends AuditEvent>(
  whole: E,
  people: readonly NamedPerson[],
): { readonly event: E; readonly openings: readonly PersonsOpening[] } {
  const { actor, resource, sentence, ip, userAgent, before, after, detail } = whole
  const own = (actor.kind === 'person' || actor.kind === 'token') && plainId.test(actor.id)
  // A pipeline is nobody, and its events are the many that must be quick.
  if (actor.kind === 'workload' && people.length === 0) return { event: whole, openings: [] }
  const named = new Map<string, NamedPerson>()
  const seen = (one: NamedPerson) => {
    if (plainId.test(one.id)) named.set(one.id, { ...named.get(one.id), ...one })
  }
  for (const one of people) seen(one)
  for (const one of [resource, before, after, detail]) look(one, seen)
  // Of two people of one name it is the actor.
  if (own) seen({ id: actor.id, name: actor.name })
  if (named.size === 0) return { event: whole, openings: [] }

  const openings = new Map<
    string,
    { readonly salt: Buffer; readonly tokens: Map<string, string> }
  >()
  const hide = (id: string, value: string): string => {
    let opening = openings.get(id)
    if (!opening) openings.set(id, (opening = { salt: newSalt(), tokens: new Map() }))
    let token = opening.tokens.get(value)
    if (!token) opening.tokens.set(value, (token = tokenOf(opening.salt, value)))
    return token
  }
  const whose = new Map<string, string>()
  for (const { id, name, email } of named.values()) {
    for (const value of [name, email, email?.toLowerCase()]) if (value) whose.set(value, id)
  }
  // What stands alone is also hidden where it would not be told from other words.
  const alone = new Map(whose)
  if (own) for (const value of [ip, userAgent]) if (value) alone.set(value, actor.id)
  const called = (value: string) => alone.get(value) ?? alone.get(value.toLowerCase())
  const words = wordsOf([...whose.keys()])
  const text = (value: string): string => {
    const id = value.includes('@') ? called(value) : alone.get(value)
    if (id !== undefined) return hide(id, value)
    return words ? value.replace(words, (word) => hide(called(word) ?? '', word)) : value
  }
  const ofActor = (value: string) => (own && value ? hide(actor.id, value) : value)
  const { name, subject } = actor
  return {
    event: {
      ...whole,
      actor: {
        ...actor,
        name: ofActor(name),
        ...(subject !== undefined && { subject: ofActor(subject) }),
      },
      ...(resource && { resource: { ...resource, name: text(resource.name) } }),
      ...(sentence !== undefined && { sentence: text(sentence) }),
      ...(ip !== undefined && { ip: ofActor(ip) }),
      ...(userAgent !== undefined && { userAgent: ofActor(userAgent) }),
      ...(before !== undefined && { before: mapped(before, text) }),
      ...(after !== undefined && { after: mapped(after, text) }),
      ...(detail !== undefined && { detail: mapped(detail, text) }),
    },
    openings: Array.from(openings, ([of, { salt, tokens }]): PersonsOpening => {
      const values = Array.from(tokens.keys())
      return [of, salt.toString('base64'), ...values]
    }),
  }
}

/** The text of a leaf as it is read, with what stands beside it; in the place of what does not, that somebody was erased. */
export function openLeaf(leaf: Uint8Array, openings: readonly Opening[]): string {
  const text = Buffer.from(leaf).toString('utf8')
  if (!text.includes('personal:')) return text
  const shown = new Map<string, string>()
  for (const [salt, ...values] of openings) {
    const bytes = Buffer.from(salt, 'base64')
    for (const value of values) shown.set(tokenOf(bytes, value), value)
  }
  // It stands within a string of JSON.
  return withPersonal(text, (token) => JSON.stringify(shown.get(token) ?? erased).slice(1, -1))
}

/** As ids of ours are; what else somebody says to be one names nobody. */
const plainId = /^[\w-]{1,64}$/
/** As a salt of ours is: base64 of 16 bytes. */
const plainSalt = /^[A-Za-z0-9+/]{22}==$/

/** What stands beside a leaf, one opening after the other. Throws where somebody wrote something else there. */
export const openingsBeside = (beside: Buffer | null): Opening[] =>
  beside === null ? [] : openingsOf(`[${beside.toString()}]`)

/** As `openingsBeside` reads it; nothing where nobody is named. */
export const besideOf = (openings: readonly Opening[]): string | null =>
  openings.length === 0 ? null : openings.map((each) => JSON.stringify(each)).join()

/** What waits beside a leaf in the queue. Never throws: whatever stands there, the event gets its place. */
export function openingsWaiting(personal: string | null): readonly PersonsOpening[] {
  if (personal === null) return []
  try {
    const found = openingsOf(personal)
    return found.filter(
      (one): one is PersonsOpening =>
        plainId.test(one[0]) && one.length > 2 && plainSalt.test(one[1] ?? ''),
    )
  } catch {
    return []
  }
}

export const withoutPerson = (openings: readonly PersonsOpening[]): Opening[] =>
  openings.map(([, ...opening]) => opening)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof Date)

/** Tells of every `{ kind: 'person', id, name }`. */
function look(value: unknown, seen: (person: NamedPerson) => void): void {
  if (Array.isArray(value)) for (const item of value) look(item, seen)
  else if (isObject(value)) {
    const { kind, id, name, email } = value
    if (kind === 'person' && typeof id === 'string' && typeof name === 'string') {
      seen({ id, name, ...(typeof email === 'string' && { email }) })
    }
    for (const item of Object.values(value)) look(item, seen)
  }
}

/** The same value with every string in it as `text` has it; keys stay. */
function mapped(value: unknown, text: (value: string) => string): unknown {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((item) => mapped(item, text))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, text)]))
}

/** As the same people act again and again: to make the expression takes longer than all else that is done with an event. */
const mostKept = 500
const kept = new Map<string, RegExp | undefined>()

/** Finds whole names and addresses in a text, the longest first; of one or two letters none, which stand in every text. */
function wordsOf(values: readonly string[]): RegExp | undefined {
  const key = values.join('\0')
  if (kept.has(key)) return kept.get(key)
  if (kept.size >= mostKept) kept.clear()
  const made = wordsFor(values)
  kept.set(key, made)
  return made
}

function wordsFor(values: readonly string[]): RegExp | undefined {
  const long = values
    .filter((value) => value.length > 2)
    .toSorted((one, other) => other.length - one.length)
    .map((value) => {
      const plain = value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
      // An address is the same in letters of either size.
      return value.includes('@') ? `(?i:${plain})` : plain
    })
  if (long.length === 0) return undefined
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${long.join('|')})(?![\\p{L}\\p{N}])`, 'gu')
}
