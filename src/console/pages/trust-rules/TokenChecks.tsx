import type { TokenCheck } from '../../parts/token-judgement.ts'
import { DataList } from '../../ui/DataList.tsx'
import { Status } from '../../ui/Status.tsx'

/** Issuer, audience, times and form, each with what was expected beside what it is. */
export function TokenChecks({ checks }: { readonly checks: readonly TokenCheck[] }) {
  return (
    <DataList
      label="What was asked of the token"
      heads={['Asked', 'Holds', 'Expected', 'Actual']}
      rows={checks.map(({ asks, holds, expected, actual }) => ({
        key: asks,
        bad: holds === false,
        cells: {
          Asked: asks,
          Holds: <Holds holds={holds} />,
          Expected: <span className="sp-mono">{expected}</span>,
          Actual: <span className="sp-mono">{actual}</span>,
        },
      }))}
    />
  )
}

function Holds({ holds }: Pick<TokenCheck, 'holds'>) {
  if (holds === 'unknown') return <Status is="unknown">Not known here</Status>
  return holds ? <Status is="good">Yes</Status> : <Status is="denied">No</Status>
}
