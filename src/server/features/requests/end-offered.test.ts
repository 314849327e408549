import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRequests, type Requests } from '../../testing/requests.ts'

let on: Requests
beforeAll(async () => {
  on = await openRequests()
})
afterAll(() => on.world.close())

/** A policy on how grants are ended, in force by a second person. */
async function enforce(clause: string): Promise<void> {
  const { ada, ben } = on
  const text = `@reason("not here")\nforbid (principal, action == Sallyport::Action::"grant:revoke", resource)\n${clause};\n`
  const { id } = await ada.call('policies.create', {
    name: clause.slice(0, 60),
    description: '',
    text,
  })
  const known = { policyId: id }
  const tried = await ada.call('policies.setMode', { ...known, mode: 'evaluate' }, { version: 1 })
  const asked = await ada.call('policies.askEnforcement', known, { version: tried.version })
  await ben.call('policies.approveEnforcement', known, { version: asked.version })
}

test('the end of what a request gave is offered to whoever may carry it out, whatever policy looks at grants', async () => {
  const { ada, lin, sam, ask, view, approve, end } = on
  const given = await approve(lin, await ask(sam))
  expect(given.state).toBe('active')
  await enforce('when { context.client == "token" }')
  expect((await view(ada, given)).may).toContain('end')
  expect(await end(ada, given)).toMatchObject({ state: 'revoked' })

  // The control: what the policy refuses is not offered, and refused.
  const another = await approve(lin, await ask(sam))
  await enforce(`when { principal == Sallyport::Person::"${ada.id}" }`)
  expect((await view(ada, another)).may).not.toContain('end')
  await expect(end(ada, another)).rejects.toMatchObject({ status: 403 })
})
