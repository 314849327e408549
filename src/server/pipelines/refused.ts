/** A config that is not read: why, and on which line. */
export class ConfigRefused extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/**
 * What a config may be at the most, checked before any tree is built (security.md finding 5, P39).
 */
export const configLimits = {
  bytes: 1024 * 1024,
  /** Collections inside of one another, however they are written. */
  depth: 64,
  /** Words and signs, counted while they are read: six times what a config of 1 MiB usually has. */
  tokens: 300_000,
  /** CI systems read one, GitLab a header before it. */
  documents: 100,
  /** Nodes after aliases and merges are expanded. */
  nodes: 200_000,
  /** Nodes that GitLab's references point at, in all jobs together. */
  referenced: 1_000_000,
  /** Jobs, images and references after matrices are expanded. */
  facts: 3_000,
} as const
