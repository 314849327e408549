import { expect, expectAccessible, test } from './support/test.ts'

test('Noor finds a requirement, reads the rows that prove it, follows them and prints', async ({
  as,
}) => {
  const noor = await as('noor', '/')
  await noor
    .getByRole('navigation', { name: 'Console' })
    .getByRole('link', { name: 'Compliance' })
    .click()
  await expect(noor.getByRole('heading', { name: 'Compliance', level: 1 })).toBeVisible()
  const counts = noor.getByRole('table', { name: 'Controls by state' })
  await expect(counts.getByRole('row')).toHaveCount(6)
  await expectAccessible(noor)
  await counts.getByRole('link', { name: 'PCI DSS v4.0.1', exact: true }).click()
  await expect(noor).toHaveURL(/framework=pci-dss/)
  const pci = noor.getByRole('table', { name: 'PCI DSS v4.0.1' })
  await expect(pci).toBeVisible()
  await expect(noor.getByRole('table', { name: 'SOC 2' })).toHaveCount(0)
  await expect(noor.getByText(/^Live data was checked just now\.$/)).toBeVisible()
  const asked = noor.waitForRequest((request) => request.url().includes('fresh=true'))
  await noor.getByRole('button', { name: 'Check now' }).click()
  await asked
  await expect(noor.getByRole('button', { name: 'Check now' })).toBeEnabled()
  const file = noor.waitForEvent('download')
  await noor.getByRole('button', { name: 'Export controls' }).click()
  await noor.getByRole('menuitem', { name: 'CSV', exact: true }).click()
  expect((await file).suggestedFilename()).toBe('compliance.csv')

  await pci.getByRole('link', { name: /7\.2\.4 Review of access/ }).click()
  await expect(noor.getByRole('heading', { name: 'PCI DSS 7.2.4 Review of access' })).toBeVisible()
  await expect(noor.getByText(/management acknowledges it/)).toBeVisible()
  await expect(noor.getByText('Partly met', { exact: true }).first()).toBeVisible()
  const proof = noor.getByRole('table', { name: 'Rows of grants-looked-at' })
  await expect(proof.getByRole('link').first()).toBeVisible()
  await expectAccessible(noor)

  await noor.keyboard.press('Control+k')
  await noor.getByRole('combobox', { name: /Search everything/ }).fill('8.2.6')
  await noor.getByRole('option', { name: /PCI DSS 8.2.6 Inactive accounts/ }).click()
  await expect(noor.getByRole('heading', { name: 'PCI DSS 8.2.6 Inactive accounts' })).toBeVisible()
  const people = noor.getByRole('table', { name: 'Rows of people-not-dormant' })
  await expect(people.getByText('Speaks for it').first()).toBeVisible()
  await expect(
    noor.getByRole('heading', { name: /^All \d+ active people with access were here/ }),
  ).toBeVisible()
  await expect(noor.getByRole('button', { name: 'Set owner and note' })).toHaveAttribute(
    'aria-description',
    /compliance:update/,
  )
  await expectAccessible(noor)

  // What an evidence pack of it holds.
  await noor.getByRole('link', { name: 'Evidence of PCI DSS 8.2.6 in the audit trail' }).click()
  await expect(noor).toHaveURL(/\/audit\?q=noun%3Apeople\+noun%3Ateams$/)
  await expect(
    noor.getByRole('table', { name: 'Audit events' }).getByRole('row').nth(1),
  ).toContainText(/people\.|teams\./)
  await noor.goBack()
  await expect(people.getByText('Speaks for it').first()).toBeVisible()

  // On paper there is the page alone, and all of it.
  await noor.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(noor.getByRole('navigation', { name: 'Console' })).toBeHidden()
  await expect(noor.getByRole('button', { name: 'Print' })).toBeHidden()
  await expect(people.getByText('Speaks for it').first()).toBeVisible()
  const pdf = await noor.pdf({ format: 'A4' })
  expect(pdf.subarray(0, 4).toString()).toBe('%PDF')
  await noor.emulateMedia({ media: null, colorScheme: null })

  await noor.getByRole('link', { name: 'People who were not seen for 90 days' }).click()
  await expect(noor).toHaveURL(/\/people\?unseenDays=90/)
  await expect(noor.getByRole('table', { name: 'People' }).getByRole('row').nth(1)).toBeVisible()
})

test('Ada says who answers for a control and notes what nobody can measure; a developer is told of none', async ({
  as,
}) => {
  const ada = await as('ada', '/compliance/pci-dss-10.3.3')
  await expect(ada.getByText('Not measurable here', { exact: true }).first()).toBeVisible()
  await expect(ada.getByText(/Nothing that the product knows/)).toBeVisible()
  await ada.getByRole('button', { name: 'Set owner and note' }).click()
  const dialog = ada.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'Who answers for it' }).fill('Lin')
  await ada.getByRole('option', { name: 'Lin Zhao' }).click()
  await dialog.getByLabel('Note').fill('Copied to the bucket of Internal audit each night')
  await expectAccessible(ada)
  await dialog.getByRole('button', { name: 'Set owner and note' }).click()
  await expect(dialog).toBeHidden()
  await expect(ada.getByRole('link', { name: 'Lin Zhao' }).first()).toBeVisible()
  const history = ada.getByRole('table', { name: 'History' })
  await expect(history).toContainText('Copied to the bucket of Internal audit each night')
  await expect(history.getByRole('link', { name: 'Ada Okafor' }).first()).toBeVisible()
  await expectAccessible(ada)
  await ada.goto('/compliance?state=not_measurable')
  await expect(ada.getByRole('link', { name: 'Lin Zhao' }).first()).toBeVisible()

  const sam = await as('sam', '/compliance')
  await expect(sam.getByText(/compliance:view/).first()).toBeVisible()
  await expect(
    sam.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Compliance' }),
  ).toHaveCount(0)
})
