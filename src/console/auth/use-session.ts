import { useSyncExternalStore } from 'react'
import { getSession, onSession, type Session } from './session.ts'

export const useSession = (): Session => useSyncExternalStore(onSession, getSession)
