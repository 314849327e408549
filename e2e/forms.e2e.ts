import type { Locator, Page } from '@playwright/test'
import { apiAs } from './support/api.ts'
import { expect, expectAccessible, test } from './support/test.ts'

/** Where the middle of a button is, which a hand may be on its way to. */
async function middleOf(button: Locator): Promise<{ x: number; y: number }> {
  // A typeface that comes late moves everything by some pixels.
  await button.evaluate(() => document.fonts.ready)
  const box = await button.boundingBox()
  if (!box) throw new Error('the button has no place')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Chooses the third of each. */
async function choose(page: Page, ...labels: string[]): Promise<void> {
  for (const label of labels) {
    await page.getByRole('combobox', { name: label, exact: true }).click()
    await page.getByRole('option').nth(2).click()
  }
}

/** What would change has been asked, and is told. */
async function expectPreview(within: Page | Locator): Promise<void> {
  await expect(within.getByRole('heading', { name: 'What it would have changed' })).toBeVisible()
  await expect(within.getByText('Asking the last 30 days')).toHaveCount(0)
}

test('what a grant would change comes beside the fields, and leaves the buttons where they are', async ({
  as,
}) => {
  const page = await as('ada', '/grants/new')
  const button = page.getByRole('button', { name: 'Grant role' })
  const before = await middleOf(button)
  await choose(page, 'Person', 'Role')
  await expectPreview(page)
  expect(await middleOf(button)).toEqual(before)
  await expectAccessible(page)
})

test('in a narrow window the buttons keep its edge, and what has the focus is not below them', async ({
  as,
  server,
}) => {
  const page = await as('ada', '/grants/new')
  await page.setViewportSize({ width: 768, height: 700 })
  await choose(page, 'Person', 'Role')
  await expectPreview(page)
  const button = page.getByRole('button', { name: 'Grant role' })
  const cancel = page.getByRole('button', { name: 'Cancel' })
  await expect(button).toBeInViewport({ ratio: 1 })
  // By keyboard through all of it.
  await page.getByRole('radio', { name: 'Person' }).focus()
  for (let step = 0; step < 20; step += 1) {
    await page.keyboard.press('Tab')
    const below = await button.evaluate((one) => {
      const [bar, has] = [one.parentElement, document.activeElement]
      if (!bar || !has || bar.contains(has)) return 0
      return has.getBoundingClientRect().bottom - bar.getBoundingClientRect().top
    })
    expect(below, `after ${step + 1} times Tab`).toBeLessThanOrEqual(0)
    if (await cancel.evaluate((one) => one === document.activeElement)) break
  }
  await expect(cancel).toBeFocused()
  await expectAccessible(page)

  // In a drawer they stand at its bottom from the start.
  const api = await apiAs(server, 'ada')
  const { items } = (await api('GET', '/contexts?limit=1')) as { items: { id: string }[] }
  await page.goto(`/contexts/${items[0]?.id}/restrictions`)
  await page.getByRole('button', { name: 'Add restriction' }).click()
  const drawer = page.getByRole('dialog', { name: 'Add restriction' })
  const add = drawer.getByRole('button', { name: 'Add restriction', exact: true })
  await drawer.getByText('Team', { exact: true }).click()
  await expect(drawer.getByRole('combobox', { name: 'Team' })).toBeVisible()
  const before = await middleOf(add)
  await choose(page, 'Team')
  await expectPreview(drawer)
  expect(await middleOf(add)).toEqual(before)
})

test('what is to be begun as something that is gone says so, and begins blank', async ({ as }) => {
  const page = await as('ada', '/teams')
  const gone = '01920000-0000-7000-8000-000000000000'
  for (const [path, says, field] of [
    [`/roles/new?copy=${gone}`, 'There is no such role.', 'Name'],
    [`/reviews/new?again=${gone}`, 'There is no such review.', 'Name'],
  ] as const) {
    await page.goto(path)
    await expect(page.getByRole('alert')).toHaveText(new RegExp(says))
    await expect(page.getByLabel(field, { exact: true })).toHaveValue('')
  }
})
