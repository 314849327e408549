import { Button, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { issuerOf, judgeToken } from '../../parts/token-judgement.ts'
import { readToken, type TokenRead } from '../../parts/token-text.ts'
import { TrustTabs } from '../../parts/TrustTabs.tsx'
import { paths } from '../../paths.ts'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { useNow } from '../../ui/use-now.ts'
import { ClaimsTable } from './ClaimsTable.tsx'
import classes from './TokenDebuggerPage.module.css'
import { TokenChecks } from './TokenChecks.tsx'
import { TriedRules } from './TriedRules.tsx'
import { Verdict } from './Verdict.tsx'

export const handle = { crumb: 'Token debugger' }

export function Component() {
  const [pasted, setPasted] = useState('')
  const text = useDeferredValue(pasted)
  const read = useMemo(() => (text.trim() === '' ? undefined : readToken(text)), [text])
  return (
    <Page
      title="Token debugger"
      purpose="What a CI’s token says, and what each trust rule makes of it. It is read in this browser alone: nothing of it is sent or kept."
      tabs={<TrustTabs />}
    >
      {/* Without spelling and completion, by which some browsers send what is typed. */}
      <Textarea
        label="Token"
        description="As the CI gave it to the job. Prefer one that has expired: until then it is a key."
        classNames={{ input: 'sp-mono' }}
        autosize
        minRows={3}
        maxRows={8}
        autoComplete="off"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        data-gramm="false"
        value={pasted}
        error={read && 'fault' in read ? read.fault : undefined}
        onChange={(event) => setPasted(event.currentTarget.value)}
      />
      {pasted !== '' && (
        <div>
          <Button size="compact-sm" onClick={() => setPasted('')}>
            Forget the token
          </Button>
        </div>
      )}
      {read && 'token' in read ? (
        <Judged token={read.token} />
      ) : (
        !read && (
          <Empty title="No token yet">
            Paste one, and see which rules admit it, which do not, and what is risky in them.
          </Empty>
        )
      )}
    </Page>
  )
}

function Judged({ token }: { readonly token: TokenRead }) {
  const navigate = useNavigate()
  const now = useNow()
  const issuers = useQuery(query('issuers.list', { limit: 200 }))
  const issuer = issuerOf(token, issuers.data?.items ?? [])
  const rules = useQuery({
    ...query('trustRules.list', { issuerId: issuer?.id ?? '', limit: 200 }),
    enabled: issuer !== undefined,
  })
  const judged = judgeToken(token, issuer, rules.data?.items ?? [], now)
  return (
    <div aria-live="polite" className={classes.stack}>
      <ProblemNotice error={issuers.error ?? rules.error} />
      <Verdict judged={judged} token={token} />
      <div className={classes.columns}>
        <div className={classes.stack}>
          <Panel
            title="What was asked of the token"
            flush
            aside={
              !issuer &&
              issuers.data && (
                <Button
                  size="compact-sm"
                  onClick={() =>
                    void navigate(paths.issuerNew(), { state: { url: token.claims['iss'] } })
                  }
                >
                  Trust this issuer
                </Button>
              )
            }
          >
            <TokenChecks checks={judged.checks} />
          </Panel>
          <Panel title="Its claims, beside what rules expect" flush>
            <ClaimsTable claims={token.claims} tried={judged.tried} />
          </Panel>
        </div>
        <TriedRules judged={judged} claims={token.claims} />
      </div>
    </div>
  )
}
