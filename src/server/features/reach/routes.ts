import type { PolicyStore } from '../../decision/policy-store.ts'
import type { Handlers } from '../../http/scope.ts'
import { everybody } from './everybody.ts'
import { findForkPaths } from './fork-paths.ts'
import { ofPerson } from './person.ts'
import { ofProject, ofRunnerClass } from './runs.ts'

/** What the feature needs beside the transaction: the policies as a transaction sees them. */
export interface ReachParts {
  readonly policies: Pick<PolicyStore, 'current'>
}

export const reachHandlers = ({ policies }: ReachParts): Handlers<'reach'> => ({
  everybody,
  ofProject,
  ofPerson,
  ofRunnerClass,
  forkPaths: async (scope) => findForkPaths(scope, await policies.current(scope.db)),
})
