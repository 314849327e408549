import type { Layer } from './decisions.ts'

/** Whether a layer, or a policy, stands in the way: what cannot be evaluated does (P18), what only would deny does not. */
export const refuses = ({ verdict }: Pick<Layer, 'verdict'>): boolean =>
  verdict === 'denied' || verdict === 'error'
