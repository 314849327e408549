import { useQuery } from '@tanstack/react-query'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Copyable } from '../../ui/Copyable.tsx'
import { Facts } from '../../ui/Facts.tsx'
import { num } from '../../ui/format.ts'
import { Panel } from '../../ui/Panel.tsx'
import { Status } from '../../ui/Status.tsx'
import { verifyProof } from './verify-proof.ts'

/** The proof that the event is in the signed record, checked in this browser. */
export function AuditProofPanel({ eventId, leaf }: { eventId: string; leaf: string | undefined }) {
  const proof = useQuery({ ...query('audit.proof', { eventId }), retry: 3, retryDelay: 1_000 })
  const checked = useQuery({
    queryKey: ['audit', 'proof', eventId, 'checked', leaf, proof.data],
    queryFn: () => (proof.data ? verifyProof(proof.data, leaf) : 'There is no proof yet.'),
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
            Attested: 'by this server only: compare the key with the one you keep',
          }}
        />
      )}
    </Panel>
  )
}

function Verdict({ of }: { of: string | true | undefined }) {
  if (of === undefined) return <Status is="unknown">Checking</Status>
  return of === true ? (
    <Status is="permitted">Verified in this browser</Status>
  ) : (
    <Status is="denied">Does not verify</Status>
  )
}
