import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './support/test.ts'

const editor = (page: Page) => page.getByRole('textbox', { name: 'Policy text' })

async function write(page: Page, text: string): Promise<void> {
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

async function begin(page: Page, name: string, text: string): Promise<void> {
  await page.goto('/policies/new')
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await write(page, text)
  await page.getByRole('button', { name: 'Create draft' }).click()
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
}

test('a starter becomes a draft; what is wrong with a text is underlined and told as one types', async ({
  as,
}) => {
  const page = await as('ada', '/policies')
  await expect(page.getByRole('table', { name: 'Policies' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'New policy' }).click()
  await expect(page.getByRole('heading', { name: 'Policy library' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Begin with No runs of tags' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('No tags for us')
  await expect(page.getByText('Validates')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Create draft' }).click()
  await expect(page.getByRole('heading', { name: 'No tags for us' })).toBeVisible()

  await write(
    page,
    'forbid (principal, action == Sallyport::Action::"context:use", resource)\nwhen { context.nope };',
  )
  await expect(page.getByText('Does not validate, so it cannot leave draft')).toBeVisible()
  await expect(page.getByText(/Line 2, column \d+/)).toBeVisible()
  await expect(page.locator('.cm-lintRange-error')).toBeVisible()
  await expectAccessible(page)
})

test('versions are compared and rolled back; what does not validate is not evaluated', async ({
  as,
}) => {
  const page = await as('ada')
  await begin(
    page,
    'Rolled back',
    'forbid (principal, action == Sallyport::Action::"segment:delete", resource);',
  )
  await write(page, 'forbid (principal, action, resource) when { context.nope };')
  await page.getByRole('textbox', { name: 'What changed' }).fill('Broken on purpose')
  await page.getByRole('button', { name: 'Write new version' }).click()
  const tabs = page.getByRole('navigation', { name: 'Policy' })
  await tabs.getByRole('link', { name: /Enforcement/ }).click()
  await page.getByRole('button', { name: 'Evaluate version 2' }).click()
  await expect(page.getByRole('alert')).toContainText('does not validate')

  await tabs.getByRole('link', { name: /Versions/ }).click()
  await page.getByRole('link', { name: '1 → 2' }).click()
  await expect(page.getByText('From version 1 to version 2')).toBeVisible()
  await expect(page.locator('.cm-deletedChunk')).not.toHaveCount(0)
  await expectAccessible(page)
  await page
    .getByRole('row', { name: /First version/ })
    .getByRole('button', { name: 'Roll back' })
    .click()
  await expect(page.getByRole('row', { name: /Version 1 again/ })).toBeVisible()

  await tabs.getByRole('link', { name: /Enforcement/ }).click()
  await page.getByRole('button', { name: 'Evaluate version 3' }).click()
  await expect(page.getByRole('button', { name: 'Back to draft' })).toBeVisible()
  await expectAccessible(page)
})

test('one person asks, another approves; the refusal is a decision with its trace', async ({
  as,
}) => {
  const name = 'Contexts keep their names'
  const page = await as('ada')
  await begin(
    page,
    name,
    '@reason("names are forever")\nforbid (principal, action == Sallyport::Action::"segment:delete", resource);',
  )
  const tabs = page.getByRole('navigation', { name: 'Policy' })
  await tabs.getByRole('link', { name: /Enforcement/ }).click()
  await page.getByRole('button', { name: 'Evaluate version 1' }).click()
  await page.getByRole('textbox', { name: 'Reason' }).fill('Agreed on Monday')
  await page.getByRole('button', { name: 'Ask for enforcement' }).click()
  const approve = page.getByRole('button', { name: 'Approve enforcement' })
  await expect(approve).toHaveAttribute('aria-description', /another person must approve/)
  const url = page.url()

  const second = await as('ben')
  await second.goto(url)
  await expect(second.getByText('Agreed on Monday').first()).toBeVisible()
  await second.getByRole('button', { name: 'Approve enforcement' }).click()
  await expect(second.getByRole('button', { name: 'End enforcement' })).toBeVisible()
  await expectAccessible(second)

  await second.goto('/segments/new')
  await second.getByRole('textbox', { name: 'Name' }).fill('forever')
  await second.goto('/decisions?action=policy:enforce')
  const decisions = second.getByRole('table', { name: 'Decisions' })
  await expect(decisions).toBeVisible()
  await expectAccessible(second)
  await decisions.getByRole('row').nth(1).click()
  await expect(second.getByRole('list', { name: 'How it was decided' })).toBeVisible()
  await expectAccessible(second)
})

test('what would lock every administrator out is refused, with what it would deny', async ({
  as,
}) => {
  const page = await as('ada')
  await begin(
    page,
    'Locks the door',
    'forbid (principal, action in Sallyport::Action::"change", resource);',
  )
  await page
    .getByRole('navigation', { name: 'Policy' })
    .getByRole('link', { name: /Enforcement/ })
    .click()
  await page.getByRole('button', { name: 'Evaluate version 1' }).click()
  await page.getByRole('button', { name: 'Ask for enforcement' }).click()
  await expect(page.getByRole('alert')).toContainText('lock every administrator out')
  await page.getByRole('button', { name: 'Back to draft' }).click()
  await expect(page.getByRole('button', { name: 'Back to draft' })).toBeHidden()
})

test('a developer reads policies, and each action says why it is not theirs', async ({ as }) => {
  const page = await as('sam', '/policies')
  const create = page.getByRole('button', { name: 'New policy' })
  await expect(create).toHaveAttribute('aria-description', /policy:create/)
  await page.getByRole('table', { name: 'Policies' }).getByRole('link').first().click()
  await expect(page.getByText('You need the permission policy:update here.')).toBeVisible()
  await expectAccessible(page)
})
