import { expect, expectAccessible, signInAs, test } from './support/test.ts'

test('a person signs in, reloads, and signs out everywhere', async ({ as }) => {
  const page = await as('ada', '/contexts')
  await expect(page.getByRole('heading', { name: 'Contexts', level: 1 })).toBeVisible()
  // Comes back to the same address, without being asked again.
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Contexts', level: 1 })).toBeVisible()
  await expect(page).toHaveURL(/\/contexts$/)
  const second = await page.context().newPage()
  await second.goto('/sessions')
  await expect(second.getByRole('heading', { name: /sessions/i, level: 1 })).toBeVisible()
  await expectAccessible(second)
  await page.getByRole('button', { name: /^My session/ }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByText('You are signed out')).toBeVisible()
  // The other tab is in step.
  await expect(second.getByText('You are signed out')).toBeVisible()
})

test('no token is in any storage, address or page, and the key cannot be taken out (P26)', async ({
  as,
}) => {
  const page = await as('ada', '/contexts')
  await expect(page.getByRole('heading', { name: 'Contexts', level: 1 })).toBeVisible()
  const found = await page.evaluate(async () => {
    const text: string[] = [location.href, document.documentElement.outerHTML, document.cookie]
    for (const store of [localStorage, sessionStorage]) {
      for (let at = 0; at < store.length; at++)
        text.push(String(store.getItem(store.key(at) ?? '')))
    }
    const keys: unknown[] = []
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name)
        opening.addEventListener('success', () => resolve(opening.result))
        opening.addEventListener('error', () => reject(new Error('IndexedDB')))
      })
      for (const store of db.objectStoreNames) {
        const all = await new Promise<unknown[]>((resolve, reject) => {
          const asking = db.transaction(store).objectStore(store).getAll()
          asking.addEventListener('success', () => resolve(asking.result))
          asking.addEventListener('error', () => reject(new Error('IndexedDB')))
        })
        for (const value of all) {
          text.push(JSON.stringify(value))
          const held = (value as { keys?: CryptoKeyPair }).keys
          if (held) keys.push(held.privateKey.extractable)
        }
      }
    }
    return { text: text.join('\n'), keys }
  })
  // A JWT begins with the base64url of {" and has three parts.
  expect(found.text).not.toMatch(/eyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{20,}/)
  expect(found.keys).toEqual([false])
})

test('one signs out everywhere else at once, and stays', async ({ as }) => {
  const elsewhere = await as('lin', '/sessions')
  const page = await as('lin', '/sessions')
  const all = page.getByRole('button', { name: 'End all other sessions' })
  await all.click()
  const dialog = page.getByRole('dialog', { name: 'End all other sessions' })
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'End sessions' }).click()
  await expect(page.getByText(/^\d+ sessions? of Lin Zhao ended\.$/)).toBeVisible()
  await expect(page.getByRole('table', { name: 'Sessions' }).getByRole('row')).toHaveCount(2)
  await expect(all).toBeHidden()
  await elsewhere.getByRole('link', { name: 'API tokens' }).click()
  await expect(elsewhere.getByText('Your session has ended')).toBeVisible()
})

test('a revoked session ends with the next request, and says why', async ({ as }) => {
  const sam = await as('sam', '/sessions')
  await expect(sam.getByRole('heading', { name: /sessions/i, level: 1 })).toBeVisible()
  const ada = await as('ada', '/sessions/everyone')
  // Other journeys on this server have left sessions of his, all older.
  const row = ada.getByRole('row').filter({ hasText: 'Sam Rivera' }).first()
  await row.getByRole('button', { name: /^Revoke/ }).click()
  const dialog = ada.getByRole('dialog')
  await dialog.getByRole('button', { name: /^Revoke/ }).click()
  await expect(dialog).toBeHidden()
  await sam.getByRole('link', { name: 'API tokens' }).click()
  await expect(sam.getByText('Your session has ended')).toBeVisible()
  await sam.getByRole('button', { name: 'Sign in again' }).click()
  await sam.getByRole('button', { name: 'Sign in', exact: true }).click()
  await signInAs(sam, 'sam')
  await expect(sam.getByRole('navigation', { name: 'Console' })).toBeVisible()
})
