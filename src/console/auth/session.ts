import type { User } from 'oidc-client-ts'
import type { Asked } from '../api/client.ts'
import { faultSentence, newNonce } from './checked-answers.ts'
import { manager, memory } from './manager.ts'
import { safeReturnTo } from './return-to.ts'
import { readSettings } from './settings.ts'

interface SignedIn {
  readonly subject: string
  readonly name: string
  readonly email: string
}

export type Session =
  | { readonly status: 'starting' }
  | { readonly status: 'signed-in'; readonly person: SignedIn }
  | { readonly status: 'signed-out' }
  /** Ended by an administrator, by its age, or because the person left: the sentence says which. */
  | { readonly status: 'ended'; readonly sentence: string }
  | { readonly status: 'failed'; readonly sentence: string }

let session: Session = { status: 'starting' }
const listeners = new Set<() => void>()
const tabs = new BroadcastChannel('sallyport-session')

function become(next: Session): void {
  session = next
  for (const listener of listeners) listener()
}

export function getSession(): Session {
  return session
}

/** Calls back with each change, until what it answers is called. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const here = () => `${window.location.pathname}${window.location.search}${window.location.hash}`

/** What waited for the sign-in that just came back: of the same person, or of nobody. */
let waiting: readonly Asked[] = []

function askedIn({ state, profile }: User): readonly Asked[] {
  const kept = (state ?? {}) as { subject?: string; asked?: readonly Asked[] }
  return kept.subject === profile.sub ? (kept.asked ?? []) : []
}

export const isWaiting = (): boolean => waiting.length > 0

/** Given once, to whoever finishes it. */
export function takeWaiting(): readonly Asked[] {
  const taken = waiting
  waiting = []
  return taken
}

function signedIn({ profile }: User): Session {
  return {
    status: 'signed-in',
    person: {
      subject: profile.sub,
      name: profile.name ?? profile.email ?? profile.sub,
      email: profile.email ?? '',
    },
  }
}

/** Leaves for the identity provider; comes back to the same URL. */
export async function signIn(returnTo = here()): Promise<never> {
  try {
    const oidc = await manager()
    // One tab at a time: two that start together would each make a DPoP key, and the later one would win for both.
    await navigator.locks.request('sallyport-sign-in', () =>
      oidc.signinRedirect({ nonce: newNonce(), state: { returnTo: safeReturnTo(returnTo) } }),
    )
  } catch (error) {
    failed(error)
    throw error
  }
  // The page is on its way out; nothing after this may run.
  return new Promise<never>(() => {})
}

function failed(error: unknown): void {
  become({ status: 'failed', sentence: faultSentence(error) })
}

/**
 * To be awaited before the router is made: finishes a sign-in that comes back, else goes through the identity provider at
 * top level (never in an iframe), which a live session there answers at once. Resolves when there is something to show.
 */
export async function startSession(): Promise<void> {
  const { pathname } = window.location
  let returnTo = '/'
  try {
    if (pathname === '/signed-out') {
      become({ status: 'signed-out' })
      return
    }
    const oidc = await manager()
    if (pathname === '/auth/popup') {
      await oidc.signinPopupCallback()
      return
    }
    if (pathname !== '/auth/callback') await signIn()
    returnTo = await oidc.leftAt()
    const user = await oidc.signinRedirectCallback()
    waiting = askedIn(user)
    window.history.replaceState(null, '', returnTo)
    become(signedIn(user))
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel reaches its own origin only
    tabs.postMessage({ kind: 'signed-in', subject: user.profile.sub })
  } catch (error) {
    // No code stays in the address or the history; a reload begins anew.
    if (pathname.startsWith('/auth/')) window.history.replaceState(null, '', returnTo)
    failed(error)
  }
}

tabs.addEventListener('message', ({ data }: MessageEvent<{ kind: string; subject?: string }>) => {
  if (data.kind === 'signed-out' && session.status === 'signed-in') {
    // Only this tab's memory: removing the user would delete the DPoP key that another tab may have just made.
    memory.clear()
    become({ status: 'signed-out' })
  }
  const other = session.status === 'signed-in' && session.person.subject !== data.subject
  const waiting = session.status === 'signed-out' || session.status === 'ended'
  if (data.kind === 'signed-in' && (other || waiting)) signIn().catch(() => {})
})

/** Ends the session here, in every other tab, and at the identity provider. */
export async function signOut(): Promise<void> {
  try {
    const oidc = await manager()
    const user = await oidc.getUser()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- as above
    tabs.postMessage({ kind: 'signed-out' })
    await oidc.signoutRedirect(user?.id_token ? { id_token_hint: user.id_token } : {})
  } catch (error) {
    failed(error)
  }
}

/** The API no longer accepts the session. */
export function endSession(sentence: string): void {
  if (session.status === 'signed-in') become({ status: 'ended', sentence })
}

let renewing: Promise<User> | undefined

async function renew(): Promise<User> {
  const oidc = await manager()
  const user = await oidc.getUser()
  // Without a refresh token the library would try a hidden iframe, which the provider must refuse (C11).
  if (!user?.refresh_token) return signIn()
  try {
    const renewed = await oidc.signinSilent()
    return renewed ?? (await signIn())
  } catch (error) {
    // The network's fault leaves the session alone; the provider's refusal means that the day is over.
    if (error instanceof Error && error.name === 'ErrorResponse') return signIn()
    throw error
  }
}

/** The user with a token that lasts; renewed by one request however many callers wait. */
export async function currentUser(force = false): Promise<User> {
  const oidc = await manager()
  const user = await oidc.getUser()
  if (user && !force && (user.expires_in ?? 0) > 20) return user
  renewing ??= renew().finally(() => {
    renewing = undefined
  })
  return renewing
}

async function confirmation() {
  const oidc = await manager()
  const before = await oidc.getUser()
  const request = {
    nonce: newNonce(),
    max_age: 0,
    acr_values: readSettings().stepUpAcr,
    ...(before?.profile.email && { login_hint: before.profile.email }),
  }
  return { oidc, before, request }
}

/** Proves again who is there, in a window of its own, so that the page keeps what was typed. Call it from a click. */
export async function confirmInPopup(): Promise<void> {
  const { oidc, before, request } = await confirmation()
  const user = await oidc.signinPopup({
    ...request,
    popupWindowFeatures: { width: 520, height: 720 },
  })
  if (before && user.profile.sub !== before.profile.sub) {
    // Somebody else confirmed: what was typed is not theirs to send.
    become(signedIn(user))
    window.location.reload()
    throw new Error('Somebody else signed in.')
  }
}

/**
 * Where no window may open: leaves for the identity provider and comes back to the same URL. What was asked is kept in
 * the state of this very sign-in (this tab's, for minutes), so that nothing but its answer finishes it; a call that may
 * not be kept has no input here.
 */
export async function confirmOnThisPage(asked: readonly Asked[]): Promise<void> {
  const { oidc, before, request } = await confirmation()
  const state = {
    returnTo: safeReturnTo(here()),
    subject: before?.profile.sub,
    asked: asked.filter(({ input }) => input !== undefined),
  }
  await oidc.signinRedirect({ ...request, state })
}
