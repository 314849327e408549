import { claimText, type Claims, type Fork, type IssuerKind } from './trust.ts'

/** What a CI's token says of the run that brought it. What it does not say is absent, and unknown denies. */
export interface CiRun {
  readonly fork: Fork
  /** Why it may be a fork's, in words, where it is not certainly ours. */
  readonly forkSays?: string
  readonly sshRerun: boolean
  readonly branch?: string
  readonly tag?: string
  readonly protectedRef?: boolean
  readonly environment?: string
  readonly trigger?: string
  readonly runnerClass?: string
  readonly actorLogin?: string
  readonly revision?: string
  readonly workflow?: string
  /** The CI's own id of the project, never its name. */
  readonly projectId?: string
  readonly repository?: string
  /** The run and the job, as the CI numbers them. */
  readonly runId?: string
  readonly jobId?: string
}

const head = /^refs\/heads\/(.+)$/
const tagged = /^refs\/tags\/(.+)$/

function refOf(ref: string | undefined): { branch?: string; tag?: string } {
  const [, branch] = head.exec(ref ?? '') ?? []
  const [, tag] = tagged.exec(ref ?? '') ?? []
  return { ...(branch && { branch }), ...(tag && { tag }) }
}

/** Absent members left out, as `exactOptionalPropertyTypes` wants them. */
function known<T extends object>(facts: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as T
}

type Reader = (claim: (name: string) => string | undefined, repository?: string) => CiRun

/** `github.com/org/repo`, whatever way an address writes it. */
function repositoryKey(address: string): string {
  return address
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):/, '$1/')
    .replace(/\.git$/i, '')
    .replace(/\/{1,9}$/, '')
    .toLowerCase()
}

/** The run's own repository must be the project's: a path without a host is compared with all but the origin's host. */
function sameRepository(origin: string, repository: string): boolean {
  const [one, other] = [repositoryKey(origin), repositoryKey(repository)]
  const [host = '', ...path] = one.split('/')
  return one === other || (host.includes('.') && path.join('/') === other)
}

const circle = (name: string) => `oidc.circleci.com/${name}`

/** CircleCI's ID tokens (OpenID Connect tokens in jobs; `vcs-origin` and `vcs-ref` are absent for custom webhooks). */
const circleci: Reader = (claim, repository) => {
  const origin = claim(circle('vcs-origin'))
  const ref = claim(circle('vcs-ref'))
  const fork: Fork =
    origin === undefined || repository === undefined
      ? 'unknown'
      : sameRepository(origin, repository)
        ? 'no'
        : 'yes'
  const forkSays =
    origin === undefined
      ? 'the token has no vcs-origin, as of a custom webhook'
      : repository === undefined
        ? 'no project is known whose repository it could be compared with'
        : `vcs-origin is ${origin}, the project’s repository is ${repository}`
  return known<CiRun>({
    fork,
    forkSays: fork === 'no' ? undefined : forkSays,
    // Only an explicit "no" is no: what is missing may be a rerun with SSH.
    sshRerun: claim(circle('ssh-rerun')) !== 'false',
    ...refOf(ref),
    projectId: claim(circle('project-id')),
    repository: origin,
    runId: claim(circle('workflow-id')) ?? claim(circle('pipeline-id')),
    jobId: claim(circle('job-id')),
  })
}

/** Events by which code of a fork runs with the rights of the repository it was forked from. */
const foreignEvents = new Set(['pull_request_target', 'workflow_run', 'issue_comment'])
const pullRequests = new Set(['pull_request', 'pull_request_review', 'pull_request_review_comment'])

/** GitHub Actions' ID tokens (security hardening with OpenID Connect). */
const github: Reader = (claim) => {
  const event = claim('event_name')
  const fork: Fork =
    event === undefined || foreignEvents.has(event) || pullRequests.has(event) ? 'unknown' : 'no'
  const runner = claim('runner_environment')
  return known<CiRun>({
    fork,
    forkSays:
      fork === 'no'
        ? undefined
        : event
          ? `event_name is ${event}, by which code of a fork may run`
          : 'the token has no event_name',
    sshRerun: false,
    ...refOf(claim('ref')),
    environment: claim('environment'),
    trigger: event,
    runnerClass: runner,
    actorLogin: claim('actor'),
    revision: claim('sha'),
    workflow: claim('job_workflow_ref') ?? claim('workflow_ref'),
    projectId: claim('repository_id'),
    repository: claim('repository'),
    runId: claim('run_id'),
    jobId: claim('check_run_id'),
  })
}

/** GitLab CI's ID tokens (`id_tokens`): in merge request pipelines they may carry the target project's ids for a fork. */
const gitlab: Reader = (claim) => {
  const source = claim('pipeline_source')
  const type = claim('ref_type')
  const ref = claim('ref')
  const merge = source === undefined || source.includes('merge_request') || type === 'merge_request'
  const protectedRef = claim('ref_protected')
  return known<CiRun>({
    fork: merge ? 'unknown' : 'no',
    forkSays: merge
      ? source
        ? `pipeline_source is ${source}, by which code of a fork may run`
        : 'the token has no pipeline_source'
      : undefined,
    sshRerun: false,
    branch: type === 'branch' ? ref : undefined,
    tag: type === 'tag' ? ref : undefined,
    protectedRef: protectedRef === undefined ? undefined : protectedRef === 'true',
    environment: claim('environment'),
    trigger: source,
    runnerClass: claim('runner_environment'),
    actorLogin: claim('user_login'),
    revision: claim('sha'),
    workflow: claim('ci_config_ref_uri'),
    projectId: claim('project_id'),
    repository: claim('project_path'),
    runId: claim('pipeline_id'),
    jobId: claim('job_id'),
  })
}

const other: Reader = (claim) =>
  known<CiRun>({
    fork: 'unknown',
    forkSays: 'the issuer is of no known kind, so that forks cannot be told',
    sshRerun: false,
    ...refOf(claim('ref')),
    environment: claim('environment'),
    runId: claim('run_id'),
    jobId: claim('job_id'),
  })

const readers: Readonly<Record<IssuerKind, Reader>> = { circleci, github, gitlab, other }

/** Reads a token's claims; `repository` is the project's own, without which a CircleCI fork cannot be told. */
export function readCiRun(kind: IssuerKind, claims: Claims, repository?: string): CiRun {
  return readers[kind]((name) => claimText(claims[name]), repository)
}

/** A name that was given to somebody else since is not the project: its id at the CI system tells (T13). */
export const sameProject = (externalId: string | null, { projectId }: CiRun): boolean =>
  externalId === null || projectId === undefined || externalId === projectId
