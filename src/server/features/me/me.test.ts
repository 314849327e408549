import { expect, test } from 'vitest'
import { builtInRoles } from '../../../contract/built-in-roles.ts'
import { openWorld } from '../../testing/world.ts'

test('it says what the person may do as the decision point would: by grants, where, and under the enforced policies', async () => {
  await using world = await openWorld()
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  const lin = await world.as('lin', { acr: 'urn:sallyport:confirmed' })
  await world.grant(ben, 'securityAdmin')
  const segment = await ada.call('segments.create', { name: 'production', tier: 'production' })
  await world.grant(lin, 'teamLead', { kind: 'segment', id: segment.id, name: 'production' })
  const may = async (who: typeof ada) =>
    new Map((await who.call('me.view', {})).may.map((held) => [held.permission, held]))

  const me = await lin.call('me.view', {})
  expect(me).toMatchObject({
    kind: 'person',
    id: lin.id,
    email: 'lin@meridian.example',
    session: { id: lin.sessionId, acr: 'urn:sallyport:confirmed' },
  })
  expect(me.may.map(({ permission }) => permission).toSorted()).toEqual(
    [...builtInRoles.teamLead.permissions].toSorted(),
  )
  expect((await may(lin)).get('context:create')).toEqual({
    permission: 'context:create',
    everywhere: false,
    segments: [segment.id],
    projects: [],
    contexts: [],
  })
  // Negative control: elsewhere the same is held, and as it stands it may be done.
  expect((await may(ada)).get('segment:create')).toMatchObject({ everywhere: true })

  const policy = await ada.call('policies.create', {
    name: 'No new segments',
    description: '',
    text: 'forbid (principal, action == Sallyport::Action::"segment:create", resource);\n',
  })
  const id = { policyId: policy.id }
  const tried = await ada.call('policies.setMode', { ...id, mode: 'evaluate' }, { version: 1 })
  // What would be denied still may be done.
  expect((await may(ada)).has('segment:create')).toBe(true)
  const asked = await ada.call('policies.askEnforcement', id, { version: tried.version })
  await ben.call('policies.approveEnforcement', id, { version: asked.version })
  expect((await may(ada)).has('segment:create')).toBe(false)
  await expect(
    ada.call('segments.create', { name: 'another', tier: 'sandbox' }),
  ).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('No new segments'),
  })
  expect((await may(ada)).has('segment:update')).toBe(true)
})
