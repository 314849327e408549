import { createHash, randomUUID } from 'node:crypto'
import type { Provider } from '../../../contract/projects.ts'

/** A project as its CI system knows it. */
export interface CiProject {
  readonly name: string
  readonly provider: Provider
  readonly repository: string
  /** The CI's own id of it. */
  readonly externalId: string
}

/** What a run is like, where it is not an ordinary push to the default branch. */
export interface CiRunWish {
  readonly branch?: string
  readonly tag?: string
  readonly environment?: string
  /** Code of a fork: CircleCI says whose, GitHub and GitLab only that it came by a pull or merge request. */
  readonly fork?: boolean
  readonly sshRerun?: boolean
  readonly actor?: string
}

export const circleOrganization = '3f6f1d0e-52b7-4c1c-9a0f-8f0e6a1b7d21'

/** A number that a project or owner always has, as GitHub and GitLab number them. */
export const numberOf = (name: string) =>
  String(1_000_000 + (createHash('sha256').update(name).digest().readUInt32BE(0) % 900_000_000))

const path = (repository: string) => repository.split('/').slice(1).join('/')

/** Each CI's ID token, claim by claim, as its documentation lists them. */
export const claimsOf: Readonly<
  Record<Provider, (project: CiProject, wish: CiRunWish) => Record<string, unknown>>
> = {
  circleci({ externalId, repository }, { branch = 'main', tag, fork, sshRerun, actor = 'sam' }) {
    const ref = tag ? `refs/tags/${tag}` : `refs/heads/${branch}`
    const origin = fork ? repository.replace(/\/[^/]+\//, '/a-stranger/') : repository
    const circle = (name: string) => `oidc.circleci.com/${name}`
    const user = `org/${circleOrganization}/project/${externalId}/user/${actor}`
    return {
      sub: `${user}/vcs-origin/${origin}/vcs-ref/${ref}`,
      [circle('org-id')]: circleOrganization,
      [circle('project-id')]: externalId,
      [circle('job-id')]: randomUUID(),
      [circle('workflow-id')]: randomUUID(),
      [circle('pipeline-id')]: randomUUID(),
      [circle('pipeline-definition-id')]: randomUUID(),
      [circle('context-ids')]: [],
      [circle('ssh-rerun')]: sshRerun ?? false,
      [circle('vcs-origin')]: origin,
      [circle('vcs-ref')]: ref,
    }
  },
  github({ externalId, repository }, { branch = 'main', tag, environment, fork, actor = 'sam' }) {
    const full = path(repository)
    const [owner = ''] = full.split('/')
    const event = fork ? 'pull_request' : 'push'
    const ref = fork ? 'refs/pull/7/merge' : tag ? `refs/tags/${tag}` : `refs/heads/${branch}`
    const rest = environment
      ? `environment:${environment.replaceAll(':', '%3A')}`
      : fork
        ? 'pull_request'
        : `ref:${ref}`
    const workflow = `${full}/.github/workflows/deploy.yml@${ref}`
    const sha = createHash('sha1').update(`${full}${ref}`).digest('hex')
    return {
      sub: `repo:${full}:${rest}`,
      jti: randomUUID(),
      actor,
      actor_id: numberOf(actor),
      base_ref: fork ? 'main' : '',
      head_ref: fork ? branch : '',
      check_run_id: numberOf(randomUUID()),
      event_name: event,
      ...(environment && { environment }),
      job_workflow_ref: workflow,
      job_workflow_sha: sha,
      ref,
      ref_type: tag ? 'tag' : 'branch',
      ref_protected: String(branch === 'main' && !fork),
      repository: full,
      repository_id: externalId,
      repository_owner: owner,
      repository_owner_id: numberOf(owner),
      repository_visibility: 'private',
      run_id: numberOf(randomUUID()),
      run_number: '41',
      run_attempt: '1',
      runner_environment: 'github-hosted',
      sha,
      workflow: 'deploy',
      workflow_ref: workflow,
      workflow_sha: sha,
    }
  },
  gitlab({ externalId, repository }, { branch = 'main', tag, environment, fork, actor = 'sam' }) {
    const full = path(repository)
    const [namespace = ''] = full.split('/')
    const type = tag ? 'tag' : 'branch'
    const ref = tag ?? branch
    return {
      sub: `project_path:${full}:ref_type:${type}:ref:${ref}`,
      jti: randomUUID(),
      namespace_id: numberOf(namespace),
      namespace_path: namespace,
      project_id: externalId,
      project_path: full,
      user_id: numberOf(actor),
      user_login: actor,
      user_email: `${actor}@meridian.example`,
      pipeline_id: numberOf(randomUUID()),
      pipeline_source: fork ? 'merge_request_event' : 'push',
      job_id: numberOf(randomUUID()),
      ref,
      ref_type: type,
      ref_path: `refs/${tag ? 'tags' : 'heads'}/${ref}`,
      ref_protected: String(branch === 'main' && !fork),
      ...(environment && { environment, environment_protected: 'true' }),
      runner_id: 12,
      runner_environment: 'self-hosted',
      sha: createHash('sha1').update(`${full}${ref}`).digest('hex'),
      ci_config_ref_uri: `${repository}//.gitlab-ci.yml@refs/heads/${branch}`,
    }
  },
}
