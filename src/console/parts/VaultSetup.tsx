import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { query } from '../api/client.ts'
import { CopyCode } from '../ui/CopyCode.tsx'
import { vaultSetup, type VaultSetupGiven } from './vault-setup.ts'
import classes from './UseIt.module.css'

/** The commands that let a context's runs log in to Vault or OpenBao, filled in and ready to be copied. */
export function VaultSetup({ given }: { readonly given: Omit<VaultSetupGiven, 'contextId'> }) {
  const contexts = useQuery(query('contexts.list', { limit: 200 })).data?.items ?? []
  const [contextId, setContextId] = useState<string | null>(null)
  const chosen = contexts.find(({ id }) => id === contextId)
  return (
    <div className={classes.use}>
      <div className={classes.choices}>
        <Select
          label="For runs of"
          placeholder="Choose a context"
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Choose no context' }}
          data={contexts.map(({ id, name }) => ({ value: id, label: name }))}
          value={contextId}
          onChange={setContextId}
        />
      </div>
      <div className={classes.columns}>
        <CopyCode
          name="Set-up of Vault"
          text={vaultSetup({ ...given, contextId: contextId ?? '<context id>' })}
        />
        <div>
          <h3>Before you run it</h3>
          <ul>
            <li>
              With OpenBao it is <code>bao</code> instead of <code>vault</code>; the rest is the
              same.
            </li>
            <li>
              {chosen
                ? `Only runs that may use ${chosen.name} log in: the role asks for its id, which no rename changes.`
                : 'Choose the context: its id is what the role asks for. Without one, no run logs in.'}{' '}
              For several contexts, list their ids.
            </li>
            <li>
              Set the policy’s path to where the values are: <code>mount/data/path</code> of the
              references, read only.
            </li>
            <li>
              The server must reach this console’s address over https. It asks for a new key by
              itself when a token names one that it does not know.
            </li>
            <li>
              Leave the role Vault’s <code>default</code> policy: by it the login is given back as
              soon as the values are read.
            </li>
          </ul>
        </div>
      </div>
    </div>
  )
}
