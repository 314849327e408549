import { openPipeline } from './support/pipeline.ts'
import { brush } from './support/brush.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('the link in a job’s log opens why it was refused, and leads to trying it otherwise', async ({
  as,
  server,
}) => {
  const pipeline = await openPipeline(server, 'explained')
  await using _ = pipeline.ci
  const refused = await pipeline.exchange({ ref: 'refs/heads/release/2' })
  expect(refused).toMatchObject({ status: 403, body: { code: 'use_denied' } })
  // Whoever opens it signs in first, and lands there.
  const link = String(refused.body['decision'])
  const page = await as('ada', new URL(link).pathname)
  const failed = page.getByRole('list', { name: 'What stood in the way' })
  await expect(failed.getByRole('listitem')).toHaveCount(1)
  await expect(failed).toContainText('pipeline.git.branch == "main"')
  await expect(failed).toContainText('release/2')
  await expect(page.getByText('The smallest change that would permit it')).toBeVisible()
  // Before the whole trace, which has the rule and what was decided on.
  const trace = page.getByRole('list', { name: 'How it was decided' })
  await expect(trace.getByRole('link', { name: 'explained by name' })).toBeVisible()
  const [first, second] = [await failed.boundingBox(), await trace.boundingBox()]
  expect(first?.y).toBeLessThan(second?.y ?? 0)
  await expectAccessible(page)

  await page.getByRole('link', { name: 'Try it otherwise' }).click()
  await expect(page.getByRole('heading', { name: 'Simulator', level: 1 })).toBeVisible()
  await expect(page.getByLabel('Branch', { exact: true })).toHaveValue('release/2')
  await page.getByRole('button', { name: 'Try run' }).click()
  const table = page.getByRole('table', { name: 'Truth of every clause' })
  const row = table.getByRole('row').filter({ hasText: 'pipeline.git.branch == "main"' })
  await expect(row).toContainText('False')
  await expect(row).toContainText('release/2')
  await expectAccessible(page)
  await page.getByLabel('Branch', { exact: true }).fill('main')
  await page.getByRole('button', { name: 'Try run' }).click()
  await expect(row).toContainText('True')
  await expect(page.getByText('Nothing stands in the way.')).toBeVisible()
  await expect(page).toHaveURL(/branch=main/)
})

test('a developer whom the log’s link brings sees the same explanation', async ({ as, server }) => {
  const pipeline = await openPipeline(server, 'developed')
  await using _ = pipeline.ci
  const refused = await pipeline.exchange({ ref: 'refs/heads/other' })
  const people = await pipeline.call('people.list', { search: 'Sam' })
  await pipeline.call('grants.create', {
    roleId: '00000000-0000-7000-8000-000000000004',
    subject: {
      kind: 'person',
      id: people.items.find(({ email }) => email?.startsWith('sam@'))?.id ?? '',
    },
    scope: { kind: 'project', id: pipeline.project.id },
    reason: 'works on it',
  })
  const page = await as('sam', new URL(String(refused.body['decision'])).pathname)
  await expect(page.getByRole('list', { name: 'What stood in the way' })).toContainText('other')
  await expectAccessible(page)
})

test('the simulator takes its facts from a token that stays in the browser', async ({
  as,
  server,
}) => {
  const pipeline = await openPipeline(server, 'imagined')
  await using _ = pipeline.ci
  const page = await as('ada', `/decisions/simulator?contextId=${pipeline.context.id}`)
  const sent: string[] = []
  page.context().on('request', (request) => sent.push(request.url(), request.postData() ?? ''))
  const token = await pipeline.token({ ref: 'refs/tags/v1', marker: 'stays-here' })
  await page.getByLabel(/facts from a token/).fill(token)
  await expect(page.getByLabel('Tag', { exact: true })).toHaveValue('v1')
  await expect(page.getByRole('combobox', { name: 'Project' })).toHaveValue('imagined')
  await page.getByRole('button', { name: 'Try run' }).click()
  const table = page.getByRole('table', { name: 'Truth of every clause' })
  await expect(table).toContainText('imagined by name')
  await expect(
    table.getByRole('row').filter({ hasText: 'pipeline.git.branch == "main"' }),
  ).toContainText('Unknown')
  await expectAccessible(page)
  const all = sent.join('\n')
  for (const secret of [...token.split('.'), 'stays-here']) expect(all).not.toContain(secret)
  // The control: the facts were sent.
  expect(all).toContain('"tag":"v1"')
})

test('decisions are narrowed by the chart and by the map of projects and contexts', async ({
  as,
}) => {
  const page = await as('ada', '/decisions')
  await expect(page.getByRole('img', { name: /Decisions, by outcome/ })).toBeVisible()
  await page.getByRole('button', { name: 'Show table' }).click()
  await expect(
    page
      .getByRole('region', { name: /as a table/ })
      .getByRole('row')
      .nth(1),
  ).toBeVisible()
  await page.getByRole('button', { name: 'Show chart' }).click()
  await expectAccessible(page)
  const chart = page.getByRole('img', { name: /Decisions, by outcome/ })
  // A day of several bars is named once.
  const named = await chart.locator('.recharts-xAxis-tick-labels text').allTextContents()
  expect(named.length).toBeGreaterThan(2)
  expect(named).toEqual([...new Set(named)])
  await brush(chart, 0.5, 0.8)
  await expect(page).toHaveURL(/from=.*until=/)

  await page.goto('/decisions/map')
  const map = page.getByRole('table', { name: /decisions by project and context/ })
  await expect(map).toBeVisible()
  await expectAccessible(page)
  const cell = map.getByRole('link').first()
  const label = (await cell.getAttribute('aria-label')) ?? ''
  const [, count = ''] = /: ([\d,]+) denied of/.exec(label) ?? []
  await cell.click()
  await expect(page).toHaveURL(/context=.*outcome=denied.*project=/)
  await expect(page.getByText(`${count} match`)).toBeVisible()
})

test('a filter that is opened before its choices are there keeps the keyboard', async ({ as }) => {
  const page = await as('ada')
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  await page.route('**/api/v1/decisions/facets*', async (route) => {
    asked.resolve()
    await answered.promise
    await route.continue()
  })
  await page.goto('/decisions')
  await asked.promise
  await page.getByRole('button', { name: 'Outcome' }).first().press('Enter')
  const nothing = page.getByRole('menuitem', { name: 'Nothing to choose from' })
  await expect(nothing).toBeFocused()
  answered.resolve()
  const denied = page.getByRole('menuitem', { name: /Denied/ })
  await expect(denied).toBeVisible()
  await expect(page.getByRole('menuitem').first()).toBeFocused()
})

test('a printed list has every row that was loaded and every column, also from a narrow window', async ({
  as,
}) => {
  const noor = await as('noor', '/decisions')
  const table = noor.getByRole('table', { name: 'Decisions' })
  await expect(table.getByRole('row').nth(20)).toBeVisible()
  await noor.setViewportSize({ width: 768, height: 900 })
  const why = table.getByRole('columnheader', { name: 'Why' })
  await expect(why).toBeHidden()
  // In the order of a browser: a list that is told of no printing sees a window as long as the sheet, and loads on.
  await noor.evaluate(() => dispatchEvent(new Event('beforeprint')))
  await noor.emulateMedia({ media: 'print' })
  await expect(why).toBeVisible()
  await expect(table.getByRole('row')).toHaveCount(101)
  await noor.emulateMedia({ media: 'screen' })
  await noor.evaluate(() => dispatchEvent(new Event('afterprint')))
  await expect(table.getByRole('row')).not.toHaveCount(101)
})
