import { problem } from './problem.ts'

/** Reads `If-Match` (RFC 9110 §13.1.1): one strong tag, our version in quotes. 428 without it, 412 for any other form. */
export function expectedVersionOf(header: string | undefined): number {
  if (header === undefined) {
    throw problem(
      'version_required',
      'If-Match is missing: send the ETag of the version that you looked at.',
    )
  }
  const match = /^"(\d{1,9})"$/.exec(header.trim())
  if (!match) throw problem('stale', 'If-Match is no version of this object. Load it again.')
  return Number(match[1])
}

/** The ETag of an answer that carries a version; a secret calls it its current one. */
export function etagOf(answer: unknown): string | undefined {
  const found = answer as { version?: unknown; currentVersion?: unknown } | null | undefined
  const version = found?.version ?? found?.currentVersion
  return typeof version === 'number' ? `"${version}"` : undefined
}
