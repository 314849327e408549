import { expect, expectAccessible, test } from './support/test.ts'

const config = `version: 2.1
orbs:
  node: circleci/node@5
jobs:
  build:
    docker: [{image: "cimg/node:20.11.1"}]
    steps: [checkout, {run: npm test}]
  deploy:
    docker: [{image: "cimg/base:2026.10.1"}]
    steps: [checkout]
workflows:
  release:
    jobs:
      - build
      - hold: {type: approval, requires: [build]}
      - deploy:
          requires: [hold]
          context: [production, "<< pipeline.parameters.extra >>"]
`

test('a rule is taken from the library and evaluated, a pasted config is checked as one types, and the check is kept', async ({
  as,
}) => {
  // Eight pages, each looked at by axe in both themes.
  test.slow()
  const page = await as('ada', '/policies/new?starter=config-required-jobs')
  await page.getByRole('button', { name: 'Create draft' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /a scan and signing/ })).toBeVisible()
  await page.getByRole('navigation', { name: 'Policy' }).getByText('Enforcement').click()
  await page.getByRole('button', { name: 'Evaluate version 1', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Back to draft' })).toBeVisible()

  await page.goto('/checks/new')
  await expect(page.getByText('Nothing to check yet')).toBeVisible()
  await expect(page.getByRole('region', { name: '.circleci/config.yml' })).toContainText(
    `${new URL(page.url()).origin}/api/v1/pipelines/check`,
  )
  await expectAccessible(page)
  await page.getByRole('combobox', { name: 'Project' }).fill('payment-gateway')
  await page.getByRole('option', { name: 'payment-gateway', exact: true }).click()
  await page.getByRole('combobox', { name: 'CI system' }).click()
  await page.getByRole('option', { name: 'CircleCI' }).click()
  const editor = page.getByRole('textbox', { name: 'Config' })
  await editor.fill('jobs: [')
  await expect(page.getByRole('alert')).toContainText('Line 1: This is not YAML')
  await editor.fill(config)
  const broken = page.getByRole('table', { name: 'Broken rules so far' })
  await expect(
    broken.getByRole('row').filter({ hasText: 'production is for branch main' }),
  ).toContainText('Blocks')
  await expect(broken.getByRole('row').filter({ hasText: 'no job called scan' })).toContainText(
    'Would fail',
  )
  const jobs = page.getByRole('table', { name: 'Jobs' })
  const deploy = jobs.getByRole('row').filter({ hasText: 'release / deploy' })
  await expect(deploy).toContainText('production')
  await expect(deploy).toContainText('hold')
  await expect(deploy).toContainText('contexts')
  await expect(page.getByRole('table', { name: 'Orbs, actions and includes' })).toContainText(
    'major',
  )
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Record check' }).click()
  await expect(
    page.getByRole('heading', { level: 1, name: /config\.yml of payment-gateway/ }),
  ).toBeVisible()
  await expect(page.locator('#line-16')).toContainText('Blocks')
  await expectAccessible(page)
  await page.getByRole('navigation', { name: 'Config check' }).getByText('What it says').click()
  await expect(page.getByRole('table', { name: 'Images' })).toContainText('cimg/node:20.11.1')
  await expectAccessible(page)
  await page
    .getByRole('navigation', { name: 'Config check' })
    .getByText('How it was decided')
    .click()
  await expect(page.getByRole('list', { name: 'How it was decided' })).toContainText('Denied')
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Recorded decision' }).click()
  await expect(
    page.getByRole('heading', { level: 1, name: /pipeline:check on payment-gateway/ }),
  ).toBeVisible()

  await page.goto('/checks')
  const row = page
    .getByRole('table', { name: 'Config checks' })
    .getByRole('row')
    .filter({ hasText: 'payment-gateway' })
  await expect(row.first()).toContainText('Failed')
  await expectAccessible(page)
})

test('a template is filled in and becomes a draft', async ({ as }) => {
  const page = await as('ada', '/policies/library')
  await page.getByRole('link', { name: 'Fill in a template' }).click()
  await page.getByRole('combobox', { name: 'Projects' }).fill('payment-gateway')
  await page.getByRole('option', { name: 'payment-gateway', exact: true }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('textbox', { name: 'Contexts' }).fill('production\nsigning')
  await expect(page.getByText('Validates')).toBeVisible()
  await expect(page.getByText('Asked on config:job')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Create draft' }).click()
  await expect(
    page.getByRole('heading', { level: 1, name: 'Contexts reserved to projects' }),
  ).toBeVisible()
})

test('an auditor sees checks, and is told why none can be made', async ({ as }) => {
  const page = await as('noor', '/checks')
  await expect(page.getByRole('heading', { level: 1, name: 'Config checks' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Check a config' }).first()).toBeDisabled()
  await expectAccessible(page)
})
