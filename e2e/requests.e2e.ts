import { apiAs } from './support/api.ts'
import { expect, expectAccessible, test } from './support/test.ts'

/** What Lin narrowed to a minute, which passes while others ask. */
let narrowed = ''

test('Sam asks, and Lin narrows and approves', async ({ as }) => {
  test.slow()
  const sam = await as('sam', '/requests')
  await expect(sam.getByText('Nobody asked yet')).toBeVisible()
  await sam.getByRole('link', { name: 'What may be asked for' }).click()
  const lead = sam.getByRole('region', { name: 'Team lead' })
  await expect(lead).toContainText('For at most 8 hours. It needs 1 approval by a lead.')
  await expect(sam.getByRole('button', { name: /Change rule/ })).toHaveCount(0)
  await lead.getByText('permissions').click()
  await expect(lead.getByText('secret:store')).toBeVisible()
  await expectAccessible(sam)
  await lead.getByRole('link', { name: 'Ask for Team lead' }).click()
  await sam.getByRole('combobox', { name: 'Context' }).fill('payments-prod')
  await sam.getByRole('option', { name: 'payments-production' }).click()
  await expect(sam.getByRole('region', { name: 'What you could newly do there' })).toContainText(
    'secret:store',
  )
  const deciders = sam.getByRole('table', { name: 'Who may decide' })
  await expect(deciders).toContainText('leads Payments, where Sam Rivera is')
  await expect(deciders).not.toContainText('Grace Mbeki')
  await sam.getByLabel('Lasts').fill('9')
  await expect(sam.getByText('At most 8 hours.').first()).toBeVisible()
  await sam.getByLabel('Lasts').fill('4')
  await sam.getByLabel('Reason').fill('Replace the Stripe key')
  await sam.getByLabel('Ticket').fill('PAY-77')
  await expectAccessible(sam)
  await sam.getByRole('button', { name: 'Ask for access' }).click()
  await expect(
    sam.getByRole('heading', { name: 'Team lead in payments-production for Sam Rivera' }),
  ).toBeVisible()
  await expect(sam.getByRole('button', { name: 'Withdraw request' })).toBeVisible()
  await expect(sam.getByRole('region', { name: 'Decide', exact: true })).toHaveCount(0)
  await expectAccessible(sam)
  narrowed = new URL(sam.url()).pathname

  const lin = await as('lin', '/requests?which=decide')
  await lin.getByRole('row').filter({ hasText: 'Sam Rivera' }).getByRole('link').first().click()
  await expect(lin.getByRole('region', { name: 'Risk' })).toContainText('tier production')
  await expect(lin.getByRole('table', { name: 'What Sam Rivera holds today' })).toContainText(
    'Developer',
  )
  const decide = lin.getByRole('region', { name: 'Decide', exact: true })
  await decide.getByRole('combobox', { name: 'Unit' }).click()
  await lin.getByRole('option', { name: 'minutes' }).click()
  await decide.getByLabel('Lasts').fill('1')
  await decide.getByLabel('Note').fill('A minute is enough')
  await expectAccessible(lin)
  await decide.getByRole('button', { name: 'Approve narrowed' }).click()
  await expect(lin.getByText('Active', { exact: true })).toBeVisible()
  await expect(lin.getByRole('table', { name: 'What happened' })).toContainText(
    'A minute is enough',
  )

  await sam.goto(narrowed)
  await expect(sam.getByText('Active', { exact: true })).toBeVisible()
  await expect(sam.getByText('4 hours in payments-production')).toBeVisible()
})

test('Lin asks back, Sam answers, Lin denies with a reason; and nobody decides on their own', async ({
  as,
}) => {
  const sam = await as('sam', '/requests/new?scope=organization&minutes=60')
  await sam.getByRole('combobox', { name: 'Role' }).click()
  await sam.getByRole('option', { name: 'Team lead' }).click()
  await sam.getByLabel('Reason').fill('To try it')
  await sam.getByRole('button', { name: 'Ask for access' }).click()
  await expect(sam.getByRole('button', { name: 'Withdraw request' })).toBeVisible()
  const address = new URL(sam.url()).pathname
  // Lin leads Sam's team, but does not hold the role in the whole organization: one who does must follow.
  const lin = await as('lin', address)
  await expect(
    lin.getByRole('row').filter({ hasText: 'leads Payments, where Sam Rivera is' }),
  ).toContainText('one who holds it must follow')
  const decide = lin.getByRole('region', { name: 'Decide', exact: true })
  await decide.getByLabel('Reason or question').fill('Try what?')
  await decide.getByRole('button', { name: 'Ask this first' }).click()
  await expect(lin.getByText('Asked back', { exact: true }).first()).toBeVisible()
  await sam.goto(address)
  const question = sam.getByRole('region', { name: 'Lin Zhao asks' })
  await expect(question).toContainText('Try what?')
  await question.getByLabel('Answer').fill('Roles')
  await expectAccessible(sam)
  await question.getByRole('button', { name: 'Send answer' }).click()
  await expect(sam.getByText('Waits', { exact: true })).toBeVisible()
  // Lin looks at what stood there before the answer.
  await decide.getByLabel('Reason or question').fill('Use the sandbox')
  await decide.getByRole('button', { name: 'Deny request' }).click()
  await expect(decide.getByRole('alert')).toContainText('Look at it again')
  await lin.reload()
  await expect(lin.getByRole('table', { name: 'What happened' })).toContainText('Roles')
  await decide.getByLabel('Reason or question').fill('Use the sandbox')
  await decide.getByRole('button', { name: 'Deny request' }).click()
  await expect(lin.getByText('Denied', { exact: true }).first()).toBeVisible()
  await expectAccessible(lin)
})

