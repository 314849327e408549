import type { Page } from '@playwright/test'
import { apiAs } from './support/api.ts'
import { expectResolved, openFinding } from './support/finding.ts'
import { openFork } from './support/fork.ts'
import { letPass } from './support/past.ts'
import { openPipeline } from './support/pipeline.ts'
import { expect, expectAccessible, test } from './support/test.ts'

async function saveRule(page: Page): Promise<void> {
  await expect(page.getByText('It counts for the next token that is shown.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'What it would have changed' })).toContainText(
    /No |would|0 of/,
  )
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save trust rule' }).click()
  await expect(page.getByText(/^Rule .+ is saved\.$/).first()).toBeVisible()
}

test('a rule by a name is opened with the id that the project has; one with a pattern with what its runs said', async ({
  as,
  server,
}) => {
  const { ci, rule, exchange, call, externalId, project, issuer } = await openPipeline(
    server,
    'renamed-shop',
  )
  await using _ = ci
  expect((await exchange()).status).toBe(200)
  const page = await as('ada')
  const byName = await openFinding(server, page, 'trust-by-name', /renamed-shop’s by a name/)
  await page.getByRole('link', { name: 'Write it by the CI’s id' }).click()
  await expect(page.getByLabel('Value of condition 2')).toHaveValue(externalId)
  // Nothing is saved until somebody does.
  expect((await call('trustRules.view', { trustRuleId: rule.id })).version).toBe(1)
  await saveRule(page)
  await expectResolved(page, byName)
  expect((await exchange()).status).toBe(200)

  const wild = await call('trustRules.create', {
    name: 'renamed-shop with a pattern',
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [
      { claim: 'repository_id', op: 'eq', values: [externalId] },
      { claim: 'ref', op: 'glob', values: ['refs/heads/**'] },
    ],
  })
  const byPattern = await openFinding(server, page, 'trust-wildcard', /renamed-shop with a pattern/)
  await page.getByRole('link', { name: 'Write it without the wildcard' }).click()
  await expect(page.getByLabel('Value of condition 2')).toHaveValue('refs/heads/main')
  await saveRule(page)
  expect((await call('trustRules.view', { trustRuleId: wild.id })).conditions).toEqual([
    { claim: 'repository_id', op: 'eq', values: [externalId] },
    { claim: 'ref', op: 'eq', values: ['refs/heads/main'] },
  ])
  await expectResolved(page, byPattern)
})

test('where nothing on record says how a rule would be safer, it says so and fills in nothing', async ({
  as,
  server,
}) => {
  const { ci, project, issuer, externalId, call } = await openPipeline(server, 'unseen-shop')
  await using _ = ci
  await call('trustRules.create', {
    name: 'unseen-shop with a pattern',
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [
      { claim: 'repository_id', op: 'eq', values: [externalId] },
      { claim: 'environment', op: 'glob', values: ['prod-*'] },
    ],
  })
  const page = await as('ada')
  await openFinding(server, page, 'trust-wildcard', /unseen-shop with a pattern/)
  await page.getByRole('link', { name: 'Write it without the wildcard' }).click()
  await expect(page.getByRole('note')).toContainText('Nothing on record says how')
  await expect(page.getByLabel(/^Values of condition 2/)).toHaveValue('prod-*')
  await expect(page.getByRole('button', { name: 'Save trust rule' })).toBeDisabled()
  await expectAccessible(page)
  await page.getByRole('note').getByRole('link', { name: 'token debugger' }).click()
  await expect(page.getByLabel('Token', { exact: true })).toBeVisible()
})

test('a fork’s way to production is cut at the rule that admits forks', async ({ as, server }) => {
  const { ci, flow } = await openFork(server, 'forkable')
  await using _ = ci
  const page = await as('ada')
  await flow(page)
  const finding = await openFinding(server, page, 'context-from-fork', /reach forkable-keys/)
  await page.getByRole('link', { name: 'Cut a path of the forks' }).click()
  await expect(page.getByRole('heading', { name: 'forkable, with forks', level: 1 })).toBeVisible()
  await expect(page.getByRole('checkbox', { name: /fork’s code/ })).not.toBeChecked()
  await saveRule(page)
  await expectResolved(page, finding)
})

test('a policy that is tried past its date is tried on with the reason, or asked to be enforced', async ({
  as,
  server,
}) => {
  const { ci, call } = await openPipeline(server, 'tried-on')
  await using _ = ci
  const ada = await apiAs(server, 'ada')
  const policy = await call('policies.create', {
    name: 'Tried for long',
    text: 'forbid (principal, action == Sallyport::Action::"segment:delete", resource) when { false };',
  })
  const path = `/policies/${policy.id}`
  await ada('POST', `${path}/mode`, { mode: 'evaluate' }, { 'if-match': '"1"' })
  await letPass(
    server,
    "update policy set evaluate_until = now() - interval '2 days' where id = $1",
    [policy.id],
  )
  await ada('PATCH', path, { description: 'Forgotten' }, { 'if-match': '"2"' })
  const page = await as('ada')
  const finding = await openFinding(
    server,
    page,
    'policy-evaluate-late',
    /^Tried for long was to be tried/,
  )
  await page.getByRole('link', { name: 'Enforce it, or try it on' }).click()
  await expect(page.getByRole('textbox', { name: 'Reason' })).toHaveValue(/tried past its date/)
  const on = page.getByRole('button', { name: 'Try version 1 on' })
  await expect(on).toHaveAttribute('aria-description', /Say why/)
  await expectAccessible(page)
  await page.getByLabel('Try it for').selectOption('90 days')
  await page.getByLabel('Why it is tried on').fill('The nightly builds move in May')
  await on.click()
  await expect(page.getByText(/evaluated for 90 days from now/).first()).toBeVisible()
  await expectResolved(page, finding)
  await page.goto('/policies')
  await expect(page.getByRole('row', { name: /Tried for long/ })).toContainText('in 3 months')
})

test('a stored credential gives way to a federated audience, and is then deleted', async ({
  as,
  server,
}) => {
  const { ci, context, call } = await openPipeline(server, 'static-shop')
  await using _ = ci
  const name = 'AWS_SECRET_ACCESS_KEY'
  await call('contexts.store', { contextId: context.id, name, value: 'a value' })
  const page = await as('ada')
  const finding = await openFinding(server, page, 'secrets-static', /^static-shop-secrets stores 1/)
  await page.getByRole('link', { name: 'Give it a federated audience instead' }).click()
  await expect(page.getByText('Runs get tokens for sts.amazonaws.com.')).toBeVisible()
  expect((await call('contexts.view', { contextId: context.id })).audiences).toEqual([])
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save audiences' }).click()
  await expect(page.getByText(/The audiences of .+ are saved/).first()).toBeVisible()
  await page.getByRole('link', { name: 'delete the secret' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(name)
  await dialog.getByLabel(/to confirm/).fill(name)
  await dialog.getByRole('button', { name: 'Delete secret' }).click()
  await expect(page.getByText(`Secret ${name} is deleted.`).first()).toBeVisible()
  await expectResolved(page, finding)
  // Of others, what the service expects is told.
  await page.goto(`/contexts/${context.id}/settings?instead=NPM_TOKEN`)
  await expect(page.getByRole('note')).toContainText('name the project as its trusted publisher')
  await expect(page.getByText('Runs get tokens for')).toHaveCount(0)
})

test('of a lease that was shown twice, each secret that it opened is rotated from the finding', async ({
  as,
  server,
}) => {
  const { ci, exchange, redeem } = await openPipeline(server, 'shown-twice')
  await using _ = ci
  const { body } = await exchange()
  await redeem(body['access_token'])
  await redeem(body['access_token'])
  const page = await as('ada')
  const finding = await openFinding(server, page, 'lease-replayed', /shown-twice/)
  const proof = page.getByRole('table', { name: 'What proves it' })
  await expect(proof).toContainText('KEY in shown-twice-secrets')
  await page.getByRole('link', { name: 'Rotate what it opened' }).click()
  const drawer = page.getByRole('dialog')
  await expect(drawer).toContainText('KEY')
  await expect(drawer).toContainText('The next run gets the new value')
  await drawer.getByLabel('Value', { exact: true }).fill('another value')
  await drawer.getByRole('button', { name: 'Replace secret' }).click()
  await expect(drawer).toBeHidden()
  await expectResolved(page, finding)
})

test('a production segment gets the networks that its runs came from; a team is led by who is likely to', async ({
  as,
  server,
}) => {
  const { ci, segment, project } = await openPipeline(server, 'open-shop')
  await using _ = ci
  // Runs of this machine are those of other segments, too.
  await letPass(
    server,
    "insert into network_seen values ('project', $1, '203.0.113.0/24', now(), now(), 2)",
    [project.id],
  )
  const ada = await apiAs(server, 'ada')
  await ada('PATCH', `/segments/${segment.id}`, { tier: 'production' }, { 'if-match': '"1"' })
  const page = await as('ada')
  const open = await openFinding(server, page, 'segment-open', /^Runs of open-shop segment may/)
  await expect(page.getByRole('table', { name: 'What proves it' })).toContainText('2 uses')
  await page.getByRole('link', { name: 'Set its addresses' }).click()
  await expect(page.getByLabel('Address ranges')).toHaveValue('203.0.113.0/24')
  await expect(page.getByText(/^It counts for the next run of 1 project/)).toBeVisible()
  await expect(page.getByRole('region', { name: 'What it would have changed' })).toContainText(
    /uses in 30 days/,
  )
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save segment' }).click()
  await expect(page.getByText('Segment open-shop segment is saved.').first()).toBeVisible()
  await expectResolved(page, open)

  const { name, email } = (await ada('GET', '/me')) as { name: string; email: string }
  const csv = `email,name,title,team\n${email},${name},,Without lead\n`
  await ada('POST', '/people/import', { csv })
  const leaderless = await openFinding(server, page, 'team-without-lead', /Without lead, nobody/)
  await page.getByRole('link', { name: 'Name a lead' }).click()
  const form = page.locator('form').filter({ hasText: 'Leads' })
  // Among its members and among its leads.
  await expect(form.getByText(name, { exact: true })).toHaveCount(2)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save team' }).click()
  await expect(page.getByText('Team Without lead is saved.').first()).toBeVisible()
  await expectResolved(page, leaderless)
})

test('code that is not pinned is opened at its line of the config that was checked', async ({
  as,
  server,
}) => {
  const { ci, project } = await openPipeline(server, 'floating-shop')
  await using _ = ci
  const ada = await apiAs(server, 'ada')
  const lines = ['on: push', 'jobs:', '  a:', '    runs-on: ubuntu-24.04', '    steps:']
  const text = [...lines, '      - uses: actions/checkout@main', ''].join('\n')
  await ada('POST', `/pipelines/check?project=${project.id}`, { text })
  const page = await as('ada')
  await openFinding(server, page, 'config-unpinned', /^The config of floating-shop runs 1/)
  const proof = page.getByRole('table', { name: 'What proves it' }).getByRole('link')
  const address = await proof.first().getAttribute('href')
  await page.getByRole('link', { name: 'See the lines in its config' }).click()
  const marked = page.locator('li[aria-current="true"]')
  await expect(marked).toContainText('uses: actions/checkout@main')
  await expect(marked).toBeInViewport()
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(address)
  await expectAccessible(page)
})
