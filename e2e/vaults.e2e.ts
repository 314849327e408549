import type { Page } from '@playwright/test'
import { expect, expectAccessible, test } from './support/test.ts'

// What every page is like in both themes, `every-page` looks at; here only what a story leads to.

/** Names a Vault server, and is on its page then. */
async function nameVault(page: Page, name: string): Promise<void> {
  await page.goto('/trust/vaults/new')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Address').fill('https://vault.meridian.example:8200')
  await page.getByLabel('Role').fill('sallyport')
  await page.getByRole('button', { name: 'Name Vault server' }).click()
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
}

async function createContext(page: Page, name: string): Promise<void> {
  await page.goto('/contexts/new')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByRole('button', { name: 'Create context' }).click()
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible()
}

async function refer(page: Page, name: string, server: string): Promise<void> {
  await page.getByRole('button', { name: 'Refer to Vault' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill(name)
  await form.getByRole('combobox', { name: 'Vault server' }).click()
  await page.getByRole('option', { name: server }).click()
  await form.getByLabel('Path').fill('prod/db')
  await form.getByLabel('Field').fill('password')
  await form.getByRole('button', { name: 'Refer to Vault', exact: true }).click()
  await expect(form).toBeHidden()
}

test('an administrator names a Vault server, refers a secret into it, and names who takes tokens instead', async ({
  as,
}) => {
  const page = await as('ada', '/trust')
  await page.getByRole('navigation', { name: 'Trust' }).getByText('Vault servers').click()
  await expect(page.getByText('No Vault server yet')).toBeVisible()
  await page.getByRole('link', { name: 'Name a Vault server' }).first().click()
  // What is wrong is said at its field, and nothing typed is lost.
  await page.getByLabel('Name', { exact: true }).fill('Meridian Vault')
  await page.getByLabel('Address').fill('http://vault.meridian.example')
  await expect(page.getByLabel('Audience')).toHaveValue('http://vault.meridian.example')
  await page.getByLabel('Role').fill('deploy')
  await page.getByRole('button', { name: 'Name Vault server' }).click()
  await expect(page.getByRole('alert')).toContainText('must begin with https://')
  await page.getByLabel('Address').fill('https://vault.meridian.example:8200')
  await page.getByRole('button', { name: 'Name Vault server' }).click()
  await expect(page.getByRole('heading', { name: 'Meridian Vault', level: 1 })).toBeVisible()
  const setUp = page.getByRole('region', { name: 'Set-up of Vault' })
  await expect(setUp).toContainText('VAULT_ADDR=https://vault.meridian.example:8200')
  await expect(setUp).toContainText(`oidc_discovery_url=${new URL(page.url()).origin}`)
  await expect(setUp).toContainText('auth/jwt/role/deploy')

  await createContext(page, 'vault-journey')
  await page.getByRole('button', { name: 'Refer to Vault' }).first().click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Name').fill('DB_PASSWORD')
  // Of one server there is nothing to choose.
  await expect(form.getByRole('combobox', { name: 'Vault server' })).toHaveValue('Meridian Vault')
  await form.getByLabel('Path').fill('../prod/db')
  await form.getByLabel('Field').fill('password')
  await form.getByRole('button', { name: 'Refer to Vault', exact: true }).click()
  await expect(form.getByRole('alert')).toHaveText('Path: must not climb with ..')
  await expectAccessible(page)
  await form.getByLabel('Path').fill('prod/db')
  await form.getByRole('button', { name: 'Refer to Vault', exact: true }).click()
  await expect(form).toBeHidden()
  const row = page.getByRole('row').filter({ hasText: 'DB_PASSWORD' })
  await expect(row).toContainText('Meridian Vault')
  await expect(row).toContainText('secret/prod/db#password')
  await expectAccessible(page)

  // Whom its runs get tokens for, as chips; by the keyboard too.
  await page.getByRole('navigation', { name: 'Context' }).getByText('Settings').click()
  const box = page.getByLabel('Another audience')
  await box.fill('sts.amazonaws.com')
  await box.press('Enter')
  await box.fill('https://vault.meridian.example:8200')
  await page.getByRole('button', { name: 'Add audience' }).click()
  const chips = page.getByRole('list', { name: 'Audiences' })
  await expect(chips.getByRole('listitem')).toHaveCount(2)
  await expect(page.getByText(/Runs get tokens for sts.amazonaws.com, https/)).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Save audiences' }).click()
  await expect(page.getByText('The audiences of vault-journey are saved.')).toBeVisible()
  const save = page.getByRole('button', { name: 'Save audiences' })
  // It cannot be pressed while it saves, either, nor in the moment before: what is not answered yet must not be left.
  const saved = async () => {
    const answered = page.waitForResponse((one) => one.ok() && one.url().endsWith('/audiences'))
    await save.click()
    await answered
    await expect(save).toBeDisabled()
  }
  await chips.getByRole('button', { name: 'Remove sts.amazonaws.com' }).click()
  await expect(box).toBeFocused()
  await saved()
  await page.reload()
  await expect(chips.getByRole('listitem')).toHaveText(['https://vault.meridian.example:8200'])

  // From a finding of a stored VAULT_TOKEN: the one server's audience is filled in.
  await chips.getByRole('button', { name: /^Remove https/ }).click()
  await saved()
  await page.goto(`${new URL(page.url()).pathname}?instead=VAULT_TOKEN`)
  await expect(page.getByRole('note')).toContainText('what its role names in bound_audiences')
  await expect(
    page.getByText('Runs get tokens for https://vault.meridian.example:8200.'),
  ).toBeVisible()

  // The server's page says what would no longer be read without it.
  await page.goto('/trust/vaults')
  await page.getByRole('link', { name: 'Meridian Vault' }).click()
  await page
    .getByRole('navigation', { name: 'Vault server' })
    .getByRole('link', { name: /Secrets/ })
    .click()
  const reference = page.getByRole('row').filter({ hasText: 'DB_PASSWORD' })
  await expect(reference).toContainText('secret/prod/db#password')
  await expectAccessible(page)
  await reference.getByRole('link', { name: 'vault-journey' }).click()
  await expect(page.getByRole('heading', { name: 'vault-journey' })).toBeVisible()
})

test('a key is rotated with notice, or at once after a compromise by typing what is cut off', async ({
  as,
}) => {
  const page = await as('ada', '/trust/federation')
  const { origin, host } = new URL(page.url())
  await expect(
    page.getByText(`${origin}/.well-known/openid-configuration`, { exact: true }),
  ).toBeVisible()
  const keys = page.getByRole('table', { name: 'Keys that sign federated tokens' })
  const published = async () => {
    const set = await page.request.get(`${origin}/.well-known/jwks.json`)
    return ((await set.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }
  await expect(keys.getByRole('row').filter({ hasText: 'Signing' })).toHaveCount(1)
  const [first] = await published()
  await page.getByRole('button', { name: 'Rotate key' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('signs in ten minutes')
  await dialog.getByRole('button', { name: 'Rotate key', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(keys.getByRole('row').filter({ hasText: 'Next' })).toHaveCount(1)
  expect(await published()).toHaveLength(2)
  await expect(page.getByRole('button', { name: 'Rotate key' })).toHaveAttribute(
    'aria-description',
    /published already/,
  )
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Rotate at once' }).click()
  await expect(dialog).toContainText('2 keys that are in use or announced are withdrawn now')
  const sure = dialog.getByRole('button', { name: 'Rotate at once', exact: true })
  await expect(sure).toBeDisabled()
  await expectAccessible(page)
  await dialog.getByLabel(/to confirm/).fill(host)
  await sure.click()
  await expect(dialog).toBeHidden()
  await expect(keys.getByRole('row').filter({ hasText: 'Retired' })).toHaveCount(2)
  await expect(keys.getByRole('row').filter({ hasText: 'never signed' })).toHaveCount(1)
  // What a key that never came to sign was announced for ends no other.
  await expect(keys.getByRole('row').filter({ hasText: 'Signing' })).toContainText(
    'until it is replaced',
  )
  const left = await published()
  expect(left).toHaveLength(1)
  expect(left).not.toContain(first)
  // The commands name the context that is chosen by its id.
  await page.getByRole('combobox', { name: 'For runs of' }).click()
  await page.getByRole('option').first().click()
  await expect(page.getByRole('region', { name: 'Set-up of Vault' })).toContainText(
    /"context_id": \[\s+"[0-9a-f-]{36}"/,
  )
  await expectAccessible(page)
})

test('two who change a Vault server see both versions; who may not change one is told so', async ({
  as,
}) => {
  const page = await as('ada')
  await nameVault(page, 'Raced Vault')
  await page.getByRole('navigation', { name: 'Vault server' }).getByText('Settings').click()
  await expect(page).toHaveURL(/settings$/)
  const other = await page.context().newPage()
  await other.goto(page.url())
  await other.getByRole('textbox', { name: 'Role' }).fill('written-by-the-other')
  await other.getByRole('button', { name: 'Save Vault server' }).click()
  await expect(other.getByText('Raced Vault is saved.').first()).toBeVisible()
  await page.getByRole('textbox', { name: 'Role' }).fill('written-here')
  await page.getByRole('button', { name: 'Save Vault server' }).click()
  const conflict = page.getByRole('dialog')
  await expect(conflict).toContainText('written-by-the-other')
  await expect(conflict).toContainText('written-here')
  await conflict.getByRole('button', { name: 'Save mine over theirs' }).click()
  await expect(conflict).toBeHidden()
  await expect(page.getByRole('textbox', { name: 'Role' })).toHaveValue('written-here')
  // The other has not seen it, and takes it over this time.
  await other.getByRole('textbox', { name: 'Role' }).fill('written-again')
  await other.getByRole('button', { name: 'Save Vault server' }).click()
  await other.getByRole('dialog').getByRole('button', { name: 'Take theirs' }).click()
  await expect(other.getByRole('textbox', { name: 'Role' })).toHaveValue('written-here')
  // A developer sees both, and is told what changing them asks for.
  const sam = await as('sam', '/trust/federation')
  const rotate = sam.getByRole('button', { name: 'Rotate at once' })
  await expect(rotate).toHaveAttribute('aria-disabled', 'true')
  await expect(rotate).toHaveAttribute('aria-description', /federation:rotate/)
  await sam.goto('/trust/vaults')
  await expect(sam.getByRole('link', { name: 'Raced Vault' })).toBeVisible()
  await expect(sam.getByRole('button', { name: 'Name a Vault server' }).first()).toHaveAttribute(
    'aria-description',
    /vault:create/,
  )
  await expectAccessible(sam)
})

test('a server that secrets refer into stays, and says why; without them it goes', async ({
  as,
}) => {
  const page = await as('ada')
  await nameVault(page, 'Old Vault')
  await createContext(page, 'leaves-vault')
  const contextUrl = page.url()
  await refer(page, 'DB_PASSWORD', 'Old Vault')
  const row = page.getByRole('row').filter({ hasText: 'DB_PASSWORD' })
  await page.goto('/trust/vaults')
  const table = page.getByRole('table', { name: 'Vault servers' })
  const listed = table.getByRole('row').filter({ hasText: 'Old Vault' })
  await expect(listed.getByRole('cell').last()).toHaveText('1')
  await listed.getByRole('link').click()
  await page.getByRole('navigation', { name: 'Vault server' }).getByText('Settings').click()
  const remove = page.getByRole('button', { name: 'Remove Vault server' })
  await expect(remove).toHaveAttribute('aria-disabled', 'true')
  await expect(remove).toHaveAttribute('aria-description', /1 secret refers into it/)
  const settingsUrl = page.url()
  await page.goto(contextUrl)
  await row.getByRole('button', { name: 'Actions of DB_PASSWORD' }).click()
  await page.getByRole('menuitem', { name: 'Replace secret' }).click()
  await page.getByRole('dialog').getByLabel('Value').fill('kept here after all')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Replace secret', exact: true })
    .click()
  await expect(row).toContainText('sp_tok_')
  await row.getByRole('button', { name: 'Actions of DB_PASSWORD' }).click()
  await page.getByRole('menuitem', { name: /versions/i }).click()
  await expect(page.getByRole('dialog').getByText('Referred to Vault')).toBeVisible()
  await page.goto(settingsUrl)
  await remove.click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: 'Remove Vault server', exact: true })
    .click()
  await expect(page).toHaveURL(/\/trust\/vaults$/)
  await expect(table.getByRole('link', { name: 'Old Vault' })).toHaveCount(0)
})
