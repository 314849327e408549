import { openPipeline } from './support/pipeline.ts'
import { apiAs } from './support/api.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('from the refusal of a run a developer asks for two hours, an admin gives one, and it is over when they say so', async ({
  as,
  server,
}) => {
  test.slow()
  const pipeline = await openPipeline(server, 'excepted')
  await using _ = pipeline.ci
  const { exchange, project, context, call } = pipeline
  const me = (await (await apiAs(server, 'sam'))('GET', '/me')) as { id: string }
  const { items } = await call('roles.list', { limit: 50 })
  await call('grants.create', {
    roleId: items.find(({ name }) => name === 'Developer')?.id ?? '',
    subject: { kind: 'person', id: me.id },
    scope: { kind: 'project', id: project.id },
    reason: 'works on it',
  })
  const hotfix = { ref: 'refs/heads/hotfix/7' }
  const refused = await exchange(hotfix)
  expect(refused.status).toBe(403)
  const [link = ''] = /\/decisions\/[0-9a-f-]{36}/.exec(JSON.stringify(refused.body)) ?? []

  const sam = await as('sam', link)
  const ask = sam.getByRole('region', { name: 'Have it admitted for a time' })
  await expect(ask).toContainText('hotfix/7')
  await expect(ask.getByRole('button', { name: 'Ask for exception' })).toBeDisabled()
  // What it would have permitted: this one refusal.
  const told = ask.getByRole('region', { name: 'What it would have permitted' })
  await expect(told).toContainText(
    'Of 1 refusal of these runs in 30 days it would have permitted 1.',
  )
  const newest = told.getByRole('list', { name: 'What it would have permitted' })
  await expect(newest.getByRole('link', { name: /^refused/ })).toHaveCount(1)
  await ask.getByLabel('Reason').fill('The hotfix must ship tonight')
  await expectAccessible(sam)
  await ask.getByRole('button', { name: 'Ask for exception' }).click()
  await expect(sam.getByRole('heading', { name: 'excepted in excepted-secrets' })).toBeVisible()
  await expect(sam.getByText('Waits')).toBeVisible()
  expect((await exchange(hotfix)).status).toBe(403)

  const ada = await as('ada', '/inbox')
  const waiting = ada.getByRole('region', { name: 'Exceptions to decide on' })
  await waiting.getByRole('link', { name: /excepted may use excepted-secrets/ }).click()
  // It is of the requests, and one gets back to where they are listed.
  const crumbs = ada.getByRole('navigation', { name: 'Breadcrumbs' })
  await expect(crumbs.getByRole('listitem')).toHaveText([
    'Requests',
    'Exceptions',
    'excepted in excepted-secrets',
  ])
  const places = ada.getByRole('navigation', { name: 'Console' })
  await expect(places.locator('[aria-current="page"]')).toHaveText('Requests')
  const decide = ada.getByRole('region', { name: 'Decide', exact: true })
  await expect(decide).toContainText('forks and reruns with SSH stay out')
  // The run was refused again since, and would have been permitted both times.
  await expect(decide).toContainText(
    'Of 2 refusals of these runs in 30 days it would have permitted 2.',
  )
  await expectAccessible(ada)
  await decide.getByLabel('Lasts').fill('1')
  await decide.getByRole('button', { name: 'Approve shorter' }).click()
  await expect(ada.getByText('Active')).toBeVisible()
  expect((await exchange(hotfix)).status).toBe(200)
  expect((await exchange({ ref: 'refs/heads/hotfix/8' })).status).toBe(403)

  // Whoever asked sees it, with what it admitted, and ends it by one press.
  await sam.goto('/exceptions?which=mine')
  const row = sam.getByRole('row').filter({ hasText: 'hotfix/7' })
  await expect(row).toContainText('Active')
  await expectAccessible(sam)
  await row.getByRole('link', { name: /hotfix\/7/ }).click()
  await sam.getByRole('button', { name: 'End exception now' }).click()
  await expect(sam.getByText('Ended early')).toBeVisible()
  expect((await exchange(hotfix)).status).toBe(403)
  await ada.goto(`/decisions?action=context%3Ause&context=${context.id}`)
  // Permitted, but for a policy that is tried only.
  await ada
    .getByRole('row', { name: /Would be denied/ })
    .first()
    .click()
  await expect(ada.getByText(/Sam .* asked for and Ada .* approved/)).toBeVisible()
})
