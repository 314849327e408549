import { utc } from './format.ts'

/** The time that a page is over, on paper alone: there is no field there that says it. */
export function PrintedRange({ over }: { over: { from: string; until: string } | undefined }) {
  if (!over) return null
  return (
    <p className="sp-paper">
      From {utc(new Date(over.from))} until {utc(new Date(over.until))}
    </p>
  )
}
