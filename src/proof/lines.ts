import { fromBase64 } from './bytes.ts'
import type { Hash } from './digest.ts'
import { equal, leafHash } from './merkle.ts'
import { notIn, openingsOf } from './personal.ts'

/*
 * Lines of a pack: the exact leaves of a tree, one a line, beside a list of their hashes by which an altered one is named.
 */

export const text = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(bytes)

class Fault extends Error {}
export const fault = (sentence: string): never => {
  throw new Fault(sentence)
}

export const hidden = 0x23
const lineFeed = 0x0a
const tab = 0x09

/** RFC 8785 writes no line feed, so that a leaf is a line, byte by byte. */
export function linesOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const lines: Uint8Array<ArrayBuffer>[] = []
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(lineFeed, from)
    if (end < 0) return fault('the last line of a file was cut off')
    lines.push(bytes.subarray(from, end))
    from = end + 1
  }
  return lines
}

/** A line's leaf: what is hashed of it, up to the tab, of which RFC 8785 writes none. */
export function leafIn<B extends ArrayBufferLike>(line: Uint8Array<B>): Uint8Array<B> {
  const end = line.indexOf(tab)
  return end < 0 ? line : line.subarray(0, end)
}

/** Whether what stands behind a line's leaf is what the leaf hides. */
export async function besideFits(line: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const end = line.indexOf(tab)
  if (end < 0) return true
  if (line[0] === hidden) return false
  try {
    const openings = openingsOf(text(line.subarray(end + 1)))
    return (await notIn(text(line.subarray(0, end)), openings)) === undefined
  } catch {
    return false
  }
}

export function hashOf(line: Uint8Array<ArrayBuffer>): Hash | Promise<Hash> {
  if (line[0] !== hidden) return leafHash(leafIn(line))
  try {
    const hash = fromBase64(text(line.subarray(1)))
    return hash.length === 32 ? hash : new Uint8Array(32)
  } catch {
    return new Uint8Array(32)
  }
}

interface Lines {
  /** What a line is called: "event". */
  readonly what: string
  readonly lines: readonly Uint8Array[]
  /** Their hashes, and those that the pack lists, from `first` to `last`. */
  readonly found: readonly Hash[]
  readonly listed: Uint8Array<ArrayBuffer>
  readonly first: number
  readonly last: number
  /** What a line calls itself, where it helps. */
  readonly nameOf?: (line: Uint8Array | undefined) => string
}

/** What the first line is that is not what its place says: altered, removed, added or moved. */
export function firstFault(given: Lines): string | undefined {
  const { what, lines, found, listed, first, last, nameOf = () => '' } = given
  if (listed.length !== (last - first + 1) * 32) {
    return `the list of hashes of the ${what}s ${first} to ${last} was cut or lengthened`
  }
  const wanted = (at: number) => listed.subarray(at * 32, at * 32 + 32)
  const places = last - first + 1
  for (let at = 0; at < Math.max(places, found.length); at++) {
    const is = found[at]
    if (is && at < places && equal(is, wanted(at))) continue
    const who = `${what} ${first + at}`
    const one = what === 'event' ? 'an event' : `a ${what}`
    if (at >= places) return `${one} was added behind ${what} ${last}${nameOf(lines[at])}`
    if (!is) return `${who} was removed`
    // What follows tells which of both it was: everything moved up, or down, by one.
    const next = found[at + 1]
    if (at + 1 < places && equal(is, wanted(at + 1)) && !(next && equal(next, wanted(at)))) {
      return `${who} was removed`
    }
    if (next && equal(next, wanted(at))) {
      return at + 1 < places && equal(is, wanted(at + 1))
        ? `${who} and the one behind it were put in each other's place${nameOf(lines[at])}`
        : `${one} was added before ${who}${nameOf(lines[at])}`
    }
    return `${who} was altered, or another put in its place${nameOf(lines[at])}`
  }
  return undefined
}

/** The files of lines that a manifest lists, from the first line on; whether one is missing is for their reader to see. */
export const partsOf = (files: readonly { readonly path: string }[], pattern: RegExp) =>
  files
    .map(({ path }) => pattern.exec(path))
    .filter((match) => match?.[3] === 'ndjson')
    .map((match) => ({ first: Number(match?.[1]), last: Number(match?.[2]) }))
    .toSorted((one, other) => one.first - other.first)
