import { readFileSync } from 'node:fs'
import { apiAs } from './support/api.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('Ada starts a review, Lin works through it by keyboard, it is signed off and printed', async ({
  as,
}) => {
  test.slow()
  const name = 'Payments before the audit'
  const ada = await as('ada', '/reviews')
  await expect(ada.getByRole('table', { name: 'Access reviews' })).toContainText('Closed')
  await ada.getByRole('link', { name: 'Start access review' }).click()
  await ada.getByLabel('Name').fill(name)
  await ada.getByRole('combobox', { name: 'Team' }).click()
  await ada.getByRole('option', { name: 'Payments' }).click()
  const preview = ada.getByRole('region', { name: 'What would be reviewed' })
  await expect(preview).toContainText(/\d+ lines about 8 people/)
  await expect(preview.getByRole('table', { name: 'Reviewers' })).toContainText('Lin Zhao')
  await expectAccessible(ada)
  await ada.getByRole('button', { name: 'Start access review' }).click()
  await expect(ada.getByRole('heading', { name, exact: true })).toBeVisible()
  const signOff = ada.getByRole('button', { name: 'Sign off review' })
  await expect(signOff).toHaveAttribute('aria-description', /lines are not answered yet/)
  const address = new URL(ada.url()).pathname

  const lin = await as('lin', '/inbox')
  const waiting = lin.getByRole('region', { name: 'Access to review' })
  await waiting.getByRole('link', { name: new RegExp(name) }).click()
  const table = lin.getByRole('table', { name: 'Lines' })
  const answers = (word: string) => table.getByRole('cell', { name: word, exact: true })
  await expect(table.getByRole('row').nth(1)).toBeVisible()
  // Lin reviews the others; nobody who is not asked sees what Lin holds.
  await expect(table).not.toContainText('Lin Zhao')
  await expect(lin.getByRole('heading', { name, exact: true })).toBeVisible()
  await expectAccessible(lin)
  const rows = (await table.getByRole('row').count()) - 1
  // What a revoke would not end is said before it is pressed, and the answer is in view.
  await table.getByRole('row').filter({ hasText: 'Priya Raman' }).first().click()
  const detail = lin.getByRole('region', { name: /in the organization$/ })
  await expect(detail.getByText(/Payments holds it as a team: .* Priya Raman alone/)).toBeVisible()
  for (const act of ['Keep', 'Revoke', 'Delegate']) {
    await expect(detail.getByRole('button', { name: new RegExp(`^${act} `) })).toBeInViewport({
      ratio: 1,
    })
  }
  await expectAccessible(lin)
  await lin.reload()
  await expect(table.getByRole('row').nth(1)).toBeVisible()
  const focused = lin.locator('tr:focus')
  await lin.keyboard.press('j')
  await expect(focused).toHaveAttribute('data-index', '0')
  await lin.keyboard.press('j')
  await lin.keyboard.press('k')
  await expect(focused).toHaveAttribute('data-index', '0')
  await lin.keyboard.press('r')
  await expect(focused).toHaveAttribute('data-index', '1')
  await expect(answers('Revoke')).toHaveCount(1)
  await lin.keyboard.press('k')
  await lin.keyboard.press('u')
  await expect(answers('Revoke')).toHaveCount(0)
  await lin.keyboard.press('d')
  const dialog = lin.getByRole('dialog')
  await expect(dialog).toBeVisible()
  await expectAccessible(lin)
  await lin.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  // Whoever holds a key down answers faster than changes are taken: what is told to wait is not lost.
  await lin.route(
    '**/decide',
    (route) => route.fulfill({ status: 429, headers: { 'retry-after': '1' } }),
    { times: 1 },
  )
  await table.getByRole('row').nth(1).focus()
  for (let at = 0; at < rows; at += 1) {
    const own = lin.locator(`tr[data-index="${at}"]`)
    await expect(own).toBeFocused()
    const keyed = (await own.textContent())?.includes('Priya Raman') ? 'r' : 'a'
    await lin.keyboard.press(keyed)
  }
  await expect(answers('Open')).toHaveCount(0)
  await expect(lin.getByText('Wait for you')).toHaveCount(0)
  // What was done is kept, whatever becomes of the window.
  await lin.reload()
  await expect(table.getByRole('row')).toHaveCount(rows + 1)
  await expect(answers('Open')).toHaveCount(0)
  await expect(lin.getByText('Wait for you')).toHaveCount(0)

  // What Lin holds is Ada’s to review: several at once, with one reason.
  await ada.goto(`${address}?mine=true&answer=open`)
  const every = ada.getByRole('checkbox', { name: 'Select every row shown' })
  await every.check()
  await ada.getByRole('button', { name: 'Keep selected' }).click()
  await ada.getByLabel('Justification').fill('Leads the team')
  await expectAccessible(ada)
  await ada.getByRole('dialog').getByRole('button', { name: 'Keep selected' }).click()
  await expect(ada.getByRole('dialog')).toBeHidden()
  await signOff.click()
  await expect(ada.getByRole('dialog')).toContainText('their grants end in your name')
  await expectAccessible(ada)
  await ada.getByRole('button', { name: 'Sign off and carry out' }).click()
  await expect(ada.getByText('Closed', { exact: true })).toBeVisible({ timeout: 30_000 })

  // Lin holds the evidence of it: what was ended, and what could not be, each with its reason.
  await lin.goto(`${address}/evidence`)
  const evidence = lin.getByRole('table', { name: 'Lines by person' })
  await expect(evidence.getByRole('row').filter({ hasText: 'Priya Raman' }).nth(0)).toContainText(
    'out of the team instead',
  )
  await expect(evidence.getByText('Revoked', { exact: true })).toHaveCount(1)
  await expect(lin.getByRole('region', { name: 'Fingerprints' })).toContainText(
    /[0-9a-f]{64}.*[0-9a-f]{64}/,
  )
  await expectAccessible(lin)
  await lin.emulateMedia({ media: 'print' })
  await expect(lin.getByRole('navigation', { name: 'Console' })).toBeHidden()
  await expect(evidence.getByRole('row').last()).toBeVisible()

  // An auditor carries it away, and needs nobody to see that one line was altered.
  const noor = await as('noor', `${address}/evidence`)
  const how = noor.getByRole('table', { name: 'How it was reviewed' })
  const work = (name: string) => how.getByRole('row').filter({ hasText: name })
  await expect(work('Lin Zhao')).toContainText(`${rows}`)
  await expect(work('Ada Okafor')).toBeVisible()
  const taken = async (item: string) => {
    await noor.getByRole('button', { name: 'Export review' }).click()
    const downloading = noor.waitForEvent('download')
    await noor.getByRole('menuitem', { name: item, exact: true }).click()
    return downloading
  }
  expect((await taken('CSV')).suggestedFilename()).toBe('access-review.csv')
  const download = await taken('Evidence pack, to verify offline')
  expect(download.suggestedFilename()).toBe('access-review-evidence.zip')
  const pack = readFileSync(await download.path())
  await noor.getByRole('link', { name: 'verifies it' }).click()
  const choose = async (buffer: Buffer) => {
    const chooser = noor.waitForEvent('filechooser')
    await noor.getByRole('button', { name: 'Choose a pack' }).click()
    await (await chooser).setFiles({ name: 'review.zip', mimeType: 'application/zip', buffer })
  }
  await choose(pack)
  const whole = noor.getByText(/lines of the review .* at its end, and who held what is as it was/)
  await expect(whole).toBeVisible()
  // In a narrow window nothing of the sentence is cut off.
  await noor.setViewportSize({ width: 768, height: 900 })
  const ends = () => whole.evaluate((told) => told.getBoundingClientRect().right)
  await expect.poll(ends).toBeLessThan(768)
  await noor.setViewportSize({ width: 1440, height: 900 })
  await expectAccessible(noor)
  pack.write('"decision":"kept"', pack.indexOf('"decision":"keep"'))
  await choose(pack)
  await expect(noor.getByText(/^line \d+ was altered, .* in the review$/)).toBeVisible()
})

