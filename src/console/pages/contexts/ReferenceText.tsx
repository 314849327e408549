import { IconLink } from '@tabler/icons-react'
import { Link } from 'react-router'
import type { Secret } from '../../../contract/contexts.ts'
import { paths } from '../../paths.ts'
import { Time } from '../../ui/Time.tsx'
import classes from './References.module.css'

/** Where a secret's value is kept: server · mount/path#field. */
export function ReferenceText(props: {
  reference: NonNullable<Secret['reference']>
  updatedAt: string
  lastUsedAt: string | null
}) {
  const { reference, updatedAt, lastUsedAt } = props
  return (
    <span className={classes.reference}>
      <IconLink size={14} aria-label="Reference" />
      <Link to={paths.vault(reference.vaultId)}>{reference.vaultName}</Link>
      <code>
        {reference.mount}/{reference.path}#{reference.field}
      </code>
      <span className="sp-dim">
        set <Time at={updatedAt} />
      </span>
      <span className="sp-dim">
        used <Time at={lastUsedAt} />
      </span>
    </span>
  )
}
