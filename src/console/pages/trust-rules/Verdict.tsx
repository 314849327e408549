import { Link, useNavigate } from 'react-router'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { CiRun } from '../../../contract/ci-claims.ts'
import { bindingClaims, claimText } from '../../../contract/trust.ts'
import type { TokenJudgement } from '../../parts/token-judgement.ts'
import type { TokenRead } from '../../parts/token-text.ts'
import { paths } from '../../paths.ts'
import { Facts } from '../../ui/Facts.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'

const words: readonly (readonly [keyof CiRun, string])[] = [
  ['repository', 'Repository'],
  ['projectId', 'Id at the CI system'],
  ['branch', 'Branch'],
  ['tag', 'Tag'],
  ['environment', 'Environment'],
  ['trigger', 'Trigger'],
  ['runnerClass', 'Runner class'],
  ['actorLogin', 'Actor'],
  ['runId', 'Run'],
  ['jobId', 'Job'],
]

/** Whose run it is told to be, in one line, and what the token says of the run. */
export function Verdict({
  judged,
  token,
}: {
  readonly judged: TokenJudgement
  readonly token: TokenRead
}) {
  const { run, project } = judged
  const failed = judged.checks.filter(({ holds }) => holds === false)
  const forks = { no: 'No', yes: `Yes: ${run.forkSays}`, unknown: `Not known: ${run.forkSays}` }
  return (
    <Panel
      title={titleOf(judged, failed.length)}
      aside={
        failed.length > 0 || !project ? (
          <Status is="denied">Refused</Status>
        ) : (
          <Status is="permitted">Admitted, if its signature holds</Status>
        )
      }
    >
      <Facts
        of={{
          ...(project && { Project: <Link to={paths.project(project.id)}>{project.name}</Link> }),
          ...saidOf(run),
          'Of a fork': forks[run.fork],
          'Rerun with SSH': run.sshRerun ? 'Yes, or the token does not say' : 'No',
        }}
      />
      {!project && judged.issuer && <NewRule judged={judged} token={token} />}
    </Panel>
  )
}

/** What is known of the run, by its name on the page. */
const saidOf = (run: CiRun): Record<string, ReactNode> =>
  Object.fromEntries(
    words.flatMap(([name, word]) => {
      const value = run[name]
      return value === undefined ? [] : [[word, code(String(value))] as const]
    }),
  )
const code = (text: string) => <code>{text}</code>

function titleOf({ project, issuer, ambiguous }: TokenJudgement, failed: number): string {
  if (!issuer) return 'Its issuer is not trusted'
  if (failed > 0) return 'The token itself is refused, whatever rules say'
  if (ambiguous) return 'Rules of several projects admit it, so that none does: narrow one'
  if (project) return `A rule tells it to be of ${project.name}`
  return 'No rule admits it'
}

/** A rule made of what is immutable in this token. */
function NewRule({
  judged,
  token,
}: {
  readonly judged: TokenJudgement
  readonly token: TokenRead
}) {
  const navigate = useNavigate()
  const claim = bindingClaims(judged.kind).find((name) => claimText(token.claims[name]))
  if (claim === undefined || judged.issuer === undefined) return null
  const values = [claimText(token.claims[claim]) ?? '']
  const terms = {
    conditions: [{ claim, op: 'eq' as const, values }],
    allowForks: false,
    allowSshReruns: false,
  }
  const to = paths.trustRuleNew({ issuerId: judged.issuer.id })
  return (
    <p style={{ marginBlockStart: 'var(--sp-3)' }}>
      <Button size="compact-sm" onClick={() => void navigate(to, { state: { terms } })}>
        Write a rule for it
      </Button>
    </p>
  )
}
