import { expect } from 'vitest'
import { openPipeline } from './pipeline.ts'
import { openWorld } from './world.ts'

const circle = (name: string) => `oidc.circleci.com/${name}`

/** A CircleCI job's claims on a ref, such as `heads/main`. */
export const onRef = (ref: string, more: Record<string, unknown> = {}) => ({
  [circle('vcs-ref')]: `refs/${ref}`,
  ...more,
})
/** What makes a job one that no exception admits. */
export const ofFork = { [circle('vcs-origin')]: 'github.com/mallory/checkout' }
export const rerunWithSsh = { [circle('ssh-rerun')]: true }

/** A context that a job reaches from one branch alone, and those who ask, approve and know nothing of it. */
export async function openExceptions() {
  const world = await openWorld()
  /** May restrict everything, as Ben. */
  const ada = await world.as('ada')
  const ben = await world.as('ben')
  /** Works on the project, and leads nothing. */
  const sam = await world.as('sam')
  /** Sees neither the project nor the context. */
  const zoe = await world.as('zoe')
  await world.grant(ben, 'securityAdmin')
  const pipeline = await openPipeline(world, ada)
  const { id, name } = pipeline.project
  await world.grant(sam, 'developer', { kind: 'project', id, name })

  async function run(claims: Record<string, unknown>) {
    const token = await pipeline.token(claims)
    const { status, body } = await pipeline.exchange({ subject_token: token })
    return { status, body: body as Record<string, unknown> }
  }

  /** A run that is refused, and the decision of its refusal. */
  async function refusal(claims: Record<string, unknown>): Promise<string> {
    const { status, body } = await run(claims)
    expect(status).toBe(403)
    return /(?<=\/decisions\/)[0-9a-f-]{36}/.exec(JSON.stringify(body))?.[0] ?? ''
  }

  return {
    world,
    ada,
    ben,
    sam,
    zoe,
    pipeline,
    run,
    refusal,
    async close() {
      await pipeline.close()
      await world.close()
    },
  }
}

export type Exceptions = Awaited<ReturnType<typeof openExceptions>>