test('two on one line: the second is told who was faster, and sees what was said', async ({
  as,
  server,
}) => {
  const api = await apiAs(server, 'ada')
  const idOf = async (path: string, name: string) => {
    const { items } = (await api('GET', path)) as { items: { id: string; name: string }[] }
    return items.find((one) => one.name === name)?.id ?? ''
  }
  const [lin, ada, ben] = [
    await idOf('/people?search=Lin', 'Lin Zhao'),
    await idOf('/people?search=Ada', 'Ada Okafor'),
    await idOf('/people?search=Ben', 'Ben Sørensen'),
  ]
  const review = (await api('POST', '/reviews', {
    name: 'Staging, by two',
    scope: { kind: 'segment', scopeId: await idOf('/segments?limit=50', 'Staging') },
    reviewers: 'named',
    people: [lin, ada],
    fallback: [ada, ben],
    dueAt: new Date(Date.now() + 86_400_000).toISOString(),
  })) as { id: string }
  const page = await as('lin', `/reviews/${review.id}`)
  const table = page.getByRole('table', { name: 'Lines' })
  await expect(table.getByRole('row').nth(1)).toBeVisible()
  const { items } = (await api('GET', `/reviews/${review.id}/lines?limit=200`)) as {
    items: { id: string; version: number; person: { name: string } }[]
  }
  const line = items.find(({ person }) => !/^(Lin|Ada) /.test(person.name))
  await api(
    'POST',
    `/reviews/${review.id}/lines/${line?.id}/decide`,
    { decision: 'revoke', justification: 'No staging any more' },
    { 'if-match': `"${line?.version}"` },
  )
  await page
    .getByRole('row')
    .filter({ hasText: line?.person.name ?? '' })
    .first()
    .focus()
  await page.keyboard.press('a')
  await expect(page.getByText(/Ada Okafor revoked it meanwhile/)).toBeVisible()
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: line?.person.name ?? '' })
      .first(),
  ).toContainText('Revoke')
  await expectAccessible(page)
})

