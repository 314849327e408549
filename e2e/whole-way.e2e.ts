import { openUntrusted } from './support/pipeline.ts'
import { expect, test } from './support/test.ts'

/** The whole way of a rule: a token that nobody trusts, whose run it is, what it may use, and what it may not any more. */
test('from a token that nobody trusts to a policy that a second person enforces', async ({
  as,
  server,
}) => {
  test.slow()
  const pipeline = await openUntrusted(server, 'whole-way')
  await using _ = pipeline.ci
  const { exchange, context } = pipeline
  const release = { ref: 'refs/heads/release/9' }
  expect(await exchange()).toMatchObject({ status: 400, body: { code: 'invalid_subject_token' } })

  const page = await as('ada', '/trust/debugger')
  await page.getByLabel('Token', { exact: true }).fill(await pipeline.token())
  await page.getByRole('button', { name: 'Trust this issuer' }).click()
  await page.getByText('GitHub Actions', { exact: true }).click()
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue(pipeline.ci.url)
  await page.getByRole('button', { name: 'Ask the issuer' }).click()
  await expect(page.getByText('Reachable')).toBeVisible()
  await page.getByLabel('Name', { exact: true }).fill('Whole way')
  await page.getByLabel('Audience').fill(pipeline.audience)
  await page.getByRole('button', { name: 'Trust issuer' }).click()
  await page.getByRole('link', { name: 'Add trust rule' }).first().click()
  await page.getByRole('combobox', { name: 'Project' }).click()
  await page.getByRole('option', { name: 'whole-way', exact: true }).click()
  await page.getByLabel('Name', { exact: true }).fill('whole-way by its id')
  await page.getByRole('combobox', { name: 'Claim of condition 1' }).fill('repository_id')
  // As a keyboard goes on: the suggestions close before anything else is typed.
  await page.keyboard.press('Tab')
  await page.getByLabel('Value of condition 1').fill(pipeline.externalId)
  await page.getByRole('button', { name: 'Add trust rule' }).click()
  await expect(page.getByRole('heading', { name: 'whole-way by its id', level: 1 })).toBeVisible()

  // Now it is known whose run it is; but nothing says that it may use the context.
  await page.goto('/trust/debugger')
  await page.getByLabel('Token', { exact: true }).fill(await pipeline.token())
  await expect(page.getByText('A rule tells it to be of whole-way')).toBeVisible()
  expect(await exchange()).toMatchObject({ status: 403, body: { code: 'use_denied' } })

  await page.goto(`/contexts/${context.id}/restrictions`)
  await page.getByRole('button', { name: 'Add restriction' }).first().click()
  const drawer = page.getByRole('dialog', { name: 'Add restriction' })
  // What was closed opens for this one run: whoever opens it says why, also while it is asked what another expression opens.
  await expect(drawer.getByLabel('Why it is opened')).toBeVisible()
  const { promise: held, resolve: answer } = Promise.withResolvers<void>()
  await page.route('**/restrictions/impact', async (route) => {
    await held
    await route.continue()
  })
  await drawer
    .getByRole('textbox', { name: 'Expression' })
    .fill('pipeline.git.branch == "main" or pipeline.git.branch starts-with "release/"')
  await expect(drawer.getByText('Asking the last 30 days')).toBeVisible()
  await drawer.getByLabel('Why it is opened').fill('Its pipeline is trusted now')
  answer()
  await drawer.getByRole('button', { name: 'Add restriction', exact: true }).click()
  await expect(drawer).toBeHidden()
  expect(await exchange()).toMatchObject({ status: 200 })
  expect(await exchange(release)).toMatchObject({ status: 200 })

  await page.goto('/policies/new')
  await page.getByRole('textbox', { name: 'Name' }).fill('Release 9 is closed')
  await page.getByRole('textbox', { name: 'Policy text' }).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(
    '@reason("release 9 is closed")\nforbid (principal, action == Sallyport::Action::"context:use", resource)\nwhen { context has branch && context.branch == "release/9" };',
  )
  await page.getByRole('button', { name: 'Create draft' }).click()
  const panel = page.getByRole('region', { name: 'What it would change' })
  await panel.getByRole('button', { name: 'Replay 30 days' }).click()
  await expect(panel.getByText(/1 of [\d,]+ decisions would newly be denied/)).toBeVisible()
  await expect(panel.getByRole('group', { name: 'Project' })).toContainText('whole-way')
  const tabs = page.getByRole('navigation', { name: 'Policy' })
  await tabs.getByRole('link', { name: 'Enforcement' }).click()
  await page.getByRole('button', { name: 'Evaluate version 1' }).click()
  expect(await exchange(release)).toMatchObject({ status: 200 })
  await page.getByRole('textbox', { name: 'Reason' }).fill('It was shipped')
  await page.getByRole('button', { name: 'Ask for enforcement' }).click()
  await expect(page.getByText(/2 of [\d,]+ decisions would newly be denied/)).toBeVisible()

  const second = await as('ben', new URL(page.url()).pathname)
  await expect(second.getByText('It was shipped').first()).toBeVisible()
  await second.getByRole('button', { name: 'Approve enforcement' }).click()
  await expect(second.getByRole('button', { name: 'End enforcement' })).toBeVisible()

  const refused = await exchange(release)
  expect(refused).toMatchObject({ status: 403, body: { code: 'use_denied' } })
  expect(await exchange()).toMatchObject({ status: 200 })
  const [link = ''] = /\/decisions\/[0-9a-f-]{36}/.exec(JSON.stringify(refused.body)) ?? []
  await page.goto(link)
  await expect(page.getByRole('list', { name: 'What stood in the way' })).toContainText(
    'release 9 is closed',
  )
})
