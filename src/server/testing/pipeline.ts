import { randomUUID } from 'node:crypto'
import type { Problem } from '../../contract/problem.ts'
import { tokenType } from '../../contract/exchange-words.ts'
import { openIssuer, type TestIssuer } from './issuer.ts'
import type { Sent, World, WorldPerson } from './world.ts'

/** Claims of a CircleCI ID token, as its documentation lists them. */
export function circleClaims(
  project: { id: string; repository: string },
  given: Record<string, unknown> = {},
): Record<string, unknown> {
  const org = '6f0b9f2e-6a0c-4f43-9a87-5b5b9a6f7c11'
  const circle = (name: string) => `oidc.circleci.com/${name}`
  return {
    [circle('org-id')]: org,
    [circle('project-id')]: project.id,
    [circle('job-id')]: randomUUID(),
    [circle('workflow-id')]: randomUUID(),
    [circle('pipeline-id')]: randomUUID(),
    [circle('ssh-rerun')]: false,
    [circle('vcs-origin')]: project.repository,
    [circle('vcs-ref')]: 'refs/heads/main',
    [circle('context-ids')]: [],
    ...given,
  }
}

export interface PipelineOptions {
  /** The address that the issuer's tokens are for. */
  readonly audience?: string
  readonly bindAddress?: boolean
  /** Without a restriction, the context is closed. */
  readonly restricted?: boolean
}

/**
 * A project in CircleCI whose runs may use one context with two secrets: a real issuer, trusted; a rule that binds its
 * tokens to the project by its id.
 */
export async function openPipeline(world: World, ada: WorldPerson, options: PipelineOptions = {}) {
  const { audience = 'https://sallyport.example', bindAddress = true, restricted = true } = options
  const ci: TestIssuer = await openIssuer({ clientId: audience })
  const segment = await ada.call('segments.create', { name: `Build ${ci.url}`, tier: 'build' })
  const externalId = randomUUID()
  const repository = 'github.com/meridian/checkout'
  const project = await ada.call('projects.create', {
    name: `checkout ${externalId.slice(0, 8)}`,
    slug: `gh/meridian/checkout-${externalId.slice(0, 8)}`,
    provider: 'circleci',
    repository,
    externalId,
    segmentId: segment.id,
  })
  const issuer = await ada.call('issuers.create', {
    name: `CircleCI ${ci.url}`,
    kind: 'circleci',
    url: ci.url,
    audience,
    algorithms: ['ES256'],
    bindAddress,
  })
  const rule = await ada.call('trustRules.create', {
    name: 'checkout',
    issuerId: issuer.id,
    projectId: project.id,
    conditions: [{ claim: 'oidc.circleci.com/project-id', op: 'eq', values: [externalId] }],
  })
  const context = await ada.call('contexts.create', {
    name: `deploy ${externalId.slice(0, 8)}`,
    segmentId: segment.id,
  })
  await ada.call('contexts.store', { contextId: context.id, name: 'API_KEY', value: "it's $1 `x`" })
  await ada.call('contexts.store', { contextId: context.id, name: 'EMPTY', value: '' })
  const restrict = (expression: string) =>
    ada.call('contexts.restrict', {
      contextId: context.id,
      restriction: { kind: 'expression', expression },
    })
  if (restricted) await restrict('pipeline.git.branch == "main" and not job.ssh.enabled')

  const token = (
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    user = 'u',
  ) =>
    ci.idToken({
      sub: `org/o/project/${externalId}/user/${user}`,
      authTime: null,
      audience,
      claims: { jti: undefined, ...circleClaims({ id: externalId, repository }, claims) },
      header,
    })
  const form = (fields: Record<string, string | readonly string[]>) => {
    const search = new URLSearchParams()
    for (const [name, value] of Object.entries(fields)) {
      for (const each of [value].flat()) search.append(name, each)
    }
    return search.toString()
  }
  const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Sent> =>
    world.ask(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  /** What trades a token, a fresh one unless given, as it is posted. */
  const exchangeForm = async (
    fields: Record<string, string | readonly string[]> = {},
  ): Promise<string> =>
    form({
      grant_type: tokenType.grant,
      subject_token_type: tokenType.idToken,
      subject_token: fields['subject_token'] ?? (await token()),
      resource: context.name,
      ...fields,
    })
  const exchange = async (
    fields?: Record<string, string | readonly string[]>,
    headers?: Record<string, string>,
  ): Promise<Sent> => post('/api/v1/exchange', await exchangeForm(fields), headers)
  const redeem = (lease: string, headers: Record<string, string> = {}): Promise<Sent> =>
    post('/api/v1/leases/redeem', '', { authorization: `Bearer ${lease}`, ...headers })
  /** A lease, which must be given. */
  const lease = async (fields?: Record<string, string | readonly string[]>) => {
    const { status, body } = await exchange(fields)
    if (status !== 200) throw new Error((body as Problem).title)
    return body as { access_token: string; lease: string; expires_in: number; token_type: string }
  }
  const close = () => ci.close()
  return {
    ci,
    segment,
    project,
    issuer,
    rule,
    context,
    externalId,
    repository,
    restrict,
    token,
    exchangeForm,
    exchange,
    redeem,
    lease,
    close,
    [Symbol.asyncDispose]: close,
  }
}
export type Pipeline = Awaited<ReturnType<typeof openPipeline>>
