import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './support/test.ts'

const editor = (page: Page) => page.getByRole('textbox', { name: 'Policy text' })

async function write(page: Page, text: string): Promise<void> {
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

const onMain =
  '@reason("nothing runs on main any more")\nforbid (principal, action == Sallyport::Action::"context:use", resource)\nwhen { context has branch && context.branch == "main" };'
const never = onMain.replace('== "main"', '== "no-such-branch"')

test('a policy is drafted, its impact read, a decision becomes a test, a second person sees it and enforces', async ({
  as,
}) => {
  // Two people, three replays: the longest journey there is.
  test.slow()
  const name = 'Nothing runs on main'
  const page = await as('ada', '/policies/new')
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await write(page, onMain)
  await page.getByRole('button', { name: 'Create draft' }).click()
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()

  // What is typed, against what was really decided.
  const panel = page.getByRole('region', { name: 'What it would change' })
  await panel.getByRole('button', { name: 'Replay 30 days' }).click()
  await expect(
    panel.getByText(/[1-9][\d,]* of [\d,]+ decisions would newly be denied/),
  ).toBeVisible()
  await expect(panel.getByText(/Worked out/)).toBeVisible()
  await expect(panel.getByRole('group', { name: 'Project' })).toBeVisible()

  // One row: before and after; it must stay permitted.
  await panel
    .getByRole('row', { name: /Denied/ })
    .first()
    .click()
  const drawer = page.getByRole('dialog', { name: 'Before and after' })
  await expect(drawer.getByRole('region', { name: 'With the set' })).toContainText(
    'nothing runs on main any more',
  )
  await expect(drawer.getByRole('combobox', { name: 'Policy' })).toHaveValue(name)
  await expectAccessible(page)
  await drawer.getByRole('button', { name: 'Must be permitted' }).click()
  await drawer.getByRole('link', { name: 'See its tests' }).click()
  const tests = page.getByRole('table', { name: 'Tests' })
  await expect(tests.getByRole('row', { name: /Fails: denied/ })).toBeVisible()

  // Failing, it cannot leave draft, and says which test.
  const tabs = page.getByRole('navigation', { name: 'Policy' })
  await tabs.getByRole('link', { name: 'Enforcement' }).click()
  await page.getByRole('button', { name: 'Evaluate version 1' }).click()
  await expect(page.getByRole('alert')).toContainText('fails 1 of its 1 tests')

  // Mended as it is typed: the test turns green before anything is saved.
  await tabs.getByRole('link', { name: 'Text' }).click()
  await expect(page.getByText('Fails 1 of 1 test, so it cannot leave draft')).toBeVisible()
  await write(page, never)
  await expect(page.getByText('Passes its test')).toBeVisible()
  await page.getByRole('button', { name: 'Write new version' }).click()
  await tabs.getByRole('link', { name: 'Enforcement' }).click()
  await page.getByRole('button', { name: 'Evaluate version 2' }).click()
  await expect(page.getByRole('button', { name: 'Back to draft' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Reason' }).fill('That branch is gone')
  await page.getByRole('button', { name: 'Ask for enforcement' }).click()
  await expect(page.getByText(/0 of [\d,]+ decisions would newly be denied/)).toBeVisible()
  const url = page.url()

  const second = await as('ben')
  await second.goto(url)
  await expect(second.getByText('That branch is gone').first()).toBeVisible()
  await expect(second.getByText(/Worked out/)).toBeVisible()
  await expect(second.getByText(/0 of [\d,]+ decisions would newly be denied/)).toBeVisible()
  await expectAccessible(second)
  await second.getByRole('button', { name: 'Approve enforcement' }).click()
  await expect(second.getByRole('button', { name: 'End enforcement' })).toBeVisible()
})

test('a decision’s own page makes it a test; a set is replayed and found again', async ({ as }) => {
  test.slow()
  const page = await as('ada', '/decisions?action=context%3Ause')
  await page.getByRole('table', { name: 'Decisions' }).getByRole('row').nth(1).click()
  const made = page.getByRole('region', { name: 'Make it a test' })
  await made.getByRole('combobox', { name: 'Policy' }).click()
  await page.getByRole('option').first().click()
  await made.getByRole('button', { name: 'Must be denied' }).click()
  await expectAccessible(page)
  await made.getByRole('link', { name: 'See its tests' }).click()
  await expect(page.getByRole('table', { name: 'Tests' })).toBeVisible()
  await expectAccessible(page)

  await page.goto('/replays')
  await expect(page.getByRole('heading', { name: 'Replays', level: 1 })).toBeVisible()
  await page.getByRole('link', { name: 'Replay a set' }).first().click()
  await expect(page.getByRole('group', { name: 'Not enforced any more' })).toBeVisible()
  await expectAccessible(page)
  await page
    .getByRole('group', { name: 'Not enforced any more' })
    .getByRole('checkbox')
    .first()
    .check()
  await page.getByRole('button', { name: 'Replay set' }).click()
  await expect(page.getByText(/Worked out/)).toBeVisible()
  await expectAccessible(page)
  await page.goto('/replays')
  await expect(
    page.getByRole('table', { name: 'Replays' }).getByRole('row', { name: /Done/ }).first(),
  ).toBeVisible()
  await expectAccessible(page)
})

test('a restriction says what it would have denied before it is added; what opens asks why', async ({
  as,
}) => {
  const page = await as('ada', '/contexts?q=docker-hub')
  await page.getByRole('link', { name: 'docker-hub' }).click()
  await page
    .getByRole('navigation', { name: 'Context' })
    .getByRole('link', { name: /Restrictions/ })
    .click()
  await page.getByRole('button', { name: 'Add restriction' }).first().click()
  const drawer = page.getByRole('dialog', { name: 'Add restriction' })
  await drawer
    .getByRole('textbox', { name: 'Expression' })
    .fill('pipeline.git.branch == "release/3.2"')
  await expect(
    drawer.getByText(
      /[1-9][\d,]* of [\d,]+ uses by \d+ projects? in 30 days would now be denied; 0/,
    ),
  ).toBeVisible()
  // The drawer is narrower than the window: columns go by its room, and each reason is there without what the row says.
  const turned = drawer.getByRole('table', { name: 'Decisions that would turn' })
  await expect(turned.getByRole('columnheader', { name: 'Was asked' })).toBeHidden()
  await expect(turned.getByRole('columnheader', { name: 'Why' })).toBeInViewport({ ratio: 1 })
  await expect(
    turned.getByText(/^Expected pipeline\.git\.branch == "release\/3\.2", was /).first(),
  ).toBeInViewport()
  await expectAccessible(page)
  await drawer.getByRole('textbox', { name: 'Expression' }).fill('not (1 == 2)')
  await expect(drawer.getByText(/None of [\d,]+ uses in 30 days would turn/)).toBeVisible()
})

test('who may not change policies reads replays, and is told why not more', async ({ as }) => {
  const page = await as('sam', '/replays')
  await expect(page.getByRole('heading', { name: 'Replays', level: 1 })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Replay a set' }).first()).toHaveAttribute(
    'aria-description',
    /policy:update/,
  )
})
