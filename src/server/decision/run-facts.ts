import type { Layer } from '../../contract/decisions.ts'
import type { Resource } from './types.ts'
import type { Zones } from './zones.ts'

interface Place {
  readonly id: string
  readonly name: string
}

/** A restriction of a context, as stored, with the names that its refusal is explained by. */
export interface Restriction {
  readonly id: string
  readonly kind: 'project' | 'team' | 'segment' | 'expression'
  /** The project, team or segment. */
  readonly target?: Place
  readonly expression?: string
}

/** What is known of the pipeline run that asks for a context. What is unknown is absent, and then denies. */
export interface RunFacts {
  readonly now: Date
  readonly project?: Place & {
    readonly slug?: string
    readonly segment?: Place
    readonly team?: Place
  }
  readonly provider: string
  readonly branch?: string
  readonly tag?: string
  readonly defaultBranch?: boolean
  readonly fromFork: boolean
  readonly sshRerun: boolean
  readonly runnerClass?: string
  readonly trigger?: string
  readonly actorLogin?: string
  readonly environment?: string
  readonly protectedRef?: boolean
  readonly ip?: string
  readonly approvers?: readonly string[]
  readonly authors?: readonly string[]
  /** Pipeline values for expressions, by their full name (`pipeline.git.branch`). */
  readonly variables?: Readonly<Record<string, string | number | boolean>>
}

/** The segment that a context lies in: from where its secrets may be asked for. */
export interface SegmentFacts extends Place {
  readonly cidrs: readonly string[]
  readonly runnerClasses: readonly string[]
}

/** Runs of one project on one branch or tag that a context admits for a time, though its restrictions refuse them. */
export interface UseException {
  readonly id: string
  readonly projectId: string
  /** One of both. */
  readonly branch?: string
  readonly tag?: string
  readonly from: Date
  readonly until: Date
  readonly askedBy: string
  readonly approvedBy: string
}

/** Whether a workload may use a context. */
export interface UseQuestion {
  readonly context: Resource
  readonly run: RunFacts
  readonly restrictions: readonly Restriction[]
  readonly exceptions?: readonly UseException[]
  readonly segment?: SegmentFacts
  /** Where runs take place, and from where they may reach the segment; without them, only from within it. */
  readonly zones?: Zones
  /** How it is known whose run this is, and whether that is so; the actor alone unless given. */
  readonly identity?: Layer
}
