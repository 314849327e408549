import { Button, Tooltip, type ButtonProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { Permission } from '../../contract/permissions.ts'

export interface AllowedActionProps {
  /** The object's `allowed`, or what the person holds anywhere: the server said it, the console only renders it. */
  allowed: readonly string[]
  may: Permission
  /** A link instead of a click: for forms that are pages. */
  to?: string
  onClick?: () => void
  /** Another reason why not now: "It is enforced; set it back to evaluate first." */
  blocked?: string | undefined
  primary?: boolean
  danger?: boolean
  loading?: boolean
  children: ReactNode
}

/** A button that says why it is disabled. It stays focusable, so that the reason is heard too. */
export function AllowedAction(props: AllowedActionProps) {
  const { allowed, may, to, onClick, primary, danger, loading, children } = props
  const reason = allowed.includes(may)
    ? props.blocked
    : `You need the permission ${may} here. A security admin can grant it.`
  const look: ButtonProps = {
    variant: primary ? 'filled' : 'default',
    ...(danger && { color: 'red' }),
  }
  if (reason !== undefined) {
    return (
      <Tooltip label={reason}>
        <Button
          {...look}
          data-disabled
          aria-disabled
          onClick={(event) => event.preventDefault()}
          aria-description={reason}
        >
          {children}
        </Button>
      </Tooltip>
    )
  }
  if (to !== undefined) {
    return (
      <Button {...look} component={Link} to={to}>
        {children}
      </Button>
    )
  }
  return (
    <Button {...look} loading={loading ?? false} onClick={onClick}>
      {children}
    </Button>
  )
}
