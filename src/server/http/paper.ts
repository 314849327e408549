import type { Reader } from './list-file.ts'

/** What a word means, so that a state is seen before it is read; never by colour alone. */
export type Tone = 'good' | 'bad' | 'would' | 'plain' | 'dim'

export type PaperCell = string | { readonly text: string; readonly tone: Tone }

/** What stands one below the other: a heading, a paragraph, or a row of the table. */
export type Block =
  | { readonly heading: string; readonly aside?: PaperCell; readonly level: 1 | 2 | 3 }
  | { readonly text: string; readonly tone?: Tone }
  | { readonly cells: readonly PaperCell[] }

export interface PaperColumn {
  readonly title: string
  /** Its part of the width, beside the parts of the others. */
  readonly part: number
}

/** A list as it is read on paper: the same rows as its other files have. */
export interface OnPaper<Query, Row> {
  /** What it is, and what is told of it before the first row. */
  head(
    reader: Reader,
    query: Query,
  ): Promise<{
    readonly title: string
    /** One without a name is told of the one above it. */
    readonly facts: readonly (readonly [name: string, text: string])[]
  }>
  readonly columns: readonly PaperColumn[]
  /** What stands there for a row, after the one before it. */
  blocks(row: Row, before: Row | undefined): readonly Block[]
  /** What is said instead of rows where there are none. */
  readonly none: string
}

/** Nothing, in a cell. */
export const dash = '–'

export const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`

/** Whoever reads it elsewhere knows which zone is meant. */
export const moment = (at: Date | null) =>
  at ? `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC` : dash

export const day = (at: Date | null) => at?.toISOString().slice(0, 10) ?? dash
