import { useQuery } from '@tanstack/react-query'
import { Tooltip } from '@mantine/core'
import { IconHourglass } from '@tabler/icons-react'
import { Link } from 'react-router'
import { query } from '../api/client.ts'
import { paths } from '../paths.ts'
import { count, num } from '../ui/format.ts'
import classes from './TopActions.module.css'

/** What is live: leases that can be redeemed now. Asked again with each page, at most every fifteen seconds. */
export function LiveLeases() {
  const live = useQuery({ ...query('leases.live', {}), staleTime: 15_000 }).data
  if (!live || live.leases + live.shownTwice === 0) return null
  const twice = live.shownTwice > 0
  const label = [
    count(live.leases, 'live lease'),
    ...(twice ? [`${count(live.shownTwice, 'lease')} shown twice this month`] : []),
  ].join(', ')
  return (
    <Tooltip label={label}>
      <Link
        className={classes.live}
        data-twice={twice || undefined}
        aria-label={label}
        to={twice ? paths.leases({ replayed: true }) : paths.leases({ state: 'issued' })}
      >
        <IconHourglass size={15} aria-hidden />
        <span className="sp-num">{num(live.leases)}</span>
        {twice && <span aria-hidden>▲</span>}
      </Link>
    </Tooltip>
  )
}
