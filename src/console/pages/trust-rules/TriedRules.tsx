import { useState } from 'react'
import { Button } from '@mantine/core'
import { Link, useNavigate } from 'react-router'
import { claimsKnown, type Claims } from '../../../contract/trust.ts'
import { conditionOps } from '../../parts/conditions.ts'
import { RuleRisks } from '../../parts/RuleRisks.tsx'
import type { RuleTried, TokenJudgement } from '../../parts/token-judgement.ts'
import { paths } from '../../paths.ts'
import { DataList } from '../../ui/DataList.tsx'
import { count } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import classes from './TokenDebuggerPage.module.css'

const shownAtFirst = 5

/** Each rule of the issuer, the nearest first: what of it holds, why it does not admit the token, and what is risky in it. */
export function TriedRules({
  judged,
  claims,
}: {
  readonly judged: TokenJudgement
  readonly claims: Claims
}) {
  const [all, setAll] = useState(false)
  const { tried, issuer } = judged
  const shown = all ? tried : tried.slice(0, shownAtFirst)
  return (
    <div className={classes.stack}>
      {issuer && tried.length === 0 && (
        <Panel title="Rules">
          <p>{issuer.name} has no rule that you may see: its tokens are nobody’s.</p>
        </Panel>
      )}
      {shown.map((each) => (
        <TriedRule key={each.rule.id} tried={each} claims={claims} />
      ))}
      {shown.length < tried.length && (
        <Button onClick={() => setAll(true)}>
          Show {count(tried.length - shown.length, 'more rule')}
        </Button>
      )}
    </div>
  )
}

function TriedRule({ tried, claims }: { readonly tried: RuleTried; readonly claims: Claims }) {
  const navigate = useNavigate()
  const { rule, run, result, otherProject, admits } = tried
  const yes = <Status is="good">Holds</Status>
  const no = <Status is="denied">Fails</Status>
  const asked = [
    ...result.conditions.map(({ condition, holds, actual, binds }, index) => ({
      key: `${condition.claim} ${index}`,
      holds,
      clause: (
        <>
          <code>{condition.claim}</code>{' '}
          {conditionOps.find(({ value }) => value === condition.op)?.label}{' '}
          <code>{condition.values.join(', ')}</code>
          {binds && <span className="sp-dim"> (says whose run it is)</span>}
        </>
      ),
      actual: actual ?? 'not in the token',
    })),
    {
      key: 'id',
      holds: !otherProject,
      clause: 'The CI system’s id is the project’s own',
      actual: run.projectId ?? 'not in the token',
    },
    {
      key: 'fork',
      holds: !result.forkRefused,
      clause: rule.allowForks ? 'Forks are admitted' : 'It is certainly not of a fork',
      actual: run.forkSays ?? 'not of a fork',
    },
    {
      key: 'ssh',
      holds: !result.sshRefused,
      clause: rule.allowSshReruns ? 'Reruns with SSH are admitted' : 'It is no rerun with SSH',
      actual: run.sshRerun ? 'a rerun with SSH, or the token does not say' : 'no rerun with SSH',
    },
  ]
  return (
    <Panel
      title={`${rule.name} → ${rule.project.name}`}
      aside={
        admits ? (
          <Status is="permitted">Admits it</Status>
        ) : (
          <Status is="denied">Does not admit it</Status>
        )
      }
    >
      <div className={classes.stack}>
        <DataList
          label={`What ${rule.name} asks`}
          heads={['Asks', 'Holds', 'The token']}
          rows={asked.map(({ key, holds, clause, actual }) => ({
            key,
            bad: !holds,
            cells: {
              Asks: clause,
              Holds: holds ? yes : no,
              'The token': <span className="sp-mono">{actual}</span>,
            },
          }))}
        />
        <RuleRisks
          kind={rule.issuer.kind}
          audience={rule.issuer.audience}
          rule={rule}
          known={claimsKnown(claims)}
          verb="Open the rule written so"
          onSafer={(terms) => void navigate(paths.trustRule(rule.id), { state: { terms } })}
        />
        <Link to={paths.trustRule(rule.id)}>Open {rule.name}</Link>
      </div>
    </Panel>
  )
}
