import type { InputOf, OutputOf } from '../../../contract/index.ts'

export type VaultServer = OutputOf<'vaults.view'>
export type VaultDraft = Required<InputOf<'vaults.create'>>

export const blankVault: VaultDraft = {
  name: '',
  address: '',
  namespace: null,
  authPath: 'jwt',
  role: '',
  audience: '',
}

export function draftOf(server: VaultServer): VaultDraft {
  const { name, address, namespace, authPath, role, audience } = server
  return { name, address, namespace, authPath, role, audience }
}

/** What is missing before the draft can be saved. */
export const missingOf = ({ name, address, authPath, role, audience }: VaultDraft) =>
  name.trim() === ''
    ? 'Give it a name.'
    : address === ''
      ? 'Say where the server is.'
      : authPath === ''
        ? 'Say where its JWT method is mounted.'
        : role === ''
          ? 'Say which role its runs log in with.'
          : audience === ''
            ? 'Say whom its tokens are for.'
            : undefined
