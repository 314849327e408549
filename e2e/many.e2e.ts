import { apiAs } from './support/api.ts'
import { startServer } from './support/server.ts'
import { expect, expectAccessible, signInAs, test } from './support/test.ts'

test('of more people than a list holds, anybody is found by name or address: in a form, a team and a filter', async ({
  browser,
}) => {
  const server = await startServer({ SALLYPORT_SAMPLE: 'off' })
  try {
    const ada = await apiAs(server, 'ada')
    const rows = Array.from({ length: 230 }, (_, nth) => {
      const number = String(nth).padStart(3, '0')
      return `p${number}@meridian.example,Person ${number},,${nth === 0 ? 'Core' : ''},`
    })
    const last = 'xaver.z@meridian.example,Zora Zimmer,,,'
    await ada('POST', '/people/import', {
      csv: ['email,name,title,team,lead', ...rows, last].join('\n'),
    })
    const page = await (await browser.newContext({ baseURL: server.url })).newPage()
    await page.goto('/grants/new')
    await signInAs(page, 'ada')
    const person = page.getByRole('combobox', { name: 'Person' })
    await person.fill('nobody of that name')
    await expect(page.getByRole('option', { name: 'Nothing fits' })).toBeVisible()
    await expectAccessible(page)
    await person.fill('xaver.z')
    await page.getByRole('option', { name: 'Zora Zimmer' }).click()
    await page.getByRole('combobox', { name: 'Role' }).click()
    await page.getByRole('option', { name: 'Auditor' }).click()
    await page.getByLabel('Reason').fill('Looks at the year')
    await expect(person).toHaveValue('Zora Zimmer')
    await page.getByRole('button', { name: 'Grant role' }).click()
    await expect(page.getByRole('heading', { name: 'Auditor of Zora Zimmer' })).toBeVisible()

    // From an address the name is there as well, though no list has it.
    const { items } = await ada('GET', '/people?search=zora')
    const [zora] = items as { id: string }[]
    await page.goto(`/grants/new?person=${zora?.id}`)
    await expect(person).toHaveValue('Zora Zimmer')

    // And where several are chosen, beside those who are.
    const [core] = (await ada('GET', '/teams'))['items'] as { id: string }[]
    await page.goto(`/teams/${core?.id}`)
    const members = page.getByRole('combobox', { name: 'Members' })
    await members.fill('xaver.z')
    await page.getByRole('option', { name: 'Zora Zimmer' }).click()
    await page.getByRole('button', { name: 'Save team' }).click()
    await expect(page.getByText('Team Core is saved.')).toBeVisible()
    const people = page.getByRole('table', { name: 'Members' })
    await expect(people).toContainText('Person 000')
    await expect(people).toContainText('Zora Zimmer')

    // A filter of a list looks for them as well, by keyboard, and has the focus back with what was chosen.
    await page.goto('/findings')
    const filters = page.getByRole('search', { name: 'Filters' })
    await filters.getByRole('button', { name: 'Person' }).press('Enter')
    await expect(page.getByRole('option', { name: 'Person 000' })).toBeVisible()
    await expectAccessible(page)
    await page.keyboard.type('xaver.z')
    await expect(page.getByRole('option')).toHaveText(['Zora Zimmer'])
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(new RegExp(`person=${zora?.id}`))
    await expect(filters.getByRole('button', { name: 'Person Zora Zimmer' })).toBeFocused()
    await page.getByRole('button', { name: 'Drop the filter Person: Zora Zimmer' }).click()
    await expect(filters.getByRole('button', { name: 'Person', exact: true })).toBeVisible()
    await page.goto('/findings?person=00000000-0000-7000-8000-000000000000')
    await expect(
      filters.getByRole('button', { name: 'Person not found', exact: true }),
    ).toBeVisible()
  } finally {
    await server.stop()
  }
})
