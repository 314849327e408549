import { Tooltip } from '@mantine/core'
import { exact, utc } from './format.ts'
import { useSeconds } from './use-now.ts'

/** What is left until a moment, to the second: "4:59". Not announced: a screen reader would hear nothing else. */
export function Countdown({ until, over }: { readonly until: string; readonly over: string }) {
  const left = Math.ceil((Date.parse(until) - useSeconds()) / 1000)
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`
  return (
    <Tooltip label={`${exact(new Date(until))} · ${utc(new Date(until))}`}>
      <time dateTime={until} className="sp-num" style={{ whiteSpace: 'nowrap' }}>
        {left > 0 ? text : over}
      </time>
    </Tooltip>
  )
}
