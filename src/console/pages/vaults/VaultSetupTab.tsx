import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { VaultSetup } from '../../parts/VaultSetup.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'

/** What is to be run on this server, once. */
export function Component() {
  const { vaultId = '' } = useParams()
  const server = useSuspenseQuery(query('vaults.view', { vaultId })).data
  const { data: federation, error } = useQuery(query('federation.view', {}))
  return (
    <Panel title="Let runs of a context log in">
      <ProblemNotice error={error} />
      {federation ? (
        <VaultSetup given={{ ...server, issuer: federation.issuer }} />
      ) : (
        !error && <Skeletons lines={6} />
      )}
    </Panel>
  )
}
