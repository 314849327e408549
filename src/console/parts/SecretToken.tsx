import { IconLock } from '@tabler/icons-react'
import { Copyable } from '../ui/Copyable.tsx'
import { count } from '../ui/format.ts'
import { Time } from '../ui/Time.tsx'
import classes from './SecretToken.module.css'

/** The stand-in shown wherever a secret's value would be: lock, `sp_tok_…`, age and last use. There is no way to show the value. */
export function SecretToken({
  token,
  updatedAt,
  lastUsedAt,
  sameIn,
}: {
  token: string
  updatedAt?: string
  lastUsedAt?: string | null
  /** In how many other contexts the same value is stored. */
  sameIn?: number
}) {
  return (
    <span className={classes.token}>
      <IconLock size={14} aria-label="Write-only" />
      <Copyable text={token} what="the secret's token" />
      {updatedAt && (
        <span className="sp-dim">
          stored <Time at={updatedAt} />
        </span>
      )}
      {lastUsedAt !== undefined && (
        <span className="sp-dim">
          used <Time at={lastUsedAt} />
        </span>
      )}
      {sameIn !== undefined && sameIn > 0 && (
        <span className={classes.same}>same value in {count(sameIn, 'other context')}</span>
      )}
    </span>
  )
}
