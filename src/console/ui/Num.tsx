import { num } from './format.ts'

/** A number with tabular figures; a dash where there is none. */
export function Num({ value }: { value: number | null | undefined }) {
  return <span className="sp-num">{value === null || value === undefined ? '–' : num(value)}</span>
}
