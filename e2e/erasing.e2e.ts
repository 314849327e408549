import { readFileSync } from 'node:fs'
import { apiAs } from './support/api.ts'
import { openLeaver } from './support/leaver.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('whoever has left is erased; what they did and every pack carried away before stay whole', async ({
  as,
  server,
}) => {
  const name = 'Ottilie Brandt'
  const { id } = await openLeaver(server, name)
  const noor = await as('noor', `/audit?q=${encodeURIComponent('action:people.update')}`)
  await expect(noor.getByRole('cell', { name }).first()).toBeVisible()
  await noor.getByRole('button', { name: 'Export events' }).click()
  const downloading = noor.waitForEvent('download')
  await noor.getByRole('menuitem', { name: /evidence pack/ }).click()
  const pack = readFileSync(await (await downloading).path())

  const ada = await as('ada', `/people/${id}`)
  await ada.getByRole('button', { name: 'Erase', exact: true }).click()
  const dialog = ada.getByRole('dialog')
  const button = dialog.getByRole('button', { name: 'Erase person' })
  await expect(button).toBeDisabled()
  await expectAccessible(ada)
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Asked for by them')
  await expect(button).toBeDisabled()
  await dialog.getByRole('textbox', { name: /to confirm/ }).fill(name)
  await button.click()
  await expect(dialog).toBeHidden()
  await expect(ada.getByRole('heading', { name: 'Erased person', level: 1 })).toBeVisible()
  await expect(ada.getByRole('navigation', { name: 'Breadcrumbs' })).toContainText('Erased person')
  await expect(ada.getByText(name)).toHaveCount(0)
  await expect(ada.getByRole('button', { name: 'Mark as returned' })).toHaveCount(0)
  await expectAccessible(ada)

  // The trail says what was done to whom, and by a number to whom before.
  await noor.goto(`/audit?q=${encodeURIComponent('action:people.erase')}`)
  await noor.getByRole('row').filter({ hasText: 'people.erase' }).first().click()
  await expect(noor.getByText('Verified in this browser')).toBeVisible()
  await noor.goto(`/audit?q=${encodeURIComponent(`resource:${id} action:people.update`)}`)
  await noor.getByRole('row').filter({ hasText: 'people.update' }).first().click()
  await expect(noor.getByText('Verified in this browser')).toBeVisible()
  await expect(
    noor.getByText(/each by its salted hash in the event; 1 value erased since/),
  ).toBeVisible()
  await expect(noor.getByText(name)).toHaveCount(0)
  await expectAccessible(noor)

  const { verifierKey } = await (await apiAs(server, 'noor'))('GET', '/audit/checkpoints?limit=1')
  await noor.goto('/audit/verify')
  const chooser = noor.waitForEvent('filechooser')
  await noor.getByRole('button', { name: 'Choose a pack' }).click()
  await (await chooser).setFiles({ name: 'before.zip', mimeType: 'application/zip', buffer: pack })
  await noor.getByRole('textbox', { name: 'Verifier key' }).fill(String(verifierKey))
  await noor.getByRole('button', { name: 'Check before.zip again' }).click()
  await expect(noor.getByText('Signed by the key that you gave.')).toBeVisible()
  await expect(noor.getByRole('heading', { name: 'before.zip is whole' })).toBeVisible()
})
