import { expect, type Page } from '@playwright/test'
import { openPipeline } from './pipeline.ts'
import type { Server } from './server.ts'

/** A rule that admits forks of a project, and a context of production that admits the project: all but the flow between. */
export async function openFork(server: Server, name: string) {
  const pipeline = await openPipeline(server, name)
  const { call, segment, project, issuer } = pipeline
  const target = await call('segments.create', { name: `${name} production`, tier: 'production' })
  const context = await call('contexts.create', { name: `${name}-keys`, segmentId: target.id })
  await call('contexts.store', { contextId: context.id, name: 'KEY', value: 'a value' })
  const restriction = { kind: 'segment', targetId: segment.id } as const
  await call('contexts.restrict', { contextId: context.id, restriction })
  await call('trustRules.create', {
    name: `${name}, with forks`,
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [{ claim: 'repository_id', op: 'eq', values: ['4242'] }],
    allowForks: true,
  })
  /** Lets runs of the project's segment reach it. */
  const flow = async (page: Page) => {
    await page.goto('/segments/flows')
    await page
      .getByRole('checkbox', { name: new RegExp(`^From ${name} segment to ${name} production`) })
      .check()
    await page.getByLabel('Why it is opened').fill('for a test')
    await page.getByRole('button', { name: 'Save flows' }).click()
    await expect(page.getByText('The flows are saved.').first()).toBeVisible()
  }
  return { ...pipeline, flow }
}
