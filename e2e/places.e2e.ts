import { expect, expectAccessible, test } from './support/test.ts'

test('everything one may see is found by its name, with the keyboard alone', async ({ as }) => {
  const page = await as('ada', '/roles')
  await page.keyboard.press('Control+k')
  const box = page.getByRole('combobox', { name: /Search everything/ })
  await expect(box).toBeFocused()
  await page.keyboard.type('payment gate')
  const results = page.getByRole('listbox', { name: 'Results' })
  await expect(results.getByRole('option', { name: /^payment-gateway/ }).first()).toBeVisible()
  await expectAccessible(page)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'payment-gateway', level: 1 })).toBeVisible()
  // A secret leads to its context; what nobody named is told so.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('nothing is called this')
  await expect(page.getByText('Nothing you may see is named')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(box).toBeHidden()
})

test('what one types before the search is there is searched for all the same', async ({ as }) => {
  const page = await as('ada', '/roles')
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  await page.route(/Palette-[^/]*\.js/, async (route) => {
    await held
    await route.continue()
  })
  await page.keyboard.press('Control+k')
  // `g p` would go to the projects, were it not typed into the search.
  await page.keyboard.type('g payment')
  release()
  const box = page.getByRole('combobox', { name: /Search everything/ })
  await expect(box).toHaveValue('g payment')
  await expect(box).toBeFocused()
  await page.keyboard.type(' gate')
  await expect(box).toHaveValue('g payment gate')
  await expect(page.getByRole('heading', { name: 'Roles', level: 1 })).toBeAttached()
})

test('a project tells what it reaches, what was decided about its runs, and where it is placed', async ({
  as,
}) => {
  const page = await as('ada', '/projects?q=payment-gateway')
  await page.getByRole('link', { name: 'payment-gateway', exact: true }).click()
  await expect(page.getByRole('table', { name: /reaches/ }).getByRole('row')).not.toHaveCount(1)
  await expectAccessible(page)
  await page.getByRole('navigation', { name: 'Project' }).getByText('Decisions').click()
  const decisions = page.getByRole('table', { name: 'Decisions about the project' })
  await expect(decisions.getByRole('row').nth(1)).toContainText(/Permitted|Denied/)
  await expectAccessible(page)
  await decisions.getByRole('link').first().click()
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('payment-gateway')
})

test('a segment that holds something says so before it is deleted', async ({ as }) => {
  const page = await as('ada', '/segments')
  await page.getByRole('row').filter({ hasText: 'Production' }).first().click()
  await expect(page.getByRole('table', { name: 'Projects in the segment' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('navigation', { name: 'Segment' }).getByText('Settings').click()
  await expectAccessible(page)
  const remove = page.getByRole('button', { name: 'Delete segment' })
  await expect(remove).toHaveAttribute('aria-disabled', 'true')
  await expect(remove).toHaveAttribute('aria-description', /Move its projects/)
})

test('what somebody else saved meanwhile is shown beside one’s own, and nothing typed is lost', async ({
  as,
}) => {
  const [mine, theirs] = [await as('ada', '/segments'), await as('ben', '/segments')]
  for (const page of [mine, theirs]) {
    await page.getByRole('row').filter({ hasText: 'Sandbox' }).first().click()
    await page.getByRole('navigation', { name: 'Segment' }).getByText('Settings').click()
  }
  await theirs.getByRole('textbox', { name: 'Description' }).fill('What Ben wrote')
  await theirs.getByRole('button', { name: 'Save segment' }).click()
  await expect(theirs.getByText(/is saved/)).toBeVisible()
  await mine.getByRole('textbox', { name: 'Description' }).fill('What Ada wrote')
  await mine.getByRole('button', { name: 'Save segment' }).click()
  const dialog = mine.getByRole('dialog', { name: /was changed while you were editing/ })
  await expect(dialog).toContainText('What Ben wrote')
  await expectAccessible(mine)
  await dialog.getByRole('button', { name: 'Keep editing' }).click()
  await expect(dialog).toBeHidden()
  await expect(mine.getByRole('textbox', { name: 'Description' })).toHaveValue('What Ada wrote')
  await mine.getByRole('button', { name: 'Save segment' }).click()
  await expect(dialog).toContainText('What Ben wrote')
  await dialog.getByRole('button', { name: 'Save mine over theirs' }).click()
  await expect(dialog).toBeHidden()
  await expect(mine.getByRole('textbox', { name: 'Description' })).toHaveValue('What Ada wrote')
})

test('a narrow window has the navigation behind a button, and closes it on the way', async ({
  as,
}) => {
  const page = await as('ada', '/roles')
  await page.setViewportSize({ width: 400, height: 800 })
  await page.getByRole('button', { name: 'Open the navigation' }).click()
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByRole('link', { name: 'Segments' })).toBeVisible()
  await expectAccessible(page)
  await drawer.getByRole('link', { name: 'Segments' }).click()
  await expect(drawer).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Segments', level: 1 })).toBeVisible()
})
