import type { ConfigFacts, ConfigKind } from '../../contract/pipeline-facts.ts'
import type { Provider } from '../../contract/projects.ts'
import { readCircleCi } from './circleci/read.ts'
import { readGitHub } from './github/read.ts'
import { readGitLab } from './gitlab/read.ts'
import { readYaml } from './yaml-tree.ts'

export interface ConfigSource {
  readonly provider: Provider
  readonly text: string
  /** What the caller knows of it: a continuation does not say so itself. */
  readonly kind?: ConfigKind
  /** What schedules and GitLab’s `$CI_DEFAULT_BRANCH` mean. */
  readonly defaultBranch?: string
}

/** From text to facts; throws `ConfigRefused`. Belongs into the child process: text like this can stop what reads it. */
export function readConfig({ provider, text, kind, defaultBranch }: ConfigSource): ConfigFacts {
  switch (provider) {
    case 'circleci':
      return readCircleCi(readYaml(text), kind)
    case 'github':
      return readGitHub(readYaml(text), defaultBranch)
    case 'gitlab':
      return readGitLab(readYaml(text, { tags: ['!reference'], again: 'replaces' }), defaultBranch)
  }
}
