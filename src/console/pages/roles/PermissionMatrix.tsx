import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import {
  permissionGroups,
  type PermissionNoun,
  type Permission,
} from '../../../contract/permission-groups.ts'
import classes from './PermissionMatrix.module.css'

interface Props {
  readonly value: ReadonlySet<Permission>
  readonly onChange: (value: ReadonlySet<Permission>) => void
  /** What the person holds: nobody can put into a role what they do not hold themselves. */
  readonly held: ReadonlySet<Permission>
}

/** Every permission, grouped by noun, with what it lets one do. */
export function PermissionMatrix({ value, onChange, held }: Props) {
  const [search, setSearch] = useState('')
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = (Object.keys(permissionGroups) as PermissionNoun[]).flatMap((noun) => {
    const { title, verbs } = permissionGroups[noun]
    const shown = Object.entries(verbs).filter(([verb, says]) =>
      words.every((word) => `${title} ${noun}:${verb} ${says}`.toLowerCase().includes(word)),
    )
    const permissions = shown.map(([verb, says]) => ({
      permission: `${noun}:${verb}` as Permission,
      says,
    }))
    return permissions.length > 0 ? [{ noun, title, permissions }] : []
  })
  const toggle = (permission: Permission) => {
    const next = new Set(value)
    if (!next.delete(permission)) next.add(permission)
    onChange(next)
  }
  return (
    <div className={classes.matrix}>
      <TextInput
        className={classes.search ?? ''}
        type="search"
        label="Search permissions"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <div className={classes.groups}>
        {groups.map((group) => (
          <fieldset key={group.noun} className={classes.group}>
            <legend>{group.title}</legend>
            {group.permissions.map(({ permission, says }) => (
              <Checkbox
                key={permission}
                className={classes.permission ?? ''}
                label={says}
                description={
                  held.has(permission) ? permission : `${permission}: you do not hold it yourself`
                }
                disabled={!held.has(permission) && !value.has(permission)}
                checked={value.has(permission)}
                onChange={() => toggle(permission)}
              />
            ))}
          </fieldset>
        ))}
      </div>
      {groups.length === 0 && <p role="status">No permission matches.</p>}
    </div>
  )
}
