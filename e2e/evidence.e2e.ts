import { readFileSync } from 'node:fs'
import { apiAs } from './support/api.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('an auditor takes evidence away, verifies it without the network, and sees a tampered copy refused', async ({
  as,
  server,
}) => {
  const page = await as('noor', '/audit?q=outcome%3Adenied')
  const { verifierKey } = await (await apiAs(server, 'noor'))('GET', '/audit/checkpoints?limit=1')
  await page.getByRole('button', { name: 'Export events' }).click()
  const downloading = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: /evidence pack/ }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe('evidence.zip')
  const pack = readFileSync(await download.path())

  await page.getByRole('link', { name: 'Verify evidence' }).click()
  await expect(page.getByRole('heading', { name: 'Verify evidence', level: 1 })).toBeVisible()
  const choose = async (name: string, buffer: Buffer) => {
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose a pack' }).click()
    await (await chooser).setFiles({ name, mimeType: 'application/zip', buffer })
  }
  await choose('evidence.zip', pack)
  await expect(page.getByRole('heading', { name: 'evidence.zip is whole' })).toBeVisible()
  await expect(page.getByText('Signed by the key that came along')).toBeVisible()
  await page.getByRole('textbox', { name: 'Verifier key' }).fill(String(verifierKey))
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Check evidence.zip again' }).click()
  await expect(page.getByText('Signed by the key that you gave.')).toBeVisible()
  await expect(page.getByText('outcome:denied')).toBeVisible()
  await expectAccessible(page)

  const tampered = Buffer.from(pack)
  const place = tampered.indexOf('"outcome":"denied"')
  tampered.write('"outcome":"failed"', place)
  await choose('tampered.zip', tampered)
  await expect(page.getByRole('heading', { name: 'tampered.zip is not whole' })).toBeVisible()
  await expect(page.getByText(/event \d+ was altered.*\([0-9a-f-]{36}\)/)).toBeVisible()
  await expectAccessible(page)
  await choose('notes.zip', Buffer.from('no archive at all'))
  await expect(page.getByText(/no ZIP archive/)).toBeVisible()
})
