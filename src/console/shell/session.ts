import { createContext, use } from 'react'
import type { Permission } from '../../contract/permissions.ts'
import type { Persona } from './navigation.ts'

/** What the frame shows of whom it serves; made from the session and `/me` where the shell is mounted. */
export interface ShellSession {
  readonly person: { readonly id: string; readonly name: string; readonly email: string }
  readonly persona: Persona
  /** Held anywhere: for the sidebar and the palette only. Objects carry their own `allowed`. */
  readonly holds: (permission: Permission) => boolean
  /** How and when the person was verified (`amr`, `auth_time`). */
  readonly verifiedAt: string
  readonly verifiedBy: string
  /** Until when sensitive operations go without asking again. */
  readonly stepUpUntil: string
  readonly signOut: () => void
  readonly verifyAgain: () => void
}

export const ShellSessionContext = createContext<ShellSession | null>(null)

export function useShellSession(): ShellSession {
  const session = use(ShellSessionContext)
  if (!session) throw new Error('the shell stands inside a ShellSessionContext')
  return session
}
