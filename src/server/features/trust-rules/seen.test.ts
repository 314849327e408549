import { expect, test } from 'vitest'
import { without } from '../../../contract/trust.ts'
import { openPipeline } from '../../testing/pipeline.ts'
import { openWorld } from '../../testing/world.ts'

const idClaim = 'oidc.circleci.com/project-id'
const refClaim = 'oidc.circleci.com/vcs-ref'

test('a rule with a pattern is rewritten by the runs that it admitted, denies none of them, and its finding resolves', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  await using pipeline = await openPipeline(world, ada)
  const { id: trustRuleId, version } = pipeline.rule
  const byId = { claim: idClaim, op: 'eq' as const, values: [pipeline.externalId] }
  const wild = { claim: refClaim, op: 'glob' as const, values: ['refs/heads/**'] }
  const loose = { trustRuleId, conditions: [byId, wild] }
  const rule = await ada.call('trustRules.update', loose, { version })
  const nothing = await ada.call('trustRules.seen', { trustRuleId })
  expect(nothing).toEqual({
    days: 30,
    decisions: 0,
    claims: [idClaim, refClaim].map((claim) => ({ claim, values: [] })),
  })

  const run = async (ref: string) =>
    pipeline.exchange({ subject_token: await pipeline.token({ [refClaim]: ref }) })
  expect((await run('refs/heads/main')).status).toBe(200)
  // What the context refuses was admitted by the rule all the same; what the rule refuses was not.
  expect((await run('refs/heads/next')).status).toBe(403)
  expect((await run('refs/tags/v1')).status).toBe(403)
  const seen = await ada.call('trustRules.seen', { trustRuleId })
  expect(seen).toEqual({
    days: 30,
    decisions: 2,
    claims: [
      { claim: idClaim, values: [pipeline.externalId] },
      { claim: refClaim, values: ['refs/heads/main', 'refs/heads/next'] },
    ],
  })
  // Who may see the rule and no decision is told of none.
  const sam = await world.as('sam')
  const role = await ada.call('roles.create', {
    name: 'Reads rules',
    description: '',
    permissions: ['trustRule:view'],
  })
  await world.grant(sam, role)
  expect(await sam.call('trustRules.seen', { trustRuleId })).toMatchObject({ decisions: 0 })

  await world.app.ledger.settle()
  await world.app.findings.look()
  const filters = { detection: 'trust-wildcard', state: 'any' as const }
  const finding = async () => (await ada.call('findings.list', filters)).items
  const [open] = await finding()
  expect(open).toMatchObject({ state: 'open', subject: { id: trustRuleId } })
  const { fix } = await ada.call('findings.view', { findingId: open?.id ?? '' })
  expect(fix).toMatchObject({ opens: 'trustRule.wildcard', id: trustRuleId })

  const known = Object.fromEntries(seen.claims.map(({ claim, values }) => [claim, values]))
  const { conditions } = without('wildcard', 'circleci', rule, rule.issuer.audience, known)
  const written = conditions.map(({ claim, op, values }) => ({ claim, op, values: [...values] }))
  const impact = await ada.call('trustRules.impact', { trustRuleId, conditions: written })
  expect(impact).toMatchObject({ newlyDenied: 0, newlyPermitted: 0 })
  expect(impact.asked).toBe(1)
  await ada.call('trustRules.update', { trustRuleId, conditions: written }, rule)
  expect((await run('refs/heads/main')).status).toBe(200)
  await world.app.ledger.settle()
  await world.app.findings.look()
  expect(await finding()).toMatchObject([{ id: open?.id, state: 'resolved' }])
})
