/** What would make access a risk: how much it weighs, the sentence that says so, and whether it does. */
export type RiskTold = readonly (readonly [points: number, sentence: string, holds: boolean])[]

/** The level that what holds adds up to, with its sentences. */
export function riskFrom(told: RiskTold) {
  const holding = told.filter(([, , holds]) => holds)
  const points = holding.reduce((sum, [weight]) => sum + weight, 0)
  const level = points >= 6 ? 'critical' : points >= 4 ? 'high' : points >= 2 ? 'medium' : 'low'
  return { level, because: holding.map(([, sentence]) => sentence) } as const
}
