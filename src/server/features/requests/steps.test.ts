import { array, assert, boolean, integer, property, record, type Arbitrary } from 'fast-check'
import { expect, test } from 'vitest'
import { givenBy, met, stepFor, stepsShown, type Standing } from './steps.ts'

const standing: Arbitrary<Standing> = record({
  lead: boolean(),
  security: boolean(),
  holds: boolean(),
})
const needs = record({
  leadApprovals: integer({ min: 0, max: 3 }),
  securityApprovals: integer({ min: 0, max: 3 }),
}).filter((rule) => rule.leadApprovals + rule.securityApprovals > 0)

/** People who come one after the other and approve; each once, and nothing after it was granted. */
function play(rule: Parameters<typeof stepFor>[0], people: readonly Standing[]) {
  const approvals: { step: 'lead' | 'security'; by: Standing }[] = []
  for (const by of people) {
    const step = stepFor(rule, givenBy(approvals), by)
    if (!step) continue
    approvals.push({ step, by })
    if (met(rule, givenBy(approvals)) && by.holds) return { approvals, granted: true }
  }
  return { approvals, granted: false }
}

test('whoever comes in whatever order, only enough approvals by those who count, the last by one who holds it, grant (P45)', () => {
  assert(
    property(needs, array(standing, { maxLength: 12 }), (rule, people) => {
      const { approvals, granted } = play(rule, people)
      const given = givenBy(approvals)
      for (const { step, by } of approvals) {
        expect(by.security || (step === 'lead' && by.lead)).toBe(true)
      }
      if (!granted) return
      expect(approvals.length).toBeGreaterThanOrEqual(rule.leadApprovals + rule.securityApprovals)
      expect(given.security).toBeGreaterThanOrEqual(rule.securityApprovals)
      expect(approvals.at(-1)?.by.holds).toBe(true)
    }),
    { numRuns: 20_000 },
  )
})

test('enough of those who decide everywhere and hold it always come to a grant: nothing waits for ever', () => {
  const able: Standing = { lead: false, security: true, holds: true }
  assert(
    property(needs, array(standing, { maxLength: 6 }), (rule, before) => {
      const most = rule.leadApprovals + rule.securityApprovals + 1
      const { granted } = play(rule, [...before, ...Array.from({ length: most }, () => able)])
      expect(granted).toBe(true)
    }),
  )
})

test('while it waits, some step is not full', () => {
  assert(
    property(needs, array(standing, { maxLength: 8 }), (rule, people) => {
      const { approvals, granted } = play(rule, people)
      const shown = stepsShown(rule, givenBy(approvals), !granted)
      expect(shown.some((step) => step.given < step.needed)).toBe(!granted)
    }),
  )
})
