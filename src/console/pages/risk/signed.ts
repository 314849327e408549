import { num } from '../../ui/format.ts'

/** Points with their sign; the minus of typography, as numbers beside each other are read. */
export const signed = (points: number | null) =>
  points === null ? 'not known' : points > 0 ? `+${num(points)}` : num(points).replace('-', '−')
