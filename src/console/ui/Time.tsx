import { Tooltip } from '@mantine/core'
import { exact, relative, utc } from './format.ts'
import { useNow } from './use-now.ts'

/** Relative to now ("3 days ago", "in 2 hours"); the exact local time and UTC on hover and focus. */
export function Time({ at, never = 'never' }: { at: string | null | undefined; never?: string }) {
  const current = useNow()
  if (!at) return <span className="sp-dim">{never}</span>
  const date = new Date(at)
  return (
    <Tooltip label={`${exact(date)} · ${utc(date)}`}>
      <time
        dateTime={at}
        data-exact={utc(date)}
        className="sp-num"
        style={{ whiteSpace: 'nowrap' }}
      >
        {relative(date, current)}
      </time>
    </Tooltip>
  )
}
