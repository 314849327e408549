import { builtInRoles } from '../src/contract/built-in-roles.ts'
import { apiAs } from './support/api.ts'
import { expectResolved, openFinding } from './support/finding.ts'
import { letPass } from './support/past.ts'
import { openPipeline } from './support/pipeline.ts'
import { expect, expectAccessible, test } from './support/test.ts'

interface Named {
  readonly id: string
  readonly name: string
  readonly email: string
}

test('what a dormant person holds is chosen for revoking, with the reason, and nothing else is', async ({
  as,
  server,
}) => {
  const ada = await apiAs(server, 'ada')
  const name = 'Asleep For Months'
  await ada('POST', '/people/import', { csv: `email,name\nasleep@meridian.example,${name}\n` })
  const { items } = (await ada('GET', `/people?search=${encodeURIComponent(name)}`)) as {
    items: { id: string }[]
  }
  const id = items[0]?.id ?? ''
  await letPass(
    server,
    "update person set created_at = now() - interval '100 days' where id = $1",
    [id],
  )
  for (const { id: roleId } of [builtInRoles.developer, builtInRoles.auditor]) {
    const subject = { kind: 'person', id }
    const scope = { kind: 'organization' }
    await ada('POST', '/grants', { roleId, subject, scope, reason: 'For a while' })
  }
  const page = await as('ada')
  const finding = await openFinding(server, page, 'dormant-access', /^Asleep For Months/)
  await page.getByRole('link', { name: 'Take away what they hold' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revoke 2 grants' })
  await expect(dialog.getByLabel('Reason')).toHaveValue(/Dormant person with access: Asleep For/)
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Revoke grants', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('note')).toContainText('Nothing is granted to them directly')
  await expectAccessible(page)
  await expectResolved(page, finding)
})

test('who has left, or is dormant, and holds something by a team is taken out of the team', async ({
  as,
  server,
}) => {
  const ada = await apiAs(server, 'ada')
  const people = ['Gone From Team', 'Asleep In Team', 'Awake In Team']
  const email = (name: string) => `${name.toLowerCase().replaceAll(' ', '.')}@meridian.example`
  const rows = people.map((name) => `${email(name)},${name},Old hands`)
  await ada('POST', '/people/import', { csv: ['email,name,team', ...rows].join('\n') })
  const one = async (path: string, name: string) => {
    const asked = `${path}?search=${encodeURIComponent(name)}`
    return ((await ada('GET', asked)) as { items: { id: string }[] }).items[0]?.id ?? ''
  }
  const [gone, asleep] = [await one('/people', 'Gone From'), await one('/people', 'Asleep In')]
  await letPass(
    server,
    "update person set created_at = now() - interval '100 days' where id = $1",
    [asleep],
  )
  await ada('POST', '/grants', {
    roleId: builtInRoles.developer.id,
    subject: { kind: 'team', id: await one('/teams', 'Old hands') },
    scope: { kind: 'organization' },
    reason: 'What its members do',
  })
  await ada('PATCH', `/people/${gone}`, { state: 'left' }, { 'if-match': '"1"' })
  const page = await as('ada')
  const leaver = await openFinding(server, page, 'leaver-team', /^Gone From Team has left/)
  await expect(page.getByText('leaver-team', { exact: true })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Take them out of the team' }).click()
  const form = page.locator('form').filter({ hasText: 'Leads' })
  const save = async (name: string) => {
    await expect(form.getByRole('note')).toHaveText(
      `${name} is no member any more once the team is saved.`,
    )
    await expect(form.getByText('Awake In Team').first()).toBeVisible()
    await expectAccessible(page)
    await form.getByRole('button', { name: 'Save team' }).click()
    await expect(page.getByText('Team Old hands is saved.').first()).toBeVisible()
  }
  await save('Gone From Team')
  await expectResolved(page, leaver)

  const dormant = await openFinding(server, page, 'dormant-access', /^Asleep In Team never/)
  await page.getByRole('link', { name: 'Take away what they hold' }).click()
  await save('Asleep In Team')
  await expectResolved(page, dormant)
})

test('a role that nobody holds is asked to be deleted; a context is given the team that owns what uses it', async ({
  as,
  server,
}) => {
  const { ci, project, context, call } = await openPipeline(server, 'orphan-shop')
  await using _ = ci
  const ada = await apiAs(server, 'ada')
  const made = { description: '', permissions: ['context:view'] }
  const role = (await ada('POST', '/roles', { ...made, name: 'Held by nobody' })) as { id: string }
  await letPass(server, "update role set created_at = now() - interval '40 days' where id = $1", [
    role.id,
  ])
  await ada('PATCH', `/roles/${role.id}`, { description: 'Left over' }, { 'if-match': '"1"' })
  const page = await as('ada')
  const unheld = await openFinding(server, page, 'role-unheld', /^Nobody holds Held by nobody/)
  await page.getByRole('link', { name: 'Delete the role' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete Held by nobody' })
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Delete role' }).click()
  await expect(page).toHaveURL(/\/roles$/)
  await expectResolved(page, unheld)

  const teams = await call('teams.list', { search: 'Payments' })
  const teamId = teams.items.find(({ name }) => name === 'Payments')?.id
  await ada('PATCH', `/projects/${project.id}`, { teamId }, { 'if-match': '"1"' })
  await call('contexts.restrict', {
    contextId: context.id,
    restriction: { kind: 'project', targetId: project.id },
  })
  const ownerless = await openFinding(server, page, 'context-without-owner', /owns orphan-shop/)
  await expect(page.getByRole('table', { name: 'What proves it' })).toContainText(
    'owns 1 of the projects that may use it',
  )
  await page.getByRole('link', { name: 'Name its team' }).click()
  await expect(page.getByRole('combobox', { name: 'Owning team' })).toHaveValue('Payments')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save context' }).click()
  await expect(page.getByText('Context orphan-shop-secrets is saved.').first()).toBeVisible()
  await expectResolved(page, ownerless)
})

test('a context that nothing may use is restricted to the project whose runs were refused; a policy that applies to nothing is deleted', async ({
  as,
  server,
}) => {
  const { ci, context, project, exchange, call } = await openPipeline(server, 'closed-shop')
  await using _ = ci
  const { items, version } = await call('contexts.restrictions', { contextId: context.id })
  const ada = await apiAs(server, 'ada')
  const restriction = `/contexts/${context.id}/restrictions/${items[0]?.id}`
  await ada('DELETE', restriction, undefined, { 'if-match': `"${version}"` })
  expect((await exchange()).status).toBe(403)
  const page = await as('ada')
  const closed = await openFinding(server, page, 'context-closed', /^closed-shop-secrets keeps 1/)
  await page.getByRole('link', { name: 'Say who may use it, or delete it' }).click()
  const drawer = page.getByRole('dialog', { name: 'Add restriction' })
  await expect(drawer).toContainText('1 by 1 project newly permitted')
  await expect(drawer.getByRole('combobox', { name: 'Project' })).toHaveValue(project.name)
  await expectAccessible(page)
  await drawer.getByLabel('Why it is opened').fill('It deploys the shop')
  await drawer.getByRole('button', { name: 'Add restriction', exact: true }).click()
  await expect(drawer).toBeHidden()
  await expectResolved(page, closed)
  expect((await exchange()).status).toBe(200)

  const policy = await call('policies.create', {
    name: 'Speaks of nothing',
    text: 'forbid (principal, action == Sallyport::Action::"segment:delete", resource) when { false };',
  })
  const path = `/policies/${policy.id}`
  await ada('POST', `${path}/mode`, { mode: 'evaluate' }, { 'if-match': '"1"' })
  await letPass(
    server,
    `insert into policy_usage (policy_id, policy_version, days, applies, denies, statements, computed_at)
     values ($1, 1, 90, 0, 0, '[]', now())
     on conflict (policy_id) do update set applies = 0, denies = 0`,
    [policy.id],
  )
  await ada('PATCH', path, { description: 'Of old' }, { 'if-match': '"2"' })
  const idle = await openFinding(server, page, 'policy-never-applies', /^Speaks of nothing applied/)
  await page.getByRole('link', { name: 'Take it out of use' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete Speaks of nothing' })
  await expectAccessible(page)
  await dialog.getByLabel(/to confirm/).fill('Speaks of nothing')
  await dialog.getByRole('button', { name: 'Delete policy' }).click()
  await expect(page).toHaveURL(/\/policies$/)
  await expectResolved(page, idle)
})

test('the sessions of somebody who was seen from a new network are ended at once', async ({
  as,
  server,
}) => {
  const sam = await as('sam')
  await expect(sam.getByRole('heading', { level: 1 }).first()).toBeVisible()
  const ada = await apiAs(server, 'ada')
  const { items } = (await ada('GET', '/people?search=Sam')) as { items: Named[] }
  const { id, name, email } = items.find((one) => one.email.startsWith('sam@')) as Named
  await letPass(
    server,
    `insert into network_seen
     select 'person', $1::uuid, network::cidr, since, now(), 9
     from (values ('198.51.100.0/24', now() - interval '40 days'), ('203.0.113.0/24', now())) seen(network, since)
     on conflict do nothing`,
    [id],
  )
  await ada('POST', '/people/import', { csv: `email,name,title\n${email},${name},Traveller\n` })
  const page = await as('ada')
  await openFinding(server, page, 'person-new-network', new RegExp(`^${name} was served from`))
  await page.getByRole('link', { name: 'End their sessions' }).click()
  await expect(page).toHaveURL(new RegExp(`/people/${id}/sessions\\?end=true$`))
  const dialog = page.getByRole('dialog', { name: 'End all sessions' })
  await expect(dialog).toContainText(name)
  await expectAccessible(page)
  await dialog.getByRole('checkbox', { name: 'Revoke the API tokens too' }).check()
  await dialog.getByRole('button', { name: 'End sessions' }).click()
  await expect(page.getByText(new RegExp(`^\\d+ sessions?.* of ${name} ended\\.$`))).toBeVisible()
  await expect(page.getByText('No sessions', { exact: true })).toBeVisible()
  await sam.getByRole('link', { name: 'API tokens' }).click()
  await expect(sam.getByText('Your session has ended')).toBeVisible()
})

test('a review whose lines were all kept at one moment is started again, of the same and by others', async ({
  as,
  server,
}) => {
  const ada = await apiAs(server, 'ada')
  const lin = await apiAs(server, 'lin')
  const idOf = async (answer: Promise<unknown>) => ((await answer) as { id: string }).id
  const segmentId = await idOf(ada('POST', '/segments', { name: 'Old lab', tier: 'build' }))
  const names = Array.from({ length: 10 }, (_, nth) => `Never Here ${nth}`)
  const rows = names.map((name, nth) => `never${nth}@meridian.example,${name}`)
  await ada('POST', '/people/import', { csv: ['email,name', ...rows].join('\n') })
  const { items } = (await ada('GET', '/people?search=Never%20Here')) as { items: Named[] }
  for (const { id } of items) {
    await ada('POST', '/grants', {
      roleId: builtInRoles.developer.id,
      subject: { kind: 'person', id },
      scope: { kind: 'segment', id: segmentId },
      reason: 'For the lab',
    })
  }
  const ids = `{${items.map(({ id }) => id).join(',')}}`
  for (const long of [
    "update person set created_at = now() - interval '40 days' where id = any($1::uuid[])",
    "update access_grant set granted_at = now() - interval '40 days' where person_id = any($1::uuid[])",
  ]) {
    await letPass(server, long, [ids])
  }
  const [adaId, linId] = [await idOf(ada('GET', '/me')), await idOf(lin('GET', '/me'))]
  const reviewId = await idOf(
    ada('POST', '/reviews', {
      name: 'The old lab',
      scope: { kind: 'segment', scopeId: segmentId },
      reviewers: 'named',
      people: [linId],
      fallback: [adaId],
      dueAt: new Date(Date.now() + 7 * 86_400_000).toISOString(),
    }),
  )
  // What is about Lin herself falls to Ada.
  for (const who of [lin, ada]) {
    const mine = (await who('GET', `/reviews/${reviewId}/lines?mine=true&limit=200`)) as {
      items: { id: string; version: number }[]
    }
    await who('POST', `/reviews/${reviewId}/decide`, {
      lines: mine.items.map(({ id: lineId, version }) => ({ lineId, version })),
      decision: 'keep',
      justification: 'As ever',
    })
  }
  await ada('POST', `/reviews/${reviewId}/sign-off`, undefined, { 'if-match': '"1"' })
  const page = await as('ada')
  const finding = await openFinding(server, page, 'review-waved-through', /^Lin .* kept all/)
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Review it again' }).click()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('The old lab, again')
  await expect(page.getByRole('radio', { name: 'Segment' })).toBeChecked()
  await expect(page.getByText('Name who reviews.')).toBeVisible()
  await page.getByRole('combobox', { name: 'People who review' }).fill('Ada')
  await page.getByRole('option', { name: /Ada Okafor/ }).click()
  await page.keyboard.press('Escape')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Start access review' }).click()
  await expect(page.getByRole('heading', { name: 'The old lab, again' })).toBeVisible()
  await expectResolved(page, finding)
})
