import { brush } from './support/brush.ts'
import { openLeaver } from './support/leaver.ts'
import { expectFound } from './support/finding.ts'
import { expect, expectAccessible, loadUntil, test } from './support/test.ts'

test('Ada goes from what would raise the score most to the worst finding and its fix, and sees the score move', async ({
  as,
  server,
}) => {
  test.slow()
  await openLeaver(server, 'Gone Already')
  await expectFound(server, 'leaver-grant', /Gone Already has left/)
  const ada = await as('ada', '/risk')
  const raise = ada.getByRole('table', { name: 'What would raise it most' })
  await expect(raise.getByRole('link').first()).toBeVisible()
  // What of the score leavers cost: what else is found meanwhile, of what others of this worker did, moves the whole as well.
  const line = ada
    .getByRole('table', { name: 'The arithmetic' })
    .getByRole('row')
    .filter({ hasText: 'Grant of somebody who has left' })
  const takes = async () =>
    Number((await line.getByRole('cell').last().textContent())?.replace('−', ''))
  const before = await takes()
  expect(before).toBeGreaterThan(0)
  await line.getByRole('link').click()
  await ada
    .getByRole('table', { name: 'Findings' })
    .getByRole('link', { name: /Gone Already has left/ })
    .click()
  await ada.getByRole('link', { name: 'Revoke grant' }).click()
  const dialog = ada.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Revoke grant', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(async () => {
    await ada.goto('/risk')
    await expect(ada.getByText(/ of 100$/).first()).toBeVisible({ timeout: 5_000 })
    expect(await takes()).toBeLessThan(before)
  }).toPass({ timeout: 60_000 })

  await ada.getByRole('navigation', { name: 'Risk' }).getByRole('link', { name: 'Trends' }).click()
  const moved = ada.getByRole('table', { name: 'What moved it' })
  await expect(moved.getByRole('row').nth(1)).toBeVisible()
  // The score is of this moment; that the finding has gone is seen when it is looked at next.
  await expect(async () => {
    await ada.reload()
    await ada.getByRole('button', { name: /^Show all/ }).click({ timeout: 5_000 })
    await expect(moved.getByText('Resolved').first()).toBeVisible({ timeout: 5_000 })
  }).toPass({ timeout: 60_000 })
  // Others of this worker may have left as well.
  const gone = moved.getByRole('row', { name: /Resolved.*has left/ }).first()
  await expect(gone.getByText(/^\+\d/)).toBeVisible()
  await expectAccessible(ada)
})

