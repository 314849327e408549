import type { RunDecision } from '../../contract/contexts.ts'
import { Panel } from '../ui/Panel.tsx'
import { Status } from '../ui/Status.tsx'
import { failedOf } from './layers.ts'
import { OutcomeBadge } from './OutcomeBadge.tsx'
import { Refusal } from './Refusal.tsx'
import type { TokenTold } from './RunFromToken.tsx'
import { TruthTable } from './TruthTable.tsx'

interface Props {
  readonly told: RunDecision
  /** A pasted token's identity layer, which the server is not asked. */
  readonly token: TokenTold | undefined
}

/** The answer to an imagined run: the sentence, what stands in the way, and the truth of every clause. */
export function RunTold({ told, token }: Props) {
  const outcome = told.wouldDeny ? 'would_deny' : told.outcome
  const clauses = token ? [...token.clauses, ...told.clauses.slice(1)] : told.clauses
  return (
    <>
      {token && !token.admitted && (
        <Panel
          title="The token itself would be refused"
          aside={<Status is="denied">Denied</Status>}
        >
          <p>{token.sentence} What follows is what would be decided if it were admitted.</p>
        </Panel>
      )}
      <Panel title={told.sentence} aside={<OutcomeBadge outcome={outcome} />}>
        {failedOf(told.layers).length > 0 ? (
          <Refusal layers={told.layers} />
        ) : (
          <p>Nothing stands in the way.</p>
        )}
      </Panel>
      <Panel title="The truth of every clause" flush>
        <TruthTable clauses={clauses} />
      </Panel>
    </>
  )
}
