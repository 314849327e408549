import { apiAs } from './support/api.ts'
import { openLeaver } from './support/leaver.ts'
import { openStanding } from './support/standing.ts'
import { expect, expectAccessible, loadUntil, test } from './support/test.ts'

test('an admin goes from the worst finding to its fix, and sees it resolve', async ({
  as,
  server,
}) => {
  await openLeaver(server, 'Gone Tomorrow')
  const page = await as('ada', '/')
  const worst = page.getByRole('region', { name: 'Worst findings' })
  const link = worst.getByRole('link', { name: /Gone Tomorrow has left/ })
  await loadUntil(page, link)
  await link.click()
  await expect(page.getByRole('heading', { name: 'Grant of somebody who has left' })).toBeVisible()
  const proof = page.getByRole('table', { name: 'What proves it' })
  await expect(proof.getByRole('link', { name: 'Gone Tomorrow' })).toBeVisible()
  await expectAccessible(page)
  const address = page.url()

  await page.getByRole('link', { name: 'Revoke grant' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('Reason')).toHaveValue(/Grant of somebody who has left: Gone/)
  await dialog.getByRole('button', { name: 'Revoke grant', exact: true }).click()
  await expect(dialog).toBeHidden()

  await page.goto(address)
  await expect(page.getByText('Resolved', { exact: true }).first()).toBeVisible({ timeout: 30_000 })
  const history = page.getByRole('table', { name: 'History' })
  await expect(history.getByRole('row')).toHaveCount(3)
  await expect(page.getByRole('button', { name: 'Mute' })).toHaveAttribute(
    'aria-description',
    /resolved by itself/,
  )
  await page.goto('/findings?detection=leaver-grant&state=resolved')
  await expect(page.getByRole('table', { name: 'Findings' })).toContainText('Gone Tomorrow')
})

test('a risk is accepted with its owner, another muted, both out of what stands open', async ({
  as,
  server,
}) => {
  const { grantId } = await openLeaver(server, 'Gone Yesterday')
  const page = await as('ada', '/findings?detection=leaver-grant')
  const table = page.getByRole('table', { name: 'Findings' })
  const row = table.getByRole('row', { name: /Gone Yesterday/ })
  await loadUntil(page, row)
  await expectAccessible(page)
  await row.getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Mute findings' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: 'Mute findings' })).toBeDisabled()
  await dialog.getByLabel('Reason').fill('He comes back on Monday')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Mute findings' }).click()
  await expect(dialog).toBeHidden()
  await expect(row).toBeHidden()

  await page.goto('/findings?detection=leaver-grant&state=muted')
  await row.getByRole('link', { name: /Gone Yesterday has left/ }).click()
  await expect(page.getByText('He comes back on Monday').first()).toBeVisible()
  await page.getByRole('button', { name: 'Accept risk' }).click()
  await dialog.getByLabel('Reason').fill('His handover takes a week')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Accept risk' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Accepted', { exact: true }).first()).toBeVisible()
  await expect(page.getByRole('link', { name: 'Ada Okafor' }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Open again' }).click()
  await dialog.getByLabel('Reason').fill('It was not right')
  await dialog.getByRole('button', { name: 'Open finding again' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Open', { exact: true }).first()).toBeVisible()
  await page.goto(`/grants/${grantId}`)
  await expect(page.getByRole('heading', { name: /Gone Yesterday/ })).toBeVisible()
})

test('what is looked for is shown with how much of it is open; a developer is told of none', async ({
  as,
}) => {
  const page = await as('noor', '/findings/detections')
  const table = page.getByRole('table', { name: 'Detections' })
  await expect(table).toContainText('Trust rule that admits forks')
  await table.getByRole('link', { name: /open: Trust rule that admits forks/ }).click()
  await expect(page).toHaveURL(/detection=trust-forks/)
  await expect(page.getByRole('table', { name: 'Findings' })).toContainText('design-system')
  await expectAccessible(page)
  await page.goto('/risk')
  const arithmetic = page.getByRole('table', { name: 'The arithmetic' })
  await expect(arithmetic).toContainText('Trust rule that admits forks')
  await expectAccessible(page)
  const raise = page.getByRole('table', { name: 'What would raise it most' })
  await raise.getByRole('link').first().click()
  await expect(page).toHaveURL(/detection=/)
  const sam = await as('sam', '/findings')
  await expect(sam.getByText(/finding:view/).first()).toBeVisible()
  await expect(
    sam.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Findings' }),
  ).toHaveCount(0)
})

test('a grant without an end is given one: the fix opens the change filled in, and the finding resolves', async ({
  as,
  server,
}) => {
  await openStanding(server, 'Stays Forever')
  const page = await as('ada', '/findings?detection=grant-without-end')
  const row = page
    .getByRole('table', { name: 'Findings' })
    .getByRole('link', { name: /Stays Forever holds/ })
  await loadUntil(page, row)
  await row.click()
  await expect(page.getByRole('heading', { name: 'Privileged grant without an end' })).toBeVisible()
  const address = page.url()
  await page.getByRole('link', { name: 'Set an end' }).click()
  const drawer = page.getByRole('dialog', { name: 'Set an end' })
  await expect(drawer.getByRole('radio', { name: '30 days' })).toBeChecked()
  await expect(drawer).toContainText('Team lead of Stays Forever')
  await expectAccessible(page)
  await drawer.getByRole('button', { name: 'Set end' }).click()
  await expect(drawer).toBeHidden()
  await page.goto(address)
  await expect(page.getByText('Resolved', { exact: true }).first()).toBeVisible({ timeout: 30_000 })
})

test('a context that nobody answers for is given its team, and the finding resolves', async ({
  as,
  server,
}) => {
  const api = await apiAs(server, 'ada')
  await api('POST', '/contexts', { name: 'nobody-answers' })
  const page = await as('ada', '/findings?detection=context-without-owner')
  const row = page.getByRole('table', { name: 'Findings' }).getByRole('link', { name: /nobody-a/ })
  await loadUntil(page, row.first())
  await row.first().click()
  await expect(page.getByRole('heading', { name: 'Context without an owner' })).toBeVisible()
  const address = page.url()
  await page.getByRole('link', { name: 'Name its team' }).click()
  await page.getByRole('combobox', { name: 'Owning team' }).click()
  await page.getByRole('option', { name: 'Payments' }).click()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save context' }).click()
  await expect(page.getByText('Context nobody-answers is saved.')).toBeVisible()
  await page.goto(address)
  await expect(page.getByText('Resolved', { exact: true }).first()).toBeVisible({ timeout: 30_000 })
})
