import { expect, expectAccessible, test } from './support/test.ts'

test('Ada sees what happened, what is worst, and gets from each number to what makes it', async ({
  as,
}) => {
  const page = await as('ada')
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible()
  await expect(page.getByRole('figure').filter({ hasText: 'Decisions, by outcome' })).toBeVisible()
  await expect(page.getByRole('link', { name: /^Score/ })).toContainText('of 100')
  await expect(
    page.getByRole('region', { name: 'Worst findings' }).getByRole('link').first(),
  ).toBeVisible()
  const standing = page.getByRole('region', { name: 'Access that nobody needs' })
  await expect(standing.getByRole('listitem').filter({ hasText: 'Ben Sørensen' })).toContainText(
    'administrator who never signed in',
  )
  await expectAccessible(page)
  await standing.getByRole('link', { name: 'Ben Sørensen' }).click()
  await expect(page.getByRole('heading', { name: 'Ben Sørensen', level: 1 })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'Security admin' })).toContainText(
    'granted directly',
  )
  await expectAccessible(page)
})

test('Lin sees what waits for her, her team’s projects with their last refusal, and cannot make a role', async ({
  as,
}) => {
  const page = await as('lin')
  await expect(page.getByRole('heading', { name: 'Hello, Lin', level: 1 })).toBeVisible()
  const waiting = page.getByRole('region', { name: 'Waits for you' })
  await expect(waiting.getByRole('link', { name: /Payments, every quarter/ })).toBeVisible()
  const projects = page.getByRole('region', { name: /My teams’ projects/ })
  await expect(projects.getByRole('link', { name: 'payment-gateway' })).toBeVisible()
  await page.getByRole('link', { name: 'Roles', exact: true }).click()
  const create = page.getByRole('button', { name: 'Create role' })
  await expect(create).toHaveAttribute('aria-disabled', 'true')
  await expect(create).toHaveAttribute('aria-description', /role:create/)
  await expectAccessible(page)
})

test('Noor sees the state of the record, of compliance and of her exports, and changes nothing', async ({
  as,
}) => {
  const page = await as('noor')
  await expect(page.getByRole('heading', { name: 'Hello, Noor', level: 1 })).toBeVisible()
  await expect(page.getByRole('link', { name: /Events in the record/ })).toBeVisible()
  const compliance = page.getByRole('region', { name: 'Compliance, by live data' })
  await expect(compliance.getByRole('listitem').filter({ hasText: 'SOC 2' })).toContainText(' met')
  await expect(page.getByRole('region', { name: 'Exports' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Grants', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Grant role' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await expectAccessible(page)
})

test('Sam sees his access with its path, and why a run was refused', async ({ as }) => {
  const page = await as('sam')
  await expect(page.getByRole('heading', { name: 'Hello, Sam', level: 1 })).toBeVisible()
  const mine = page.getByRole('region', { name: /My access/ })
  // Other journeys of this worker grant Sam more: the path by his team is told all the same.
  const byTeam = mine.getByRole('listitem').filter({ hasText: 'by team Payments' })
  await expect(byTeam).toContainText('Developer in the organization')
  await expect(page.getByRole('region', { name: 'My requests' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Audit trail' })).toHaveCount(0)
  await expectAccessible(page)
  // Typing its address does not help.
  await page.goto('/audit')
  await expect(page.getByText(/audit:view/).first()).toBeVisible()
})

test('Ben makes a role from a built-in one, sees who would gain what, and grants it for a week', async ({
  as,
}) => {
  const page = await as('ben', '/roles')
  await page.getByRole('link', { name: 'Auditor' }).click()
  await page.getByRole('link', { name: 'Copy role' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Evidence keeper')
  await page.getByLabel('Search permissions').fill('export')
  await expect(page.getByRole('checkbox')).toHaveCount(1)
  await page.getByLabel('Search permissions').fill('')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Create role' }).click()
  await expect(page.getByRole('heading', { name: 'Evidence keeper', level: 1 })).toBeVisible()
  await page.goto('/grants/new')
  await page.getByRole('combobox', { name: 'Person' }).click()
  await page.getByRole('option', { name: 'Emma Dubois' }).click()
  await page.getByRole('combobox', { name: 'Role' }).click()
  await page.getByRole('option', { name: 'Evidence keeper' }).click()
  await page.getByRole('combobox', { name: 'Lasts' }).click()
  await page.getByRole('option', { name: '7 days' }).click()
  await page.getByLabel('Reason').fill('Yearly audit')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Grant role' }).click()
  await expect(
    page.getByRole('heading', { name: 'Evidence keeper of Emma Dubois', level: 1 }),
  ).toBeVisible()
  // Taking a permission away shows who loses it, before it is saved.
  await page.getByRole('link', { name: 'Evidence keeper', exact: true }).first().click()
  await page.getByRole('link', { name: 'Edit role' }).click()
  await page.getByRole('checkbox', { name: 'Take audit events away as a file' }).uncheck()
  await expect(page.getByRole('row').filter({ hasText: 'audit:export' })).toBeVisible()
  await page.getByRole('button', { name: 'Save role' }).click()
  await expect(page.getByText('Role Evidence keeper is saved.').first()).toBeVisible()
  await page
    .getByRole('row')
    .filter({ hasText: 'Emma Dubois' })
    .getByRole('link', { name: 'Open grant' })
    .click()
  await page.getByRole('button', { name: 'Revoke grant' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('Audit is over')
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke grant', exact: true }).click()
  await expect(page.getByText('Revoked', { exact: true }).first()).toBeVisible()

  // What leads to its grants is a target as large as others, also in a narrow window (WCAG 2.5.8).
  await page.setViewportSize({ width: 400, height: 800 })
  await page.goto('/roles')
  const grants = page
    .getByRole('row', { name: /Evidence keeper/ })
    .getByRole('link')
    .last()
  const box = await grants.boundingBox()
  expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(24)
})
