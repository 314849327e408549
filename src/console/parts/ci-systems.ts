import type { IssuerKind } from '../../contract/trust.ts'

interface CiSystem {
  readonly label: string
  /** Claims that rules are commonly made of, with what each says; those that bind first. */
  readonly claims: readonly (readonly [name: string, says: string])[]
}

/** The CI systems as people call them, and what their tokens say (their own documentation of OpenID Connect). */
export const ciSystems: Readonly<Record<IssuerKind, CiSystem>> = {
  circleci: {
    label: 'CircleCI',
    claims: [
      ['oidc.circleci.com/project-id', 'the project’s id; never given to another'],
      ['sub', 'org/<org>/project/<project>/user/<user>'],
      ['oidc.circleci.com/vcs-ref', 'refs/heads/<branch> or refs/tags/<tag>'],
      ['oidc.circleci.com/vcs-origin', 'the repository that the run’s code is from'],
      ['oidc.circleci.com/org-id', 'the organization’s id'],
      ['oidc.circleci.com/pipeline-definition-id', 'which of the project’s pipelines'],
    ],
  },
  github: {
    label: 'GitHub Actions',
    claims: [
      ['repository_id', 'the repository’s id; never given to another'],
      ['repository', 'owner/name, which can be registered anew'],
      ['sub', 'repo:<owner>/<name>:ref:refs/heads/<branch>'],
      ['repository_owner_id', 'the owner’s id'],
      ['ref', 'refs/heads/<branch> or refs/tags/<tag>'],
      ['environment', 'the environment that the job deploys to'],
      ['job_workflow_ref', 'the workflow file at its version'],
      ['event_name', 'push, schedule, workflow_dispatch …'],
      ['runner_environment', 'github-hosted or self-hosted'],
      ['repository_visibility', 'public, private or internal'],
    ],
  },
  gitlab: {
    label: 'GitLab',
    claims: [
      ['project_id', 'the project’s id; never given to another'],
      ['project_path', 'group/project, which can be registered anew'],
      ['sub', 'project_path:<group>/<project>:ref_type:branch:ref:<branch>'],
      ['namespace_id', 'the group’s id'],
      ['ref', 'the branch or tag'],
      ['ref_type', 'branch or tag'],
      ['ref_protected', 'true where the branch or tag is protected'],
      ['environment', 'the environment that the job deploys to'],
      ['pipeline_source', 'push, schedule, web …'],
      ['ci_config_ref_uri', 'the configuration file at its version'],
    ],
  },
  other: {
    label: 'Another OIDC issuer',
    claims: [
      ['sub', 'the subject'],
      ['azp', 'the client that the token was made for'],
      ['client_id', 'the client that asked for it'],
    ],
  },
}

export const ciChoices = Object.entries(ciSystems).map(([value, { label }]) => ({
  value: value as IssuerKind,
  label,
}))
