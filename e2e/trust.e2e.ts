import type { Page, Request } from '@playwright/test'
import { openIssuer } from '../src/server/testing/issuer.ts'
import { openPipeline } from './support/pipeline.ts'
import { expect, expectAccessible, test } from './support/test.ts'

/** Everything that leaves the browser, as text. */
function watch(page: Page): () => string {
  const sent: string[] = []
  page.context().on('request', (request: Request) => {
    sent.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '')
  })
  page.context().on('requestfailed', (request: Request) => sent.push(request.url()))
  return () => sent.join('\n')
}

test('an administrator asks an issuer for its keys, trusts it, and binds its tokens to a project', async ({
  as,
}) => {
  await using ci = await openIssuer()
  const page = await as('ada', '/trust')
  await expect(
    page.getByRole('table', { name: 'Issuers' }).or(page.getByText('No CI system is trusted yet')),
  ).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('link', { name: 'Trust an issuer' }).first().click()
  await page.getByLabel('Organization id').fill('6f0b9f2e-6a0c-4f43-9a87-5b5b9a6f7c11')
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue(
    'https://oidc.circleci.com/org/6f0b9f2e-6a0c-4f43-9a87-5b5b9a6f7c11',
  )
  await page.getByText('GitHub Actions', { exact: true }).click()
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue(
    'https://token.actions.githubusercontent.com',
  )
  await page.getByLabel('Address', { exact: true }).fill(ci.url)
  await page.getByRole('button', { name: 'Ask the issuer' }).click()
  await expect(page.getByText('Reachable')).toBeVisible()
  // What it signs with is taken over from its discovery document.
  await expect(page.getByRole('checkbox', { name: 'ES256' })).toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'RS256' })).not.toBeChecked()
  await page.getByLabel('Name', { exact: true }).fill('Our runners')
  await page.getByLabel('Audience').fill('https://github.com/meridian')
  await expect(page.getByText(/stolen from another service/)).toBeVisible()
  await page.getByLabel('Audience').fill('https://sallyport.meridian.example')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Trust issuer' }).click()
  await expect(page.getByRole('heading', { name: 'Our runners', level: 1 })).toBeVisible()
  await expect(page.getByText('Its tokens are nobody’s yet')).toBeVisible()
  await expectAccessible(page)

  await page.getByRole('link', { name: 'Add trust rule' }).first().click()
  await page.getByRole('combobox', { name: 'Project' }).click()
  // What the project fills in comes late: nobody types into what it is still to change.
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await page.route('**/api/v1/projects/*', async (route) => {
    await released
    await route.continue()
  })
  await page.getByRole('option', { name: 'payment-gateway', exact: true }).click()
  await expect(page.getByLabel('Name', { exact: true })).toBeHidden()
  release()
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('payment-gateway')
  await page.getByLabel('Name', { exact: true }).fill('payments from main')
  // A rule that admits everybody says so while it is written.
  await page.getByRole('combobox', { name: 'Claim of condition 1' }).fill('ref')
  // As a keyboard goes on: the suggestions close before anything else is typed.
  await page.keyboard.press('Tab')
  await page.getByLabel('Value of condition 1').fill('refs/heads/main')
  await expect(page.getByText(/needs a condition that says whose runs/).first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Add trust rule' })).toBeDisabled()
  await page.getByRole('button', { name: 'Add condition' }).click()
  await page.getByRole('combobox', { name: 'Claim of condition 2' }).fill('repository')
  // As a keyboard goes on: the suggestions close before anything else is typed.
  await page.keyboard.press('Tab')
  await page.getByLabel('Value of condition 2').fill('meridian/payment-gateway')
  await page.getByRole('checkbox', { name: /fork’s code/ }).check()
  const risks = page.getByRole('list', { name: 'Risks of the rule' })
  await expect(risks).toContainText('goes by a name')
  await expect(risks).toContainText('Runs of forks are admitted')
  await expectAccessible(page)
  // The safer rewrite is one click.
  await risks
    .getByRole('listitem')
    .filter({ hasText: 'Runs of forks are admitted' })
    .getByRole('button', { name: 'Write it so' })
    .click()
  await expect(page.getByRole('checkbox', { name: /fork’s code/ })).not.toBeChecked()
  await expect(risks).not.toContainText('forks')
  await page.getByRole('button', { name: 'Add trust rule' }).click()
  await expect(page.getByRole('heading', { name: 'payments from main', level: 1 })).toBeVisible()
  await expectAccessible(page)

  // On the project's page too; and removing it says what it breaks.
  await page.getByRole('link', { name: 'payment-gateway' }).click()
  await page.getByRole('navigation', { name: 'Project' }).getByText('Trust').click()
  await page.getByRole('link', { name: 'payments from main' }).click()
  await page.getByRole('button', { name: 'Remove trust rule' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('It admitted no run in the last 30 days')
  await expectAccessible(page)
  await dialog.getByLabel(/to confirm/).fill('payments from main')
  await dialog.getByRole('button', { name: 'Remove trust rule' }).click()
  await expect(page).toHaveURL(/\/trust\/rules$/)
})

test('the token debugger reads a token in the browser alone, and says what each rule makes of it', async ({
  as,
  server,
}) => {
  const pipeline = await openPipeline(server, 'debugged')
  await using _ = pipeline.ci
  const page = await as('ada', '/trust/debugger')
  const sent = watch(page)
  const box = page.getByLabel('Token', { exact: true })
  const token = await pipeline.token({
    ref: 'refs/heads/feature/x',
    marker: 'a-claim-nobody-sends',
  })
  await box.fill(token)
  await expect(page.getByText('A rule tells it to be of debugged')).toBeVisible()
  const claims = page.getByRole('table', { name: 'Claims of the token' })
  await expect(claims.getByRole('row').filter({ hasText: 'repository' }).first()).toContainText(
    'debugged by name',
  )
  await expect(claims).toContainText('a-claim-nobody-sends')
  const checks = page.getByRole('table', { name: 'What was asked of the token' })
  await expect(checks.getByRole('row').filter({ hasText: 'audience' })).toHaveCount(0)
  await expect(checks.getByRole('row').filter({ hasText: 'for this console' })).toContainText('Yes')
  await expectAccessible(page)

  // A rule by name is risky; with the token at hand the safer one is known, and opens in the rule's form.
  await expect(page.getByText('goes by a name')).toBeVisible()
  await page.getByRole('button', { name: 'Open the rule written so' }).first().click()
  await expect(page.getByRole('heading', { name: 'debugged by name', level: 1 })).toBeVisible()
  await expect(page.getByLabel('Value of condition 2')).toHaveValue(pipeline.externalId)
  await page.getByRole('button', { name: 'Save trust rule' }).click()
  await expect(page.getByText('is saved').first()).toBeVisible()

  // Not a byte of the token has left, until a rule was written with its id.
  const parts = token.split('.')
  for (const secret of [token, ...parts, 'a-claim-nobody-sends', 'feature/x']) {
    expect(sent()).not.toContain(secret)
    expect(sent()).not.toContain(encodeURIComponent(secret))
  }
  // The control: what is sent is seen.
  expect(sent()).toContain(pipeline.externalId)
})

test('what is no token, or one that is refused, is told plainly', async ({ as, server }) => {
  const pipeline = await openPipeline(server, 'refused')
  await using _ = pipeline.ci
  const page = await as('ada', '/trust/debugger')
  const box = page.getByLabel('Token', { exact: true })
  const told: [string, RegExp][] = [
    ['complete garbage', /three parts/],
    ['eyJ.a.b.c.d', /encrypted/],
    [`${'x'.repeat(65_600)}.y.z`, /65,536/],
    ['!!.??.**', /base64url/],
  ]
  for (const [text, says] of told) {
    await box.fill(text)
    await expect(page.getByText(says).first()).toBeVisible()
  }
  await expectAccessible(page)
  const checks = page.getByRole('table', { name: 'What was asked of the token' })
  const row = (text: string) => checks.getByRole('row').filter({ hasText: text })
  const hourAgo = Math.floor(Date.now() / 1000) - 3_600
  await box.fill(await pipeline.token({ iat: hourAgo, exp: hourAgo + 300, aud: 'someone-else' }))
  await expect(row('has not expired')).toContainText('No')
  await expect(row('young enough')).toContainText('No')
  await expect(row('for this console')).toContainText('someone-else')
  await expect(page.getByText('The token itself is refused, whatever rules say')).toBeVisible()
  // Near its end a long one is still read; the exchange would not take it.
  await box.fill(await pipeline.token({ padding: 'x'.repeat(40_000) }))
  await expect(row('form')).toContainText('No')
  // Of another project, of a fork, of nobody.
  await box.fill(await pipeline.token({ event_name: 'pull_request' }))
  await expect(page.getByText('No rule admits it')).toBeVisible()
  await expect(page.getByText('by which code of a fork may run').first()).toBeVisible()
  await box.fill(await pipeline.token({ repository_id: 'another' }))
  const rule = page.getByRole('table', { name: 'What refused by name asks' })
  await expect(rule.getByRole('row').filter({ hasText: 'project’s own' })).toContainText('Fails')
  await box.fill(await pipeline.token({ iss: 'https://nobody.example' }))
  await expect(page.getByText('Its issuer is not trusted')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Trust this issuer' }).click()
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue('https://nobody.example')
})
