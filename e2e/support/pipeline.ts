import { randomUUID } from 'node:crypto'
import {
  operationOf,
  type CallOf,
  type OperationId,
  type OutputOf,
} from '../../src/contract/index.ts'
import { tokenType } from '../../src/contract/exchange-words.ts'
import { openIssuer } from '../../src/server/testing/issuer.ts'
import { apiAs } from './api.ts'
import type { Server } from './server.ts'
import type { Persona } from './test.ts'

/** Calls operations by their ids as a persona would, without a browser: what was there before a story begins. */
async function callsOf(server: Server, persona: Persona) {
  const send = await apiAs(server, persona)
  return async <I extends OperationId>(id: I, input: CallOf<I>): Promise<OutputOf<I>> => {
    const { method, path, body } = operationOf(id) as {
      method: string
      path: string
      body?: unknown
    }
    const rest: Record<string, unknown> = { ...input }
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
      const value = String(rest[name])
      delete rest[name]
      return encodeURIComponent(value)
    })
    const query = new URLSearchParams(rest as Record<string, string>).toString()
    const asked = body === undefined && query ? `${filled}?${query}` : filled
    return (await send(method, asked, body === undefined ? undefined : rest)) as OutputOf<I>
  }
}

/**
 * A CI system of its own, like GitHub Actions, that nobody trusts yet; a project whose runs it has; and a context with one
 * secret that nobody may use yet.
 */
export async function openUntrusted(server: Server, name: string) {
  const audience = server.url
  const ci = await openIssuer({ clientId: audience })
  const call = await callsOf(server, 'ada')
  const externalId = randomUUID()
  const segment = await call('segments.create', { name: `${name} segment`, tier: 'build' })
  const project = await call('projects.create', {
    name,
    slug: `meridian/${name}`,
    provider: 'github',
    repository: `meridian/${name}`,
    externalId,
    segmentId: segment.id,
  })
  const context = await call('contexts.create', { name: `${name}-secrets`, segmentId: segment.id })
  await call('contexts.store', { contextId: context.id, name: 'KEY', value: 'a value' })
  /** Claims as GitHub Actions makes them. */
  const token = (claims: Record<string, unknown> = {}) =>
    ci.idToken({
      sub: `repo:meridian/${name}:ref:refs/heads/main`,
      authTime: null,
      audience,
      claims: {
        repository: `meridian/${name}`,
        repository_id: externalId,
        repository_owner: 'meridian',
        event_name: 'push',
        ref: 'refs/heads/main',
        run_id: randomUUID(),
        actor: 'sam',
        runner_environment: 'github-hosted',
        ...claims,
      },
    })
  const post = async (path: string, fields: Record<string, string>, headers = {}) => {
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(fields),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  /** Trades a token as a job does. */
  const exchange = async (claims: Record<string, unknown> = {}, resource = context.name) =>
    post('/exchange', {
      grant_type: tokenType.grant,
      subject_token_type: tokenType.idToken,
      subject_token: await token(claims),
      resource,
    })
  const redeem = (lease: unknown) =>
    post('/leases/redeem', {}, { authorization: `Bearer ${String(lease)}` })
  return { ci, audience, call, segment, project, context, externalId, token, exchange, redeem }
}

/** A CI system of its own, trusted like GitHub Actions, whose runs on `main` are a project's and may use a context. */
export async function openPipeline(server: Server, name: string) {
  const pipeline = await openUntrusted(server, name)
  const { ci, audience, call, project, context } = pipeline
  const issuer = await call('issuers.create', {
    name: `${name} CI`,
    kind: 'github',
    url: ci.url,
    audience,
    algorithms: ['ES256'],
  })
  const rule = await call('trustRules.create', {
    name: `${name} by name`,
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [{ claim: 'repository', op: 'eq', values: [`meridian/${name}`] }],
  })
  await call('contexts.restrict', {
    contextId: context.id,
    restriction: { kind: 'expression', expression: 'pipeline.git.branch == "main"' },
  })
  return { ...pipeline, issuer, rule }
}
