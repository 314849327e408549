import { afterAll, beforeAll, expect, test } from 'vitest'
import { enforced } from '../../testing/enforced.ts'
import { openRequests, type Requests } from '../../testing/requests.ts'

let on: Requests
beforeAll(async () => {
  on = await openRequests()
})
afterAll(() => on.world.close())

/** A policy on how grants are ended. */
const enforce = (clause: string) =>
  enforced([on.ada, on.ben], {
    text: `@reason("not here")\nforbid (principal, action == Sallyport::Action::"grant:revoke", resource)\n${clause};\n`,
  })

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
