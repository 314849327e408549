import { concat, fromBase64, toBase64, utf8 } from './bytes.ts'
import { digest } from './digest.ts'

/*
 * What names a person is not in a leaf, so that they can be erased while every hash, proof and pack stays as it is (P12). In its
 * place the leaf holds `personal:` and the base64 of SHA-256(salt ‖ UTF-8 of the value); the 128-bit salt and the value stand
 * beside the leaf, and go when the person is erased. What is left can then be compared with nothing: no list of names,
 * however long, finds a salt again.
 */

/** What stands beside a leaf of one person: the salt, base64 of 16 bytes, and the values that it hides. */
export type Opening = readonly [salt: string, ...values: string[]]

const token = /personal:[A-Za-z0-9+/]{43}=/g

/** What is hidden so in a text, in its order. */
export const tokensIn = (text: string): string[] => text.match(token) ?? []

/** How a value stands in a leaf. Throws where the salt is not base64. */
async function tokenOf(salt: string, value: string): Promise<string> {
  return `personal:${toBase64(await digest(concat(fromBase64(salt), utf8(value))))}`
}

/** How what stands beside a leaf is hidden in it, with the values. */
export async function tokensOf(openings: readonly Opening[]): Promise<Map<string, string>> {
  const tokens = new Map<string, string>()
  for (const [salt, ...values] of openings) {
    for (const value of values) tokens.set(await tokenOf(salt, value), value)
  }
  return tokens
}

/** The first value of an opening that the leaf does not hold; nothing where each is in it. */
export async function notIn(
  leaf: string,
  openings: readonly Opening[],
): Promise<string | undefined> {
  const hidden = new Set(tokensIn(leaf))
  for (const [hiding, value] of await tokensOf(openings)) if (!hidden.has(hiding)) return value
  return undefined
}

/** Puts in the place of each hidden value what `shown` says, as the text around it wants it written. */
export const withPersonal = (text: string, shown: (token: string) => string): string =>
  text.replaceAll(token, shown)

/** What stands beside a leaf, as a pack and the queue write it. Throws where it is nothing of the kind. */
export function openingsOf(json: string): Opening[] {
  const found: unknown = JSON.parse(json)
  const right =
    Array.isArray(found) &&
    found.every(
      (one: unknown) =>
        Array.isArray(one) && one.length > 1 && one.every((part) => typeof part === 'string'),
    )
  if (!right) throw new Error('what stands beside an event is no list of salts and values')
  return found as Opening[]
}
