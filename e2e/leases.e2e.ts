import { openPipeline } from './support/pipeline.ts'
import { expect, expectAccessible, test } from './support/test.ts'

test('a job gets its secrets once; a lease that is shown again stands out, and is raised on the overview', async ({
  as,
  server,
}) => {
  const pipeline = await openPipeline(server, 'leased')
  await using _ = pipeline.ci
  const given = await pipeline.exchange()
  expect(given.status).toBe(200)
  const lease = given.body['access_token']
  expect((await pipeline.redeem(lease)).body).toMatchObject({ secrets: { KEY: 'a value' } })
  expect((await pipeline.redeem(lease)).status).toBe(403)
  expect((await pipeline.redeem(lease)).status).toBe(403)
  await pipeline.exchange()

  const page = await as('ada', '/')
  await expect(page.getByRole('link', { name: /live lease.*shown twice/ })).toBeVisible()
  const panel = page.getByRole('region', { name: 'Leases shown twice' })
  await expect(panel).toContainText('leased-secrets for leased')
  await expect(panel).toContainText('again 2 times')
  await expectAccessible(page)
  await panel.getByRole('link', { name: 'leased-secrets for leased' }).click()
  await expect(page.getByRole('heading', { name: 'leased-secrets for leased' })).toBeVisible()
  await expect(page.getByText('It was shown twice')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Revoke lease' })).toHaveAttribute(
    'aria-description',
    /redeemed already/,
  )
  await expectAccessible(page)
  await page.getByRole('link', { name: 'How it was decided' }).click()
  await expect(page.getByRole('heading', { name: /context:use on leased-secrets/ })).toBeVisible()

  await page.goto(`/leases?replayed=true&projectId=${pipeline.project.id}`)
  const table = page.getByRole('table', { name: 'Leases' })
  await expect(table.getByRole('row')).toHaveCount(2)
  await expect(table).toContainText('Shown twice')
  await page.getByRole('button', { name: /Drop the filter Shown/ }).click()
  await expect(page).not.toHaveURL(/replayed/)
  await expect(table.getByRole('row')).toHaveCount(3)
  await expect(table.getByText(/^[0-4]:\d\d$/)).toBeVisible()
  await expectAccessible(page)

  // What was shown twice may be known to others: who else was given the value stands behind its version.
  await page.goto(`/contexts/${pipeline.context.id}`)
  await page.getByRole('button', { name: 'Actions of KEY' }).click()
  await page.getByRole('menuitem', { name: /versions/i }).click()
  const versions = page.getByRole('dialog')
  await expectAccessible(page)
  await versions.getByRole('link', { name: 'Runs that were given version 1' }).click()
  await expect(page.getByRole('note')).toContainText('the value of KEY, version 1')
  const ofProject = table.getByRole('row').filter({
    has: page.getByRole('link', { name: 'leased', exact: true }),
  })
  await expect(ofProject).toHaveCount(1)
  await expectAccessible(page)
  await page.getByRole('button', { name: /Drop the filter Were given/ }).click()
  await expect(ofProject).toHaveCount(2)
})

test('leases are revoked one by one and by project, after it was said what breaks', async ({
  as,
  server,
}) => {
  const pipeline = await openPipeline(server, 'revoked')
  await using _ = pipeline.ci
  const leases = [await pipeline.exchange(), await pipeline.exchange(), await pipeline.exchange()]
  const page = await as('ada', `/leases/${String(leases[0]?.body['lease'])}`)
  await page.getByRole('button', { name: 'Revoke lease' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: 'Revoke lease' })).toBeDisabled()
  await dialog.getByLabel('Reason').fill('sent to the wrong place')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Revoke lease' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('sent to the wrong place')).toBeVisible()
  const late = await pipeline.redeem(leases[0]?.body['access_token'])
  expect(late.body).toMatchObject({
    code: 'lease_spent',
    title: expect.stringContaining('sent to the wrong place'),
  })

  await page.goto(`/leases?projectId=${pipeline.project.id}`)
  await page.getByRole('button', { name: 'Revoke leases' }).click()
  await expect(dialog).toContainText('2 live leases of 2 runs in 1 project, for 1 context')
  await dialog.getByLabel('Reason').fill('the runner was taken over')
  await expect(dialog.getByRole('button', { name: 'Revoke leases' })).toBeDisabled()
  await dialog.getByLabel(/to confirm/).fill('revoked')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Revoke leases' }).click()
  await expect(page.getByText('2 leases revoked.').first()).toBeVisible()
  const ended = await pipeline.redeem(leases[2]?.body['access_token'])
  expect(ended.body).toMatchObject({
    code: 'lease_spent',
    title: expect.stringContaining('taken over'),
  })
})

test('the lines of a job stand ready on the context and on the project, filled in', async ({
  as,
  server,
}) => {
  const pipeline = await openPipeline(server, 'used')
  await using _ = pipeline.ci
  const page = await as('ada', `/contexts/${pipeline.context.id}/use`)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByText('GitHub Actions', { exact: true }).click()
  const snippet = page.getByRole('region', { name: '.github/workflows/deploy.yml' })
  await expect(snippet).toContainText(`${server.url}/api/v1`)
  await expect(snippet).toContainText('urn:sallyport:context:used-secrets')
  await expect(snippet).toContainText('::add-mask::')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Copy snippet' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain('id-token: write')
  await page.getByText('GitLab', { exact: true }).click()
  await expect(page.getByRole('region', { name: '.gitlab-ci.yml' })).toContainText('id_tokens:')
  await page.getByText('CircleCI', { exact: true }).click()
  await expect(page.getByRole('region', { name: '.circleci/config.yml' })).toContainText('BASH_ENV')

  await page.goto(`/projects/${pipeline.project.id}/use`)
  await expect(page.getByRole('region', { name: '.github/workflows/deploy.yml' })).toContainText(
    'urn:sallyport:context:',
  )
  await expectAccessible(page)
})
