import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './Empty.module.css'

/** Nothing here yet: says why, and what to do next. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={classes.empty}>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

/** Filters that leave nothing: offers to drop them. */
export function NoResults({ noun, onClear }: { noun: string; onClear: () => void }) {
  return (
    <Empty
      title={`No ${noun} match these filters`}
      action={<Button onClick={onClear}>Clear filters</Button>}
    />
  )
}
