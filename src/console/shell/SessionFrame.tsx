import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, type ReactNode } from 'react'
import type { Me } from '../../contract/me.ts'
import { carryCallsBy, query } from '../api/client.ts'
import { signOut } from '../auth/session.ts'
import { readSettings } from '../auth/settings.ts'
import { stepUp } from '../auth/step-up.ts'
import { ProblemNotice } from '../parts/ProblemNotice.tsx'
import { fetchInSession } from './in-session.ts'
import type { Persona } from './navigation.ts'
import classes from './SessionFrame.module.css'
import { ShellSessionContext, type ShellSession } from './session.ts'

carryCallsBy({ fetch: fetchInSession, confirm: stepUp })

const { stepUpMaxAge } = readSettings()

function personaOf(me: Me): Persona {
  const everywhere = new Set(
    me.may.filter((held) => held.everywhere).map(({ permission }) => permission),
  )
  if (everywhere.has('role:update')) return 'admin'
  if (everywhere.has('audit:view')) return 'auditor'
  return me.teams.some(({ lead }) => lead) ? 'lead' : 'developer'
}

function shellSession(me: Me): ShellSession {
  const held = new Set(me.may.map(({ permission }) => permission))
  const verifiedAt = me.session?.authenticatedAt ?? ''
  return {
    person: { id: me.id, name: me.name, email: me.email ?? '' },
    persona: personaOf(me),
    holds: (permission) => held.has(permission),
    verifiedAt,
    verifiedBy: me.session?.acr ?? 'your identity provider',
    stepUpUntil: verifiedAt
      ? new Date(new Date(verifiedAt).getTime() + stepUpMaxAge * 1000).toISOString()
      : '',
    signOut: () => void signOut(),
    verifyAgain: () => void stepUp().catch(() => {}),
  }
}

/** Everything inside knows who is served and what they hold. */
export function SessionFrame({ children }: { readonly children: ReactNode }) {
  const me = useQuery(query('me.view', {}))
  const session = useMemo(() => (me.data ? shellSession(me.data) : null), [me.data])
  if (me.error) {
    return (
      <main className={classes.refused}>
        <h1>You were not let in</h1>
        <ProblemNotice error={me.error} />
        <Button variant="filled" loading={me.isFetching} onClick={() => void me.refetch()}>
          Try again
        </Button>
        <Button onClick={() => void signOut()}>Sign in again</Button>
      </main>
    )
  }
  if (!session) return null
  return <ShellSessionContext value={session}>{children}</ShellSessionContext>
}
