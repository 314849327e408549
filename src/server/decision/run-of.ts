import type { CiRun } from '../../contract/ci-claims.ts'
import type { RunFacts } from './run-facts.ts'

/** A project as its runs are decided about. */
export interface RunProject {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly provider: string
  readonly repository: string
  readonly defaultBranch: string
  readonly segment: { readonly id: string; readonly name: string }
  readonly team?: { readonly id: string; readonly name: string }
}

/** What is known of the run itself: by a CI's token, or because somebody imagines it. */
export interface RunGiven extends Omit<
  Partial<CiRun>,
  'fork' | 'forkSays' | 'projectId' | 'repository'
> {
  readonly fromFork: boolean
  readonly ip?: string
  /** Further pipeline values by their full names. */
  readonly values?: RunFacts['variables']
}

/**
 * The facts of one run, with the pipeline values that expressions read (CircleCI's names, whichever CI it is). What is
 * not known has no name here, so that an expression that asks for it is false.
 */
export function runOf(project: RunProject, given: RunGiven, now: Date): RunFacts {
  const { branch, tag, sshRerun = false, trigger, runnerClass, actorLogin, environment } = given
  const { protectedRef, ip, revision, runId } = given
  const isDefault = branch === undefined ? undefined : branch === project.defaultBranch
  const { id, name, slug, segment, team } = project
  const [owner, repository] = project.repository.split('/').slice(-2)
  const variables: Record<string, string | number | boolean | undefined> = {
    'pipeline.project.slug': slug,
    'pipeline.git.branch': branch,
    'pipeline.git.branch.is_default': isDefault,
    'pipeline.git.tag': tag,
    'pipeline.git.revision': revision,
    'pipeline.git.repo_owner': owner,
    'pipeline.git.repo_name': repository,
    'pipeline.git.commit.author_login': actorLogin,
    'pipeline.trigger.type': trigger,
    'pipeline.id': runId,
    'pipeline.deploy.environment_name': environment,
    'job.ssh.enabled': sshRerun,
    ...given.values,
  }
  return {
    now,
    provider: project.provider,
    project: { id, name, slug, segment, ...(team && { team }) },
    fromFork: given.fromFork,
    sshRerun,
    ...(branch !== undefined && { branch }),
    ...(tag !== undefined && { tag }),
    ...(isDefault !== undefined && { defaultBranch: isDefault }),
    ...(runnerClass !== undefined && { runnerClass }),
    ...(trigger !== undefined && { trigger }),
    ...(actorLogin !== undefined && { actorLogin }),
    ...(environment !== undefined && { environment }),
    ...(protectedRef !== undefined && { protectedRef }),
    ...(ip !== undefined && { ip }),
    variables: Object.fromEntries(
      Object.entries(variables).filter(
        (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
      ),
    ),
  }
}

/** A run as it is stored beside its decision, whose time is the run's. */
export function storedRun(run: RunFacts): Omit<RunFacts, 'now'> {
  const { now, ...stored } = run
  void now
  return stored
}

/** The facts that a person looks for first, in the order they are read. */
export function factsShown(run: RunFacts): Readonly<Record<string, string | boolean>> {
  const { branch, tag, trigger, environment, runnerClass, ip, actorLogin, fromFork, sshRerun } = run
  const shown = { branch, tag, trigger, environment, runnerClass, ip, actorLogin }
  return {
    ...Object.fromEntries(
      Object.entries(shown).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    fromFork,
    sshRerun,
  }
}
