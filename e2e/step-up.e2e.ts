import type { Page } from '@playwright/test'
import { expect, expectAccessible, signInAs, test as base } from './support/test.ts'
import { startServer, type Server } from './support/server.ts'

/** A server that asks for a confirmation after five seconds instead of five minutes. */
const test = base.extend<object, { server: Server }>({
  server: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of a fixture's first parameter
    async ({}, use) => {
      const server = await startServer({ STEP_UP_MAX_AGE: '5', SALLYPORT_SAMPLE: 'off' })
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

/** A browser in which no window may open, and a sign-in that is too old for a change. */
async function aged(as: (persona: 'ada', path: string) => Promise<Page>, path: string) {
  const page = await as('ada', path)
  const since = Date.now()
  await page.evaluate(() => {
    window.open = () => null
  })
  return {
    page,
    wait: () => expect.poll(() => Date.now() - since, { timeout: 15_000 }).toBeGreaterThan(6_000),
  }
}

/** Confirms at the provider, and looks at the tab before the console has read the answer. */
async function caught<T>(page: Page, look: () => T): Promise<T> {
  await expect(page.getByRole('heading', { name: 'Confirm that it is you' })).toBeVisible()
  await page.route('**/assets/*.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: '' }),
  )
  await signInAs(page, 'ada')
  await page.waitForURL(/\/auth\/callback\?/)
  const seen = await page.evaluate(look)
  await page.unrouteAll()
  return seen
}

test('where no window may open, the page itself goes and comes back, and the change is made', async ({
  as,
}) => {
  const { page, wait } = await aged(as, '/roles/new')
  await page.getByLabel('Name', { exact: true }).fill('Release reader')
  await page.getByRole('checkbox', { name: /See projects/ }).check()
  await wait()
  await page.getByRole('button', { name: 'Create role' }).click()
  const question = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await question.getByRole('button', { name: 'Confirm', exact: true }).click()
  await expect(question.getByRole('alert')).toContainText('no window could open')
  await expectAccessible(page)
  await question.getByRole('button', { name: 'Confirm on this page' }).click()
  await signInAs(page, 'ada')
  await expect(page.getByRole('heading', { name: 'Release reader', level: 1 })).toBeVisible()
  await expect(page.getByText('what you asked for is done').first()).toBeVisible()
  // Once: a reload signs in again and asks for nothing.
  await page.goto('/roles')
  await expect(page.getByRole('link', { name: 'Release reader' })).toHaveCount(1)
})

test('what cannot be done after all says why, and what had been typed', async ({ as }) => {
  const { page, wait } = await aged(as, '/roles/new')
  await page.getByLabel('Name', { exact: true }).fill('Auditor')
  await page.getByRole('textbox', { name: 'What it is for' }).fill('Typed with care')
  await page.getByRole('checkbox', { name: /See projects/ }).check()
  await wait()
  await page.getByRole('button', { name: 'Create role' }).click()
  const question = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await question.getByRole('button', { name: 'Confirm', exact: true }).click()
  await question.getByRole('button', { name: 'Confirm on this page' }).click()
  await signInAs(page, 'ada')
  const told = page.getByRole('dialog', { name: 'Confirmed, but not done' })
  await expect(told).toContainText('Typed with care')
  await expectAccessible(page)
})

test('what waited for somebody else is not finished by whoever signs in', async ({ as }) => {
  const { page, wait } = await aged(as, '/roles/new')
  await page.getByLabel('Name', { exact: true }).fill('Not hers')
  await page.getByRole('checkbox', { name: /See projects/ }).check()
  await wait()
  await page.getByRole('button', { name: 'Create role' }).click()
  const question = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await question.getByRole('button', { name: 'Confirm', exact: true }).click()
  await question.getByRole('button', { name: 'Confirm on this page' }).click()
  // What waits is given to another person before the console reads it.
  await caught(page, () => {
    for (const key of Object.keys(sessionStorage)) {
      const kept = sessionStorage.getItem(key) ?? ''
      if (kept.includes('Not hers')) {
        sessionStorage.setItem(key, kept.replace('"subject":"ada"', '"subject":"ben"'))
      }
    }
  })
  await page.reload()
  await expect(page.getByRole('heading', { name: 'New role', level: 1 })).toBeVisible()
  await page.getByRole('link', { name: 'Roles', exact: true }).first().click()
  await expect(page.getByRole('link', { name: 'Auditor' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Not hers' })).toHaveCount(0)
})

test('a secret is kept nowhere while its person confirms on the page, which says so before', async ({
  as,
}) => {
  const { page, wait } = await aged(as, '/contexts/new')
  await page.getByLabel('Name', { exact: true }).fill('kept-nowhere')
  await page.getByRole('button', { name: 'Create context' }).click()
  await page.getByRole('button', { name: 'Store secret' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('NPM_TOKEN')
  await form.getByLabel('Value').fill('canary-in-the-form')
  await wait()
  await form.getByRole('button', { name: 'Store secret', exact: true }).click()
  const question = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await question.getByRole('button', { name: 'Confirm', exact: true }).click()
  await expect(question).toContainText('type it again')
  const leaving = page.waitForRequest(/\/auth\?/)
  await question.getByRole('button', { name: 'Confirm on this page' }).click()
  const address = (await leaving).url()
  const kept = await caught(page, () =>
    JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage)]),
  )
  expect(kept, 'the sign-in itself is kept').toContain('code_verifier')
  expect(kept + address).not.toContain('canary')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'kept-nowhere', level: 1 })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'NPM_TOKEN' })).toHaveCount(0)
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