test('Noor brushes one time over all charts, reads a chart as a table, takes it away and prints', async ({
  as,
}) => {
  const noor = await as('noor', '/risk/trends')
  const refusals = noor.getByRole('img', { name: /^Refusals, by cause: / })
  await expect(refusals.locator('svg')).toBeVisible()
  await expect(noor.getByRole('img', { name: /^Privileged grants, standing/ })).toBeVisible()
  await expect(noor.getByRole('img', { name: /^Access requests, asked/ })).toBeVisible()
  await expect(noor.getByText(/Half of the answers came within/)).toBeVisible()
  await expectAccessible(noor)
  await brush(refusals, 0.75, 0.95)
  await expect(noor).toHaveURL(/from=.*&until=/)
  const address = noor.url()
  await noor.reload()
  await expect(noor).toHaveURL(address)
  const figure = noor.getByRole('figure').filter({ hasText: 'Refusals, by cause' })
  await figure.getByRole('button', { name: 'Show table' }).click()
  await expect(noor.getByRole('region', { name: 'Refusals, by cause, as a table' })).toBeVisible()
  const file = noor.waitForEvent('download')
  await figure.getByRole('button', { name: 'Download CSV' }).click()
  expect((await file).suggestedFilename()).toBe('refusals-by-cause.csv')
  // The one time goes with whoever goes on, and the heat map says what it knows of it.
  await noor
    .getByRole('navigation', { name: 'Risk' })
    .getByRole('link', { name: 'Exposure' })
    .click()
  await expect(noor).toHaveURL(/\/risk\/exposure\?from=.*&until=/)
  const heat = noor
    .getByRole('region', { name: 'Open findings, by project and kind of risk' })
    .first()
  await expect(heat).toContainText(
    /Unavailable.*Findings are looked for here since \d{4}-\d\d-\d\d/,
  )
  await expect(noor.getByText(/Its change: of another time/)).toBeVisible()
  await noor.goto('/risk/trends')
  await expect(
    noor.getByRole('img', { name: /^Lines of access reviews, by what was decided/ }),
  ).toBeVisible()
  await expect(noor.getByRole('link', { name: /^Reviews past their day/ })).toBeVisible()
  const moved = noor.waitForEvent('download')
  await noor.getByRole('button', { name: 'Download CSV: What moved it' }).click()
  expect((await moved).suggestedFilename()).toBe('what-moved-it.csv')
  await expect(refusals.locator('svg')).toBeVisible()
  await noor.emulateMedia({ media: 'print' })
  await expect(noor.getByRole('navigation', { name: 'Console' })).toBeHidden()
  // The sheet says which time it is of, keeps the colours of its legends, and is as wide as its charts.
  await expect(noor.getByText(/^From \d.* UTC until \d.* UTC$/)).toBeVisible()
  await expect(
    noor.getByRole('list', { name: 'Series' }).first().locator('span').first(),
  ).toHaveCSS('print-color-adjust', 'exact')
  await noor.evaluate(() => dispatchEvent(new Event('beforeprint')))
  await expect.poll(async () => (await refusals.locator('svg').boundingBox())?.width).toBe(690)
  await noor.evaluate(() => dispatchEvent(new Event('afterprint')))
  expect((await noor.pdf({ format: 'A4' })).subarray(0, 4).toString()).toBe('%PDF')
})

test('a time that ends before it begins is told on every page that is over time', async ({
  as,
}) => {
  const ada = await as('ada')
  const pages = ['/audit', '/decisions', '/decisions/map', '/checks', '/risk/trends']
  for (const page of pages) {
    await ada.goto(`${page}?from=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z`)
    await expect(ada.getByRole('alert').first()).toContainText('`from` must lie before `until`.')
  }
})

test('the matrices lead to the lists behind them; a lead sees theirs, a developer none', async ({
  as,
}) => {
  const ada = await as('ada', '/risk/exposure')
  const heat = ada.getByRole('table', { name: 'Open findings, by project and kind of risk' })
  await expect(heat.getByRole('link').first()).toBeVisible({ timeout: 30_000 })
  await loadUntil(
    ada,
    ada.getByRole('table', { name: 'Secrets, by age and by how many projects reach them' }),
  )
  await expectAccessible(ada)
  const file = ada.waitForEvent('download')
  await ada.getByRole('button', { name: /Download CSV: Secrets, by age/ }).click()
  expect((await file).suggestedFilename()).toMatch(/^secrets-by-age/)
  await heat.getByRole('link').first().click()
  await expect(ada).toHaveURL(/\/findings\?project=.*&risk=CICD-SEC-\d+/)
  await expect(ada.getByRole('table', { name: 'Findings' }).getByRole('row').nth(1)).toBeVisible()

  const lin = await as('lin', '/risk')
  // She sees no organization: it begins with a segment of hers.
  await expect(lin.getByText(/ of 100$/).first()).toBeVisible()
  await expect(lin.getByRole('search').getByText('Segment', { exact: true })).toBeVisible()
  await lin.getByRole('navigation', { name: 'Risk' }).getByRole('link', { name: 'Trends' }).click()
  await expect(lin.getByText(/^Score of segment .+ of 100 at its end/)).toBeVisible()
  await expect(lin.getByRole('alert')).toHaveCount(0)
  await lin
    .getByRole('navigation', { name: 'Risk' })
    .getByRole('link', { name: 'Exposure' })
    .click()
  await expect(
    lin.getByRole('table', { name: 'Open findings, by project and kind of risk' }),
  ).toBeVisible()
  const sam = await as('sam', '/risk/exposure')
  await expect(sam.getByText(/finding:view/).first()).toBeVisible()
})
