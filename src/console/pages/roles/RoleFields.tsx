import { Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Permission } from '../../../contract/permissions.ts'
import { query } from '../../api/client.ts'
import { field, type FormError } from '../../ui/Form.tsx'
import { PermissionMatrix } from './PermissionMatrix.tsx'

export interface RoleDraft {
  readonly name: string
  readonly description: string
  readonly permissions: ReadonlySet<Permission>
}

interface Props {
  readonly draft: RoleDraft
  readonly onChange: (draft: RoleDraft) => void
  readonly errors: readonly FormError[]
}

/** The fields of a role, for making and for changing one. */
export function RoleFields({ draft, onChange, errors }: Props) {
  const me = useQuery(query('me.view', {})).data
  const held = new Set(
    me?.may.filter(({ everywhere }) => everywhere).map(({ permission }) => permission) ?? [],
  )
  return (
    <>
      <TextInput
        {...field('name', errors)}
        label="Name"
        maxLength={100}
        autoComplete="off"
        value={draft.name}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
      />
      <Textarea
        {...field('description', errors)}
        label="What it is for"
        autosize
        minRows={2}
        maxLength={1000}
        value={draft.description}
        onChange={(event) => onChange({ ...draft, description: event.currentTarget.value })}
      />
      <PermissionMatrix
        held={held}
        value={draft.permissions}
        onChange={(permissions) => onChange({ ...draft, permissions })}
      />
    </>
  )
}

/** Why a draft cannot be saved yet. */
export const missingOf = ({ name, permissions }: RoleDraft): string | undefined =>
  name.trim() === ''
    ? 'Give it a name.'
    : permissions.size === 0
      ? 'Choose at least one permission.'
      : undefined
