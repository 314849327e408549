import { Textarea } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Clause } from '../../contract/truth-table.ts'
import { query } from '../api/client.ts'
import { conditionText } from './conditions.ts'
import { runOfToken, type RunDraft } from './run-draft.ts'
import { issuerOf, judgeToken, type TokenJudgement } from './token-judgement.ts'
import { readToken, type TokenRead } from './token-text.ts'

export interface TokenTold {
  readonly run: RunDraft
  readonly admitted: boolean
  readonly sentence: string
  /** The identity layer, clause by clause. */
  readonly clauses: readonly Clause[]
}

/** Takes the facts of a run from a token, which is read here and never sent. */
export function RunFromToken({ onRead }: { readonly onRead: (told: TokenTold) => void }) {
  const client = useQueryClient()
  const [pasted, setPasted] = useState('')
  const [fault, setFault] = useState<string>()
  const read = async (text: string) => {
    setPasted(text)
    const found = text.trim() === '' ? undefined : readToken(text)
    setFault(found && 'fault' in found ? found.fault : undefined)
    if (!found || 'fault' in found) return
    onRead(await tell(found.token))
  }
  const tell = async (token: TokenRead): Promise<TokenTold> => {
    const issuers = await client.ensureQueryData(query('issuers.list', { limit: 200 }))
    const issuer = issuerOf(token, issuers.items)
    const rules = issuer
      ? await client.ensureQueryData(query('trustRules.list', { issuerId: issuer.id, limit: 200 }))
      : { items: [] }
    return toldOf(judgeToken(token, issuer, rules.items, Date.now()))
  }
  return (
    <Textarea
      label="Or take the facts from a token"
      description="It is read in this browser alone: only the facts above are sent."
      classNames={{ input: 'sp-mono' }}
      autosize
      minRows={2}
      maxRows={4}
      autoComplete="off"
      spellCheck={false}
      data-gramm="false"
      value={pasted}
      error={fault}
      onChange={(event) => void read(event.currentTarget.value)}
    />
  )
}

function toldOf(judged: TokenJudgement): TokenTold {
  const { checks, tried, project } = judged
  const refused = checks.find(({ holds }) => holds === false)
  const nearest = tried[0]
  const sentence = refused
    ? `${refused.asks}: expected ${refused.expected}, was ${refused.actual}.`
    : project
      ? `A rule tells it to be of ${project.name}.`
      : `No trust rule admits it${nearest ? `; the nearest is “${nearest.rule.name}”` : ''}.`
  return {
    run: runOfToken(judged.run, project?.id ?? nearest?.rule.project.id ?? ''),
    admitted: !refused && project !== undefined,
    sentence,
    clauses: [
      ...checks.map(({ asks, holds, actual }): Clause => ({
        layer: 'identity',
        depth: 0,
        clause: asks,
        value: holds === 'unknown' ? 'not_asked' : holds ? 'true' : 'false',
        actual,
      })),
      ...(nearest ? ruleClauses(nearest) : []),
    ],
  }
}

/** The rule that admits the token, or the nearest that does not. */
function ruleClauses({
  rule,
  run,
  result,
  otherProject,
  admits,
}: TokenJudgement['tried'][number]): Clause[] {
  const truth = (holds: boolean) => (holds ? 'true' : 'false')
  const below = (clause: string, holds: boolean, actual: string): Clause => ({
    layer: 'identity',
    depth: 1,
    clause,
    value: truth(holds),
    actual,
  })
  return [
    {
      layer: 'identity',
      depth: 0,
      clause: `Trust rule “${rule.name}” admits the token`,
      value: truth(admits),
      because: { kind: 'trustRule', id: rule.id, name: rule.name },
    },
    ...result.conditions.map(({ condition, holds, actual }) =>
      below(conditionText(condition), holds, actual ?? 'not in the token'),
    ),
    below(
      'the CI system’s id is the project’s own',
      !otherProject,
      run.projectId ?? 'not in the token',
    ),
    below(
      'not of a fork, or forks are admitted',
      !result.forkRefused,
      run.forkSays ?? 'not of a fork',
    ),
    below(
      'no rerun with SSH, or these are admitted',
      !result.sshRefused,
      run.sshRerun ? 'a rerun with SSH' : 'none',
    ),
  ]
}