test('a review that was begun by mistake is cancelled with its reason, and nobody is asked any more', async ({
  as,
  server,
}) => {
  const api = await apiAs(server, 'ada')
  const teams = (await api('GET', '/teams?limit=200')) as { items: { id: string; name: string }[] }
  const people = (await api('GET', '/people?search=Ada')) as { items: { id: string }[] }
  const name = 'Begun by mistake'
  const review = (await api('POST', '/reviews', {
    name,
    scope: { kind: 'team', scopeId: teams.items.find((one) => one.name === 'Payments')?.id },
    reviewers: 'leads',
    fallback: [people.items[0]?.id],
    dueAt: new Date(Date.now() + 86_400_000).toISOString(),
  })) as { id: string }
  const lin = await as('lin', '/inbox')
  const waiting = lin.getByRole('link', { name: new RegExp(name) })
  await expect(waiting).toBeVisible()
  const ada = await as('ada', `/reviews/${review.id}`)
  await ada.getByRole('button', { name: 'Cancel review' }).click()
  const dialog = ada.getByRole('dialog')
  const confirm = dialog.getByRole('button', { name: 'Cancel the review' })
  await expect(confirm).toBeDisabled()
  await dialog.getByLabel('Reason').fill('It was meant for Routing')
  await expectAccessible(ada)
  await confirm.click()
  await expect(dialog).toBeHidden()
  await expect(ada.getByText('Cancelled', { exact: true }).first()).toBeVisible()
  await expect(ada.getByText('It was meant for Routing')).toBeVisible()
  await expect(ada.getByRole('button', { name: 'Sign off review' })).toHaveCount(0)
  await expectAccessible(ada)
  await expect(waiting).toHaveCount(0, { timeout: 15_000 })
  await ada.goto('/reviews?state=cancelled')
  await expect(ada.getByRole('table', { name: 'Access reviews' })).toContainText(name)
  await ada.goto(`/reviews/${review.id}/evidence`)
  await expect(ada.getByText('none: it was cancelled')).toBeVisible()
})

test('a review of a context holds whoever reaches it; of the organization, it names who reviews oneself', async ({
  as,
}) => {
  const ada = await as('ada', '/reviews/new?scope=organization')
  const start = ada.getByRole('button', { name: 'Start access review' })
  const preview = ada.getByRole('region', { name: 'What would be reviewed' })
  await ada.getByLabel('Name').fill('Everything')
  await expect(preview).toContainText(/\d+ lines about \d+ people/)
  await expect(start).toBeEnabled()
  // Without a second fallback nobody could review what Ada holds: that is said, and nothing is sent.
  const fallback = ada.getByRole('combobox', { name: 'Fallback' })
  await fallback.press('Backspace')
  await fallback.press('Escape')
  await expect(preview).toContainText('Nobody could review what Ada Okafor holds.')
  await expect(start).toBeDisabled()
  await expect(ada.getByText(/^Nobody could review what Ada Okafor holds/)).toHaveCount(2)
  await expectAccessible(ada)

  await ada.goto('/reviews/new?scope=context')
  await ada.getByLabel('Name').fill('Who reaches the money')
  await ada.getByRole('combobox', { name: 'Context' }).click()
  await ada.getByRole('option', { name: 'payments-production' }).click()
  await expect(preview).toContainText(/\d{2} lines are granted around it/)
  await start.click()
  const table = ada.getByRole('table', { name: 'Lines' })
  await table.getByRole('row').filter({ hasText: 'Ben Sørensen' }).first().click()
  await expect(ada.getByText('not only in the context payments-production')).toBeVisible()
  await expectAccessible(ada)
})
