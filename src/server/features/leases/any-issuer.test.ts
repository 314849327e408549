import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Problem } from '../../../contract/problem.ts'
import { openIssuer } from '../../testing/issuer.ts'
import { openPipeline } from '../../testing/pipeline.ts'
import { openWorld, type World } from '../../testing/world.ts'

// A CI system of no known kind: only what it signs, and what a rule says of it, is known.
const audience = 'https://sallyport.example'
let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('any OIDC issuer: its runs are let in once a rule admits forks, which cannot be told; the refusal says that alone', async () => {
  await using ci = await openIssuer({ clientId: audience })
  const ada = await world.as('ada')
  await using pipeline = await openPipeline(world, ada, { restricted: false })
  const { project, context } = pipeline
  await ada.call('contexts.restrict', {
    contextId: context.id,
    restriction: { kind: 'project', targetId: project.id },
  })
  const issuer = await ada.call('issuers.create', {
    name: 'Buildkite',
    kind: 'other',
    url: ci.url,
    audience,
    algorithms: ['ES256'],
  })
  const rule = await ada.call('trustRules.create', {
    name: 'dock scheduler',
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [{ claim: 'sub', op: 'eq', values: ['pipeline:dock-scheduler'] }],
  })
  const exchange = async (sub = 'pipeline:dock-scheduler') =>
    pipeline.exchange({
      subject_token: await ci.idToken({
        sub,
        authTime: null,
        audience,
        claims: { jti: randomUUID() },
      }),
    })
  const refused = await exchange()
  expect(refused).toMatchObject({ status: 403, body: { code: 'use_denied' } })
  expect((refused.body as Problem).failed).toEqual([
    {
      layer: 'identity',
      clause: 'Trust rule “dock scheduler” admits the token',
      expected: 'a run that is certainly not of a fork',
      actual: 'the issuer is of no known kind, so that forks cannot be told',
      change: 'Let “dock scheduler” admit forks.',
    },
  ])
  await ada.call(
    'trustRules.update',
    { trustRuleId: rule.id, allowForks: true, reason: 'Buildkite builds no forks of ours' },
    { version: rule.version },
  )
  const given = await exchange()
  expect(given).toMatchObject({ status: 200 })
  const { access_token: lease } = given.body as { access_token: string }
  const { body } = await pipeline.redeem(lease)
  expect(body).toMatchObject({ secrets: { API_KEY: "it's $1 `x`" } })
  // The control: what the rule binds stays bound.
  expect(await exchange('pipeline:another')).toMatchObject({ status: 403 })
})
