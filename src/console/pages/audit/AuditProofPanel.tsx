import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { count, num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { hiddenIn, verifyProof, type Proved } from './verify-proof.ts'

/** The proof that the event is in the signed record, checked in this browser. */
export function AuditProofPanel({ eventId, event }: { eventId: string; event: Proved }) {
  const { hidden, left } = hiddenIn(event)
  const proof = useQuery({ ...query('audit.proof', { eventId }), retry: 3, retryDelay: 1_000 })
  const checked = useQuery({
    queryKey: ['audit', 'proof', eventId, 'checked', event, proof.data],
    queryFn: () => (proof.data ? verifyProof(proof.data, event) : 'There is no proof yet.'),
    enabled: proof.data !== undefined,
  })
  return (
    <Panel title="Proof" aside={<Verdict of={checked.data} />}>
      <ProblemNotice error={proof.error} />
      {checked.data !== undefined && checked.data !== true && <p>{checked.data}</p>}
      {proof.data && (
        <Facts
          of={{
            Place: `${num(proof.data.index)} of ${num(proof.data.treeSize)}`,
            Path: `${proof.data.path.length} hashes`,
            Key: <Copyable text={proof.data.verifierKey} what="verifier key" short />,
            Checkpoint: <Copyable text={proof.data.checkpoint} what="signed checkpoint" short />,
            ...(hidden > 0 && { People: peopleSaid(hidden, left) }),
            Attested: 'by this server only: compare the key with the one you keep',
          }}
        />
      )}
    </Panel>
  )
}

/** What tells who somebody is stands beside the event, where it can be erased. */
function peopleSaid(hidden: number, left: number): string {
  const values = `${count(left, 'value')} beside it, each by its salted hash in the event`
  return left === hidden ? values : `${values}; ${count(hidden - left, 'value')} erased since`
}

function Verdict({ of }: { of: string | true | undefined }) {
  if (of === undefined) return <Status is="unknown">Checking</Status>
  return of === true ? (
    <Status is="permitted">Verified in this browser</Status>
  ) : (
    <Status is="denied">Does not verify</Status>
  )
}
