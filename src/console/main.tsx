import './ui/styles.ts'
import { getSession, startSession } from './auth/session.ts'

/*
 * Tokens are in memory alone, so that a page that is opened goes to the identity provider and comes back. What signs in is small
 * and stands alone here: what leaves for the provider reads nothing of the console, and what comes back reads it meanwhile.
 */
const load = () => import('./show-console.ts')
// What fails is met below.
if (window.location.pathname === '/auth/callback') load().catch(() => {})
await startSession()
// What only answers another window has nothing to show.
if (getSession().status !== 'starting') (await load()).showConsole()
