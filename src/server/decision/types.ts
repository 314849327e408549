import type { Permission } from '../../contract/permissions.ts'
import type { ResourceKind } from '../../contract/operation.ts'
import type { Layer } from '../../contract/decisions.ts'

type ScopeKind = 'organization' | 'segment' | 'project' | 'context'

/** Where a grant holds. `id` is absent for the organization. */
export interface GrantScope {
  readonly kind: ScopeKind
  readonly id?: string
  readonly name: string
}

/** One live grant of the actor: already filtered by expiry and end, with the path by which it came. */
export interface LiveGrant {
  readonly id: string
  readonly roleId: string
  readonly roleName: string
  readonly permissions: ReadonlySet<Permission>
  readonly scope: GrantScope
  /** Directly, or through a team. */
  readonly via: { readonly kind: 'person' | 'team'; readonly id: string; readonly name: string }
  readonly expiresAt?: Date
}

/** Who asks. Roles come from our grants alone, never from a token's claim. */
export interface Actor {
  readonly kind: 'person' | 'token' | 'workload' | 'system' | 'anonymous'
  /** The person's id, or the token's, or the workload's subject. */
  readonly id: string
  readonly name: string
  readonly email?: string
  /** The person behind, also when an API token acts for them. */
  readonly personId?: string
  readonly sessionId?: string
  readonly tokenId?: string
  readonly issuer?: string
  readonly subject?: string
  /** When the person last proved who they are (`auth_time`). */
  readonly authenticatedAt?: Date
  readonly acr?: string
  /** An API token made for operations that need a person's recent sign-in. */
  readonly allowSensitive?: boolean
  readonly teams: readonly { readonly id: string; readonly name: string; readonly lead: boolean }[]
  readonly grants: readonly LiveGrant[]
}

/** An object as the decision point sees it: its place among the scopes, and the facts that policies may read. */
export interface Resource {
  readonly kind: ResourceKind
  readonly id: string
  readonly name: string
  /** The scopes it lies in; a context, project or segment names itself here too. */
  readonly within: {
    readonly segment?: string
    readonly project?: string
    readonly context?: string
  }
  readonly attributes?: Readonly<Record<string, string | number | boolean | readonly string[]>>
}

/** Loads an object for a decision; `undefined` is a 404. */
export type ResourceLoader<D> = (db: D, id: string) => Promise<Resource | undefined>

/** Everything that was looked at and what came of it. */
export interface Decision {
  readonly outcome: 'permitted' | 'denied'
  /** Permitted, but a policy in evaluate mode would have denied it. */
  readonly wouldDeny: boolean
  readonly action: Permission
  readonly layers: readonly Layer[]
  readonly grants: readonly string[]
  /** Ids and versions of the policies that decided (enforced) or would have (evaluate). */
  readonly policies: readonly { id: string; version: number; mode: 'evaluate' | 'enforce' }[]
  /** One sentence for a person: what was refused, why, and what would permit it; or why it was permitted. */
  readonly sentence: string
}

/** Where a permission is held: everywhere, or in these scopes only; for narrowing lists in SQL. */
export interface Reach {
  readonly everywhere: boolean
  readonly segments: readonly string[]
  readonly projects: readonly string[]
  readonly contexts: readonly string[]
}