test('Ada says how a role may be asked for; access is extended and given back with one press', async ({
  as,
}) => {
  const ada = await as('ada', '/requests/catalogue')
  await ada.getByRole('button', { name: 'Change rule of Auditor' }).click()
  const drawer = ada.getByRole('dialog')
  await drawer.getByLabel('Further approvals by a security admin').fill('0')
  await expect(drawer.getByText('Somebody must approve.')).toBeVisible()
  await drawer.getByLabel('Approvals by a lead', { exact: true }).fill('1')
  await expectAccessible(ada)
  await drawer.getByRole('button', { name: 'Save rule' }).click()
  await expect(ada.getByRole('region', { name: 'Auditor' })).toContainText('1 approval by a lead')

  const sam = await as('sam', '/requests/new?scope=organization&minutes=60&reason=Evidence')
  await sam.getByRole('combobox', { name: 'Role' }).click()
  await sam.getByRole('option', { name: 'Auditor' }).click()
  await sam.getByRole('button', { name: 'Ask for access' }).click()
  await expect(sam.getByRole('button', { name: 'Withdraw request' })).toBeVisible()
  await ada.goto(new URL(sam.url()).pathname)
  await ada.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(ada.getByText('Active', { exact: true })).toBeVisible()
  await sam.reload()
  await sam.getByRole('link', { name: 'Extend access' }).click()
  await expect(sam.getByRole('heading', { name: 'Extend access' })).toBeVisible()
  await sam.getByRole('button', { name: 'Ask for extension' }).click()
  await expect(sam.getByRole('link', { name: 'the request before' })).toBeVisible()
  await ada.goto(new URL(sam.url()).pathname)
  const goesOn = ada.getByRole('region', { name: /^What Sam Rivera could go on doing there/ })
  await expect(goesOn).toContainText('Without this, the access that it extends ends: in ')
  await expect(goesOn).toContainText('audit:view')
  await sam.getByRole('link', { name: 'the request before' }).click()
  await sam.getByRole('button', { name: 'End access now' }).click()
  await expect(sam.getByText('Ended early', { exact: true }).first()).toBeVisible()
  await expectAccessible(sam)
})

test('what waits for Lin is counted while she looks elsewhere, and goes when she has done it', async ({
  as,
}) => {
  const lin = await as('lin', '/inbox')
  const place = lin
    .getByRole('navigation', { name: 'Console' })
    .getByRole('link', { name: 'Inbox' })
  await expect(place).toContainText(/\d+ waiting/)
  const before = Number(/\d+/.exec((await place.textContent()) ?? '')?.[0])
  await lin.getByRole('link', { name: 'Teams', exact: true }).click()
  const sam = await as('sam', '/requests/new?scope=organization&minutes=30&reason=To+look')
  await sam.getByRole('combobox', { name: 'Role' }).click()
  await sam.getByRole('option', { name: 'Team lead' }).click()
  // What it would give is read first; as it comes, the button below it makes room.
  await expect(sam.getByRole('table', { name: 'Who may decide' })).toBeVisible()
  await sam.getByRole('button', { name: 'Ask for access' }).click()
  await expect(sam.getByRole('button', { name: 'Withdraw request' })).toBeVisible()
  // Nobody pressed anything in her window.
  await expect(place).toContainText(`${before + 1} waiting`, { timeout: 30_000 })
  await place.click()
  const decide = lin.getByRole('region', { name: 'Requests to decide on', exact: true }).first()
  await expectAccessible(lin)
  await decide.getByRole('link', { name: /^Sam Rivera asks for Team lead/ }).click()
  await lin.getByLabel('Reason or question').fill('Look in the sandbox')
  await lin.getByRole('button', { name: 'Deny request' }).click()
  await expect(lin.getByText('Denied', { exact: true }).first()).toBeVisible()
  await expect(place).toContainText(`${before} waiting`, { timeout: 30_000 })
})

test('a refusal leads to the role that holds the least of what is missing', async ({ as }) => {
  const sam = await as('sam', '/audit')
  await sam.getByRole('link', { name: 'Ask for it' }).first().click()
  await expect(sam.getByRole('heading', { name: 'Ask for access' })).toBeVisible()
  // Another journey may have made a role that holds less than the auditor's.
  await expect(sam.getByRole('combobox', { name: 'Role' })).toHaveValue(
    /^(Auditor|Evidence keeper)$/,
  )
  await sam.getByRole('combobox', { name: 'Role' }).click()
  await expect(sam.getByRole('option', { name: 'Security admin' })).toBeVisible()
  await expect(sam.getByRole('option', { name: 'Developer' })).toHaveCount(0)
  await expectAccessible(sam)
})

test('what Lin narrowed to a minute has ended by itself: nobody did anything for it', async ({
  as,
  server,
}) => {
  const asked = await apiAs(server, 'sam')
  const stateNow = async () => (await asked('GET', narrowed))['state']
  await expect.poll(stateNow, { intervals: [1_000], timeout: 90_000 }).toBe('expired')
  const sam = await as('sam', narrowed)
  await expect(sam.getByText('Expired', { exact: true })).toBeVisible()
  await expect(sam.getByRole('table', { name: 'What happened' })).toContainText(
    'Access ended by itself',
  )
  await expect(sam.getByRole('button', { name: /End access/ })).toHaveCount(0)
  await expectAccessible(sam)
})
