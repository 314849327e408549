import { apiAs } from './support/api.ts'
import { openFork } from './support/fork.ts'
import { openPipeline } from './support/pipeline.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('an admin allows a flow and stops it: what it changes is told before, the next run is refused, and its decision says why', async ({
  as,
  server,
}) => {
  const pipeline = await openPipeline(server, 'flowing')
  await using _ = pipeline.ci
  const { call } = pipeline
  const vault = await call('segments.create', {
    name: 'Flowing vault',
    tier: 'production',
    cidrs: ['198.51.100.0/24'],
  })
  const release = await call('contexts.create', { name: 'flowing-release', segmentId: vault.id })
  await call('contexts.store', { contextId: release.id, name: 'KEY', value: 'a value' })
  const restriction = { kind: 'project', targetId: pipeline.project.id } as const
  await call('contexts.restrict', { contextId: release.id, restriction })
  const run = () => pipeline.exchange({}, release.name)
  expect((await run()).status).toBe(403)

  const page = await as('ada', '/segments/flows')
  const box = page.getByRole('checkbox', { name: /^From flowing segment to Flowing vault/ })
  await expect(page.getByText('Nothing is changed.')).toBeVisible()
  await box.check()
  const impact = page.getByRole('region', { name: 'What it would have changed' })
  await expect(impact).toContainText('1 by 1 project newly permitted')
  await expect(impact).toContainText('flowing')
  const save = page.getByRole('button', { name: 'Save flows' })
  await expect(save).toBeDisabled()
  await expectAccessible(page)
  await page.getByLabel('Why it is opened').fill('Releases are made by its runs')
  await save.click()
  await expect(page.getByText('The flows are saved.').first()).toBeVisible()
  await expect(page.getByRole('table', { name: 'Allowed flows' })).toContainText(
    'Releases are made by its runs',
  )
  for (let at = 0; at < 2; at++) expect((await run()).status).toBe(200)

  await page.getByRole('link', { name: 'Map', exact: true }).click()
  const arrow = page.getByRole('link', {
    name: 'Flow from flowing segment to Flowing vault, used 2 times in 90 days',
  })
  await arrow.focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/segments\/flows$/)
  await page.goto(`/projects/${pipeline.project.id}/reach`)
  const reached = page.getByRole('table', { name: 'Contexts within reach' })
  await expect(reached).toContainText('flowing segment → Flowing vault')
  await expectAccessible(page)

  await page.goto('/segments/flows')
  await box.uncheck()
  // The two, and the one that was refused before the flow was there: now it would be given.
  await expect(impact).toContainText(/3 of [\d,]+ uses by 1 project in 30 days would now be denied/)
  await save.click()
  await expect(page.getByText('The flows are saved.').first()).toBeVisible()
  const refused = await run()
  expect(refused).toMatchObject({
    status: 403,
    body: { failed: [{ layer: 'segment', actual: 'no such flow' }] },
  })
  await page.goto(String(refused.body['decision']))
  const clause = 'Runs in segment “flowing segment” may reach segment “Flowing vault”'
  await expect(page.getByText(clause).first()).toBeVisible()
  await expect(page.getByText('Allow the flow').first()).toBeVisible()
  await expectAccessible(page)

  await page.goto(`/contexts/${release.id}/try?projectId=${pipeline.project.id}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('flowing-release')
})

test('of two who change the flows at once, the second sees both, and loses nothing', async ({
  as,
  server,
}) => {
  const { call, ci, segment } = await openPipeline(server, 'raced')
  await using _ = ci
  const other = await call('segments.create', { name: 'Raced vault', tier: 'staging' })
  const [mine, theirs] = [await as('ada', '/segments/flows'), await as('ben', '/segments/flows')]
  const boxOf = (page: typeof mine, from: string, to: string) =>
    page.getByRole('checkbox', { name: new RegExp(`^From ${from} to ${to}`) })
  await boxOf(mine, segment.name, other.name).check()
  await mine.getByLabel('Why it is opened').fill('mine')
  await boxOf(theirs, other.name, segment.name).check()
  await theirs.getByLabel('Why it is opened').fill('theirs')
  await theirs.getByRole('button', { name: 'Save flows' }).click()
  await expect(theirs.getByText('The flows are saved.').first()).toBeVisible()
  await mine.getByRole('button', { name: 'Save flows' }).click()
  const dialog = mine.getByRole('dialog')
  await expect(dialog).toContainText('raced segment → Raced vault')
  await expect(dialog).toContainText('Raced vault → raced segment')
  await expectAccessible(mine)
  await dialog.getByRole('button', { name: /mine/i }).click()
  await expect(mine.getByText('The flows are saved.').first()).toBeVisible()
  const { flows } = await call('segments.flows', {})
  expect(flows.filter(({ reason }) => reason === 'mine' || reason === 'theirs')).toHaveLength(2)
})

test('a range of another segment is refused at its field; a path from a fork names what breaks it', async ({
  as,
  server,
}) => {
  const { ci, project, flow } = await openFork(server, 'forked')
  await using _ = ci
  const page = await as('ada', '/segments/new')
  await page.getByLabel('Name').fill('Second staging')
  await page.getByLabel('Address ranges').fill('::ffff:10.40.0.0/112')
  await page.getByRole('button', { name: 'Create segment' }).click()
  await expect(
    page.getByText(/is a range of segment “Staging” already: 10\.40\.0\.0\/16/).first(),
  ).toBeVisible()
  await expectAccessible(page)

  // Of a segment that is there it is told before anything is saved, in the place of what it would count for.
  await page.goto('/segments')
  await page.getByRole('link', { name: 'forked segment' }).click()
  await page.getByRole('link', { name: 'Settings' }).click()
  const ranges = page.getByLabel('Address ranges')
  await ranges.fill('10.99.0.0/16')
  await expect(page.getByText(/^It counts for/)).toBeVisible()
  await ranges.fill('10.40.0.0/16')
  await expect(ranges).toHaveAccessibleDescription(/is a range of segment “Staging” already/)
  await expect(page.getByText(/^It counts for/)).toBeHidden()
  await ranges.fill('10.99.0.0/99')
  await expect(ranges).toHaveAccessibleDescription(/10\.99\.0\.0\/99/)
  await expectAccessible(page)

  await flow(page)
  await page.getByRole('link', { name: 'Fork paths' }).click()
  const paths = page.getByRole('table', { name: 'Paths from forks to production' })
  await expect(paths).toContainText('forked-keys')
  await expect(paths).toContainText('forked segment → forked production')
  await expect(paths).toContainText('No secrets for forks')
  await expect(page.getByRole('region', { name: 'What breaks most of them' })).toContainText(
    /breaks \d+ of \d+ paths/,
  )

  // Of its config nothing was read: that is not known, and never none.
  const untold = page.getByRole('table', { name: 'Projects whose configs do not tell' })
  const unread = untold.getByRole('row').filter({ hasText: 'forked' })
  await expect(unread).toContainText('No config was ever checked')
  await expectAccessible(page)
  await unread.getByRole('link', { name: 'Check a config' }).click()
  await expect(page.getByRole('heading', { name: 'Check a config', level: 1 })).toBeVisible()
  const path = encodeURIComponent('.github/workflows/preview.yml')
  const send = await apiAs(server, 'ada')
  await send('POST', `/pipelines/check?project=${project.id}&path=${path}`, {
    text: `name: Preview
on: pull_request_target
jobs:
  preview:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps: [{run: make preview}]
`,
  })
  await page.goto('/segments/paths')
  const byConfig = paths.getByRole('row').filter({ hasText: 'preview.yml:4' })
  await expect(byConfig).toContainText('preview, by pull_request_target')
  await expect(byConfig).toContainText('forked-keys')
  await expect(unread).toHaveCount(0)
  await expect(page.getByText(/^Removing pull_request_target of .*preview\.yml:4$/)).toBeVisible()
  await expectAccessible(page)
  await byConfig.getByRole('link', { name: /preview\.yml/ }).click()
  await expect(page.getByRole('heading', { name: /preview\.yml/, level: 1 })).toBeVisible()
})

test('on the map no arrow runs through a zone that it does not join, as if it ended and began there', async ({
  as,
}) => {
  const page = await as('ada', '/segments/map')
  const map = page.getByRole('group', { name: 'Segments by tier, with the flows between them' })
  await expect(map.getByRole('link', { name: /^Flow from Build to Production/ })).toHaveCount(1)
  const through = await map.evaluate((drawing) => {
    const zones = [...drawing.querySelectorAll('rect')].map((zone) => zone.getBBox())
    return [...drawing.querySelectorAll<SVGPathElement>('path[marker-end]')].flatMap((arrow) => {
      const points = Array.from({ length: 101 }, (_, at) =>
        arrow.getPointAtLength((arrow.getTotalLength() * at) / 100),
      )
      const inside = points.filter((point) =>
        zones.some(
          ({ x, y, width, height }) =>
            Math.abs(point.x - x - width / 2) < width / 2 - 1 &&
            Math.abs(point.y - y - height / 2) < height / 2 - 1,
        ),
      )
      return inside.length > 0 ? [`${arrow.parentElement?.getAttribute('aria-label')}`] : []
    })
  })
  expect(through).toEqual([])
  await expectAccessible(page)
})
