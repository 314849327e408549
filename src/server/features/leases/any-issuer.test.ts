import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokenType } from '../../../contract/exchange-words.ts'
import type { Problem } from '../../../contract/problem.ts'
import { openIssuer } from '../../testing/issuer.ts'
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
  const segment = await ada.call('segments.create', { name: 'Build', tier: 'build' })
  const project = await ada.call('projects.create', {
    name: 'dock scheduler',
    slug: 'gl/meridian/dock-scheduler',
    provider: 'gitlab',
    repository: 'gitlab.example/meridian/dock-scheduler',
    segmentId: segment.id,
  })
  const context = await ada.call('contexts.create', { name: 'dock', segmentId: segment.id })
  await ada.call('contexts.store', { contextId: context.id, name: 'KEY', value: 'a value' })
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
  const exchange = async (sub = 'pipeline:dock-scheduler') => {
    const token = await ci.idToken({
      sub,
      authTime: null,
      audience,
      claims: { jti: randomUUID() },
    })
    return world.ask('/api/v1/exchange', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: tokenType.grant,
        subject_token_type: tokenType.idToken,
        subject_token: token,
        resource: context.name,
      }).toString(),
    })
  }
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
  const { body } = await world.ask('/api/v1/leases/redeem', {
    method: 'POST',
    headers: { authorization: `Bearer ${lease}` },
  })
  expect(body).toMatchObject({ secrets: { KEY: 'a value' } })
  // The control: what the rule binds stays bound.
  expect(await exchange('pipeline:another')).toMatchObject({ status: 403 })
})
