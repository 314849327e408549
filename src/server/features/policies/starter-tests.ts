import type { PolicyFacts } from '../../../contract/policy-facts.ts'
import type { StarterExample, StarterPolicy } from './starter-library.ts'

export interface StarterTest {
  readonly name: string
  readonly facts: PolicyFacts
  readonly expected: 'permitted' | 'denied'
}

/**
 * The examples of a starter as tests: they come with the policy that begins with it. A config is no facts of a request:
 * it is tried on the page that checks configs.
 */
export const starterTests = ({ text, examples }: StarterPolicy): StarterTest[] =>
  examples
    .filter(({ config }) => !config)
    .map((example) => ({
      name: example.says,
      expected: example.outcome,
      facts: factsOf(text, example),
    }))

/** What an example changes in an ordinary Wednesday noon. */
function factsOf(text: string, example: StarterExample): PolicyFacts {
  const at = example.at ?? '2026-11-25T12:00:00Z'
  const action = example.action ?? (text.includes('"change"') ? 'context:update' : undefined)
  if (!action) {
    const { now: _, variables: __, approvers, authors, project, ...run } = example.run ?? {}
    return {
      kind: 'run',
      at,
      workload: { id: 'workload', name: 'a pipeline' },
      context: { id: 'context', name: 'production' },
      project: project ?? { id: 'project', name: 'a project' },
      provider: 'circleci',
      fromFork: false,
      sshRerun: false,
      ...run,
      ...(approvers && { approvers: [...approvers] }),
      ...(authors && { authors: [...authors] }),
    }
  }
  const { signedInMinutesAgo, ip, client } = example
  return {
    kind: 'console',
    at,
    action,
    person: { id: 'somebody', name: 'Somebody', teams: [] },
    client: client === 'token' ? 'token' : 'console',
    resource: { kind: 'organization', id: 'organization', name: 'organization' },
    ...(ip && { ip }),
    ...(signedInMinutesAgo !== undefined && { sessionAge: signedInMinutesAgo * 60 }),
  }
}
