import { expect, signInAs, test as base } from './support/test.ts'
import { startServer, type Server } from './support/server.ts'

/** A server that asks for a confirmation after five seconds instead of five minutes. */
const test = base.extend<object, { server: Server }>({
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of a fixture's first parameter
    async ({}, use) => {
      const server = await startServer({ STEP_UP_MAX_AGE: '5' })
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
})

test('a sensitive change asks who is there, and is then finished with nothing typed lost', async ({
  as,
}) => {
  const page = await as('ada', '/contexts/new')
  const since = Date.now()
  await page.getByLabel('Name', { exact: true }).fill('prod-deploy')
  await page.getByRole('button', { name: 'Create context' }).click()
  await expect(page.getByRole('heading', { name: 'prod-deploy', level: 1 })).toBeVisible()
  await page.getByRole('button', { name: 'Store secret' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('NPM_TOKEN')
  await form.getByLabel('Value').fill('a value that nobody may lose')
  // Until the sign-in is older than this server accepts.
  await expect.poll(() => Date.now() - since, { timeout: 15_000 }).toBeGreaterThan(6_000)
  await form.getByRole('button', { name: 'Store secret', exact: true }).click()
  const question = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await expect(question).toBeVisible()
  const opening = page.waitForEvent('popup')
  await question.getByRole('button', { name: 'Confirm' }).click()
  const popup = await opening
  await signInAs(popup, 'ada')
  await expect(question).toBeHidden()
  await expect(page.getByRole('row').filter({ hasText: 'NPM_TOKEN' })).toContainText('sp_tok_')
})

test('whoever does not confirm changes nothing and keeps what was typed', async ({ as }) => {
  const page = await as('ada', '/contexts/new')
  const since = Date.now()
  await page.getByLabel('Name', { exact: true }).fill('staging-deploy')
  await page.getByRole('button', { name: 'Create context' }).click()
  await page.getByRole('button', { name: 'Store secret' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('NPM_TOKEN')
  await form.getByLabel('Value').fill('typed once')
  await expect.poll(() => Date.now() - since, { timeout: 15_000 }).toBeGreaterThan(6_000)
  await form.getByRole('button', { name: 'Store secret', exact: true }).click()
  const question = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(form.getByText('Not confirmed, so nothing was changed.')).toBeVisible()
  await expect(form.getByLabel('Value')).toHaveValue('typed once')
})
