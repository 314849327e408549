import { apiAs } from './support/api.ts'
import { brush } from './support/brush.ts'
import { letPass } from './support/past.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('what just happened is found, read and proved in the browser', async ({ as }) => {
  const page = await as('ada', '/contexts/new')
  await page.getByLabel('Name', { exact: true }).fill('proved')
  await page.getByRole('button', { name: 'Create context' }).click()
  await expect(page.getByRole('heading', { name: 'proved', level: 1 })).toBeVisible()
  await page.getByRole('link', { name: 'Audit trail' }).click()
  await page.getByRole('combobox', { name: 'Search events' }).fill('action:contexts.create proved')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/q=/)
  const row = page.getByRole('row').filter({ hasText: 'proved' })
  await expect(row).toHaveCount(1)
  await expectAccessible(page)
  await row.click()
  const drawer = page.getByRole('dialog', { name: /Event/ })
  await expect(drawer.getByText('Verified in this browser')).toBeVisible({ timeout: 20_000 })
  await expectAccessible(page)
})

test('the trail is followed live, with a pause', async ({ as }) => {
  const page = await as('ada', '/audit')
  await page.getByRole('button', { name: 'Follow live events' }).click()
  const other = await page.context().newPage()
  await other.goto('/contexts/new')
  await other.getByLabel('Name', { exact: true }).fill('seen-live')
  await other.getByRole('button', { name: 'Create context' }).click()
  await expect(other.getByRole('heading', { name: 'seen-live', level: 1 })).toBeVisible()
  const created = page.getByRole('row', { name: /contexts\.create seen-live/ })
  await expect(created).toBeVisible({ timeout: 15_000 })
})

test('a search is kept as a view, and every checkpoint continues the one before', async ({
  as,
}) => {
  const page = await as('ada', '/audit?q=outcome%3Apermitted')
  await page.getByRole('button', { name: 'Save view' }).click()
  await page.getByLabel('Name of the view').fill('What was permitted')
  await page.getByRole('button', { name: 'Save', exact: false }).last().click()
  await expect(page.getByLabel('Name of the view')).toHaveCount(0)
  await page.goto('/audit')
  await page.getByRole('button', { name: 'Saved views' }).click()
  await page.getByRole('menuitem', { name: 'What was permitted', exact: true }).click()
  await expect(page).toHaveURL(/outcome/)
  await page.goto('/audit/checkpoints')
  await page.getByRole('button', { name: 'Prove consistency' }).click()
  await expect(page.getByText('The newest continues the oldest shown')).toBeVisible({
    timeout: 15_000,
  })
  await expectAccessible(page)
})

test('what has left the record is told where it is signed, with the pack that keeps it and the event that says so', async ({
  as,
  server,
}) => {
  await letPass(
    server,
    `insert into record_pruned
     select 256, 0, now() - interval '400 days', repeat($1, 32), now(), event_id
     from audit_entry order by leaf_index desc limit 1`,
    ['ab'],
  )
  const page = await as('noor', '/audit/checkpoints')
  const note = page.getByRole('note')
  await expect(note).toContainText('Events 0 to 255')
  await expect(note).toContainText('their hashes stay, and every proof with them.')
  await expectAccessible(page)
  await note.getByRole('link').click()
  await expect(page).toHaveURL(/\/audit\/[0-9a-f-]{36}$/)
})

test('a time that is brushed over the chart holds the last of its bars', async ({ as, server }) => {
  const page = await as('noor', '/audit')
  const chart = page.getByRole('img', { name: /Events, by outcome/ })
  await brush(chart, 0.5, 0.99)
  await expect(page).toHaveURL(/from=.*until=/)
  const until = new URL(page.url()).searchParams.get('until') ?? ''
  const api = await apiAs(server, 'noor')
  const { items } = (await api('GET', '/audit?limit=1')) as { items: { occurredAt: string }[] }
  expect(Date.parse(until)).toBeGreaterThan(Date.parse(items[0]?.occurredAt ?? ''))
  await expect(
    page.getByRole('table', { name: 'Audit events' }).getByRole('row').nth(1),
  ).toBeVisible()
  // Let go of below the chart, it ends at the last bar it was over.
  await brush(chart, 0.25, 0.75, { below: 20 })
  await expect(page).not.toHaveURL(new RegExp(encodeURIComponent(until)))
})
