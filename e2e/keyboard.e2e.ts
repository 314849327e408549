import type { Page } from '@playwright/test'
import { expect, test } from './support/test.ts'

/** Where the focus is, in words, and whether one sees it there (WCAG 2.4.7, 2.4.11). */
const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement
    if (!at || at === document.body) return { what: 'nothing', seen: true, covered: false }
    const ring = (node: Element | null) => {
      if (!node) return false
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(node)
      return (
        (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
      )
    }
    const seen = ring(at) || ring(at.parentElement)
    const box = at.getBoundingClientRect()
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)
    const covered = Boolean(top && !at.contains(top) && !top.contains(at) && !at.closest('label'))
    return {
      seen,
      what: `${at.tagName} ${at.getAttribute('aria-label') ?? at.textContent?.slice(0, 40)}`,
      covered: covered && box.width > 1,
    }
  })

for (const path of [
  '/',
  '/people',
  '/contexts',
  '/policies/library',
  '/audit',
  '/roles/new',
  '/grants',
]) {
  test(`every stop of the keyboard on ${path} is seen and not covered`, async ({ as }) => {
    const page = await as('ada', path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    const unseen: string[] = []
    for (let step = 0; step < 45; step += 1) {
      await page.keyboard.press('Tab')
      const at = await focused(page)
      if (at.what === 'nothing') break
      if (!at.seen) unseen.push(`unseen: ${at.what}`)
      if (at.covered) unseen.push(`covered: ${at.what}`)
    }
    expect(unseen).toEqual([])
    // Negative control: without a ring it is told.
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet()
      sheet.replaceSync('* { outline: none !important; box-shadow: none !important }')
      document.adoptedStyleSheets = [sheet]
    })
    await page.getByRole('link', { name: 'Sallyport, to the overview' }).focus()
    expect((await focused(page)).seen).toBe(false)
  })
}

test('the first stop skips to the content', async ({ as }) => {
  const page = await as('ada', '/people')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'People', level: 1 })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeInViewport()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(
    await page.evaluate(() => Boolean(document.activeElement?.closest('main'))),
    'the next stop is in the content',
  ).toBe(true)
})

test('the palette goes to a page, finds an object and acts, all by keyboard', async ({ as }) => {
  const page = await as('ada', '/roles')
  const box = page.getByRole('combobox', { name: /Search everything/ })
  await page.keyboard.press('Control+k')
  await page.keyboard.type('checkpoints')
  await expect(page.getByRole('option', { selected: true })).toContainText('Checkpoints')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Checkpoints', level: 1 })).toBeVisible()
  await page.keyboard.press('Meta+k')
  await page.keyboard.type('dark')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.getByRole('button', { name: 'Choose the theme' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitemradio', { name: 'Light' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('e')
  const options = page.getByRole('option')
  await expect(options.nth(3)).toBeVisible()
  const first = await page.getByRole('option', { selected: true }).textContent()
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('option', { selected: true })).not.toHaveText(first ?? '')
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('option', { selected: true })).toHaveText(first ?? '')
  await expect(box).toHaveAttribute(
    'aria-activedescendant',
    (await page.getByRole('option', { selected: true }).getAttribute('id')) ?? '',
  )
  await page.keyboard.press('Escape')
  await expect(box).toBeHidden()
  // Faster than the search answers, and than the box has the focus: still to what was named, never to what another word found.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('payments-production')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'payments-production', level: 1 })).toBeVisible()
})

test('? lists the shortcuts, g goes to places, / searches the list', async ({ as }) => {
  const page = await as('ada', '/roles')
  await expect(page.getByRole('heading', { name: 'Roles', level: 1 })).toBeVisible()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Help and shortcuts' })
  await expect(help).toContainText('Search everything')
  await page.keyboard.press('Escape')
  await expect(help).toBeHidden()
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await expect(page.getByRole('heading', { name: 'Contexts', level: 1 })).toBeVisible()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox', { name: 'Search contexts' })).toBeFocused()
  // Letters are letters while one types.
  await page.keyboard.type('gp?')
  await expect(page.getByRole('searchbox', { name: 'Search contexts' })).toHaveValue('gp?')
})

test('a table is walked with arrows, rows are selected with x and opened with Enter', async ({
  as,
}) => {
  const page = await as('ada', '/grants')
  const rows = page.getByRole('table', { name: 'Grants' }).locator('tbody tr[data-index]')
  await expect(rows.nth(3)).toBeVisible()
  await rows.first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(rows.nth(2)).toBeFocused()
  await page.keyboard.press('x')
  await expect(page.getByRole('region', { name: 'Selected rows' })).toContainText('1 selected')
  await page.keyboard.press('ArrowUp')
  await expect(rows.nth(1)).toBeFocused()
  await page.keyboard.press('End')
  await expect(rows.last()).toBeFocused()
  await page.keyboard.press('Home')
  await expect(rows.first()).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/grants\/[0-9a-f-]{36}$/)
  // Back, the keyboard begins in the content.
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Grants', level: 1 })).toBeVisible()
})
