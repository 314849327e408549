import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { openArchive } from '../src/proof/archive.ts'
import { runningDatabase } from '../src/server/db/embedded.ts'
import { pdfPages } from '../src/server/testing/pdf-text.ts'
import { apiAs } from './support/api.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('an auditor has a PCI evidence pack made in the background, takes it, verifies it by the page that lies in it, and sees a tampered copy refused', async ({
  as,
  browser,
  server,
}, info) => {
  // Who was given access, when and by whom: what PCI DSS 7 and 8 ask for, in the record that 10 asks for.
  const page = await as('noor', '/audit?q=noun%3Agrants')
  const { verifierKey } = await (await apiAs(server, 'noor'))('GET', '/audit/checkpoints?limit=1')
  await page.getByRole('button', { name: 'Export events' }).click()
  await page.getByRole('menuitem', { name: 'Evidence pack', exact: true }).click()
  await page.getByRole('button', { name: 'See exports' }).click()
  await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeVisible()
  const row = page.getByRole('row', { name: /Evidence pack, ZIP/ })
  await expect(row).toContainText('q=noun:grants')
  await expect(row).toContainText('Done')
  await expectAccessible(page)
  const downloading = page.waitForEvent('download')
  await row.getByRole('button', { name: 'Download Evidence pack, ZIP' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(/^evidence-\d{4}-\d\d-\d\d\.zip$/)
  const pack = readFileSync(await download.path())

  // Carried away: the page out of the pack, opened from a disk, in a browser without a network.
  const files = await openArchive(new Blob([pack]))
  const verifier = info.outputPath('verifier.html')
  const content = await files.find(({ path }) => path === 'verifier.html')?.bytes()
  writeFileSync(verifier, content ?? '')
  const away = await browser.newContext({ offline: true })
  const asked: string[] = []
  const complaints: string[] = []
  away.on('request', (request) => asked.push(request.url()))
  away.on('console', (message) => complaints.push(message.text()))
  const offline = await away.newPage()
  await offline.goto(pathToFileURL(verifier).href)
  const choose = (name: string, buffer: Buffer) =>
    offline
      .getByLabel('Choose a pack, or drop it here')
      .setInputFiles({ name, mimeType: 'application/zip', buffer })
  await offline.getByLabel('Verifier key').fill(String(verifierKey))
  await choose('evidence.zip', pack)
  await expect(offline.getByRole('heading', { name: 'evidence.zip is whole' })).toBeVisible()
  await expect(offline.getByText('Signed by the key that you gave.')).toBeVisible()
  await expect(offline.getByText('Asked for: noun:grants')).toBeVisible()
  await expectAccessible(offline)
  const tampered = Buffer.from(pack)
  tampered.write('"outcome":"forbidden"', tampered.indexOf('"outcome":"permitted"'))
  await choose('tampered.zip', tampered)
  await expect(offline.getByRole('heading', { name: 'tampered.zip is not whole' })).toBeVisible()
  await expect(offline.getByText(/event \d+ was altered.*\([0-9a-f-]{36}\)/)).toBeVisible()
  const swapped = Buffer.from(pack)
  swapped.write('Trust evidence', swapped.indexOf('Verify evidence'))
  await choose('swapped.zip', swapped)
  await expect(offline.getByText('verifier.html was altered')).toBeVisible()
  expect(asked).toEqual([pathToFileURL(verifier).href])
  expect(complaints).toEqual([])
  await away.close()
})

test('a developer exports the decisions that the page shows, and finds an empty list before', async ({
  as,
}) => {
  const page = await as('sam', '/exports')
  await expect(page.getByText('No exports yet')).toBeVisible()
  await expectAccessible(page)
  await page.goto('/decisions?outcome=denied')
  await page.getByRole('button', { name: 'Export decisions' }).click()
  await page.getByRole('menuitem', { name: 'As CSV, for spreadsheets' }).click()
  await page.getByRole('button', { name: 'See exports' }).click()
  const row = page.getByRole('row', { name: /Decisions, CSV/ })
  await expect(row).toContainText('outcome=denied')
  await expect(row).toContainText('Done')
  const downloading = page.waitForEvent('download')
  await row.getByRole('button', { name: 'Download Decisions, CSV' }).click()
  const text = readFileSync(await (await downloading).path(), 'utf8')
  const [head, ...rows] = text.trimEnd().split('\r\n')
  expect(head).toMatch(/^time,decision,outcome,/)
  for (const line of rows) expect(line).toContain(',denied,')
})

test('an auditor asks for a review as PDF and for controls as CSV, goes on working, and finds both done', async ({
  as,
}) => {
  const page = await as('noor', '/reviews')
  await page.getByRole('link', { name: 'Sandbox, every 90 days' }).click()
  await expect(
    page.getByRole('heading', { name: 'Sandbox, every 90 days', level: 1 }),
  ).toBeVisible()
  const made = page.getByText('The file is made in the background.')
  await page.getByRole('button', { name: 'Export review' }).click()
  await page.getByRole('menuitem', { name: 'As PDF, to read and print' }).click()
  await expect(made).toBeVisible()

  await page.goto('/compliance?framework=pci-dss')
  await page.getByRole('button', { name: 'Export controls' }).click()
  await page.getByRole('menuitem', { name: 'As CSV, for spreadsheets' }).click()
  await expect(made).toBeVisible()
  await page.getByRole('button', { name: 'See exports' }).click()
  await expect(page.getByRole('heading', { name: 'Exports', level: 1 })).toBeVisible()
  const take = async (name: string) => {
    const row = page.getByRole('row', { name: new RegExp(name) })
    await expect(row).toContainText('Done')
    const downloading = page.waitForEvent('download')
    await row.getByRole('button', { name: `Download ${name}` }).click()
    const download = await downloading
    return { row, name: download.suggestedFilename(), file: readFileSync(await download.path()) }
  }
  const review = await take('Access review, PDF')
  await expect(review.row.getByRole('link', { name: 'Sandbox, every 90 days' })).toBeVisible()
  expect(review.name).toMatch(/^reviews-\d{4}-\d\d-\d\d\.pdf$/)
  const [first = ''] = pdfPages(review.file)
  expect(first).toContain('Access review: Sandbox, every 90 days')
  expect(first).toContain('Asked for by Noor Haddad, ')
  const controls = await take('Compliance, CSV')
  await expect(controls.row).toContainText('framework=pci-dss')
  const [head, ...rows] = controls.file.toString('utf8').trimEnd().split('\r\n')
  expect(head).toMatch(/^framework,control,title,state,/)
  expect(rows.length).toBeGreaterThan(20)
  await expectAccessible(page)
})

test('an administrator stops what somebody else has made in the background; who asked for it sees that it was', async ({
  as,
  server,
}) => {
  // Another server is at it from the moment it is asked for: it runs for as long as it takes to be stopped.
  const other = new Client({ connectionString: runningDatabase(server.dataDir) ?? '' })
  await other.connect()
  await other.query(`
    create function at_work() returns trigger language plpgsql as $$ begin
      new.state = 'running'; new.run = gen_random_uuid(); new.progressed_at = clock_timestamp(); return new;
    end $$;
    create trigger at_work before insert on export for each row execute function at_work()`)
  try {
    const noor = await as('noor', '/audit?q=noun%3Acontexts')
    await noor.getByRole('button', { name: 'Export events' }).click()
    await noor.getByRole('menuitem', { name: 'Evidence pack', exact: true }).click()
    await noor.getByRole('button', { name: 'See exports' }).click()
    const hers = noor.getByRole('row', { name: /q=noun:contexts/ })
    const runs = { name: 'Evidence pack: rows' }
    await expect(hers.getByRole('progressbar', runs)).toBeVisible()

    const ada = await as('ada', '/exports')
    const row = ada.getByRole('row', { name: /q=noun:contexts/ })
    await expect(row).toContainText('Noor Haddad')
    await expect(row.getByRole('progressbar', runs)).toBeVisible()
    // What it would hold is for who asked alone.
    await expect(row.getByRole('button', { name: /^Download/ })).toHaveCount(0)
    await row.getByRole('button', { name: 'Cancel Evidence pack, ZIP' }).click()
    await expect(row).toContainText('Cancelled')
    await expect(row.getByRole('button')).toHaveCount(0)
    await expectAccessible(ada)
    await expect(hers).toContainText('Cancelled')
    await expect(hers.getByRole('button', { name: /^Download/ })).toHaveCount(0)

    await ada.goto('/audit?q=action%3Aexports.cancel')
    const events = ada.getByRole('table', { name: 'Audit events' })
    await expect(events.getByRole('row').filter({ hasText: 'Ada Okafor' })).toHaveCount(1)
  } finally {
    await other.query('drop trigger at_work on export; drop function at_work()')
    await other.end()
  }
})
