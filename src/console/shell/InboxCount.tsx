import { skipToken, useQuery } from '@tanstack/react-query'
import { num } from '../ui/format.ts'
import { inboxKey } from './inbox-key.ts'
import classes from './Sidebar.module.css'

/** How much waits, beside the place's name; nothing where nothing does. */
export function InboxCount() {
  const { data = 0 } = useQuery<number>({ queryKey: inboxKey, queryFn: skipToken })
  if (data === 0) return null
  return (
    <span className={classes.count}>
      {num(data)}
      <span className="sp-hidden"> waiting</span>
    </span>
  )
}
