import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './support/test.ts'

async function create(page: Page, name: string): Promise<void> {
  await page.goto('/contexts/new')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('textbox', { name: 'Description' }).fill('Deploys the web shop')
  await page.getByRole('button', { name: 'Create context' }).click()
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
}

async function store(page: Page, name: string, value: string): Promise<void> {
  await page.getByRole('button', { name: 'Store secret' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('Value').fill(value)
  await form.getByRole('button', { name: 'Store secret', exact: true }).click()
  await expect(form).toBeHidden()
}

test('an administrator makes a context, stores and rolls back a secret, and sees only stand-ins', async ({
  as,
}) => {
  const page = await as('ada')
  await create(page, 'shop-production')
  await expectAccessible(page)
  await store(page, 'DEPLOY_KEY', 'the-first-value')
  const row = page.getByRole('row').filter({ hasText: 'DEPLOY_KEY' })
  await expect(row).toContainText('sp_tok_')
  await row.getByRole('button', { name: 'Actions of DEPLOY_KEY' }).click()
  await page.getByRole('menuitem', { name: 'Replace secret' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Value').fill('the-second-value')
  await form.getByRole('button', { name: /^Replace/ }).click()
  await expect(form).toBeHidden()
  await row.getByRole('button', { name: 'Actions of DEPLOY_KEY' }).click()
  await page.getByRole('menuitem', { name: /versions/i }).click()
  const versions = page.getByRole('dialog')
  await versions
    .getByRole('button', { name: /roll back/i })
    .first()
    .click()
  await expect(versions.getByRole('row')).toHaveCount(4)
  await expect(page.locator('body')).not.toContainText('-value')
})

test('a paste of .env text is previewed line by line before it is imported', async ({ as }) => {
  const page = await as('ada')
  await create(page, 'env-import')
  await page.getByRole('button', { name: 'Import .env text' }).first().click()
  const drawer = page.getByRole('dialog')
  await drawer
    .getByRole('textbox', { name: 'Text' })
    .fill('# from the old CI\nexport TOKEN=abc\nNOT A LINE\nURL="x y"\n')
  const preview = drawer.getByRole('table', { name: 'What the import changes' })
  await expect(preview.getByRole('row').filter({ hasText: 'TOKEN' })).toBeVisible()
  await expectAccessible(page)
  await drawer.getByRole('textbox', { name: 'Text' }).fill('TOKEN=abc\nURL="x y"\n')
  await drawer.getByRole('button', { name: /^Import/ }).click()
  await expect(drawer).toBeHidden()
  await expect(page.getByRole('row').filter({ hasText: 'URL' })).toContainText('sp_tok_')
})

test('without a restriction it is closed; an expression opens it, and faults are shown where they are', async ({
  as,
}) => {
  const page = await as('ada')
  await create(page, 'restricted')
  await page.getByRole('link', { name: 'Restrictions' }).click()
  await expect(page.getByText('Closed: no run may use this context')).toBeVisible()
  await page.getByRole('button', { name: 'Add restriction' }).first().click()
  const drawer = page.getByRole('dialog')
  const editor = drawer.getByRole('textbox', { name: 'Expression' })
  await editor.fill('pipeline.git.branch = "main"')
  await expect(drawer.getByText(/character \d+/i)).toBeVisible()
  await editor.fill('pipeline.git.branch == "main"')
  await drawer.getByRole('button', { name: 'Add restriction', exact: true }).click()
  await expect(drawer).toBeHidden()
  await expect(page.getByRole('row').filter({ hasText: 'pipeline.git.branch' })).toBeVisible()
  await expectAccessible(page)
})

test('two who change the same see both versions, and nothing is lost', async ({ as }) => {
  const page = await as('ada')
  await create(page, 'raced')
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect(page).toHaveURL(/settings$/)
  const other = await page.context().newPage()
  await other.goto(page.url())
  await other.getByRole('textbox', { name: 'Description' }).fill('Written by the other window')
  await other.getByRole('button', { name: 'Save context' }).click()
  await expect(other.getByText('Context raced is saved.').first()).toBeVisible()
  await page.getByRole('textbox', { name: 'Description' }).fill('Written by this window')
  await page.getByRole('button', { name: 'Save context' }).click()
  const conflict = page.getByRole('dialog')
  await expect(conflict).toContainText('Written by the other window')
  await expect(conflict).toContainText('Written by this window')
})

test('deleting asks for the name, and says what is lost', async ({ as }) => {
  const page = await as('ada')
  await create(page, 'short-lived')
  await store(page, 'KEY', 'value')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Delete context' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('1 secret')
  await dialog.getByLabel(/to confirm/).fill('short-lived')
  await dialog.getByRole('button', { name: 'Delete context', exact: true }).click()
  await expect(page).toHaveURL(/\/contexts$/)
  await expect(page.getByRole('link', { name: 'short-lived' })).toHaveCount(0)
})
