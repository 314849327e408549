import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { TestVerdict } from '../../../contract/policy-tests.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { paths } from '../../paths.ts'
import { count } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'
import classes from './PolicyEditor.module.css'

/** The tests of a policy against what is typed, by the engine in the browser: which fail, and what they are told instead. */
export function PolicyTestRun({ policyId, text }: { policyId: string; text: string }) {
  const list = useQuery(query('policyTests.list', { policyId }))
  const tests = list.data?.items ?? []
  const run = useQuery({
    queryKey: ['policyTests', 'typed', policyId, text, tests.map((one) => [one.id, one.expected])],
    queryFn: async () => (await import('./check-policy.ts')).testPolicy(policyId, text, tests),
    enabled: tests.length > 0,
    staleTime: Infinity,
    placeholderData: (before: readonly TestVerdict[] | undefined) => before,
  })
  if (list.data && tests.length === 0) {
    return (
      <p className="sp-dim">
        It has no tests. <Link to={paths.policy(policyId, 'tests')}>Add one</Link>, or make one of a
        decision.
      </p>
    )
  }
  const failing = tests.flatMap((one) => {
    const told = run.data?.find(({ testId }) => testId === one.id)
    return told && !told.passes ? [{ ...one, told }] : []
  })
  return (
    <div role="status" className={classes.check}>
      <ProblemNotice error={list.error ?? run.error} />
      {run.data && (
        <div className={classes.verdict}>
          {failing.length === 0 ? (
            <Status is="good">
              Passes {tests.length === 1 ? 'its test' : `all ${tests.length} tests`}
            </Status>
          ) : (
            <Status is="denied">
              Fails {failing.length} of {count(tests.length, 'test')}, so it cannot leave draft
            </Status>
          )}
        </div>
      )}
      {failing.length > 0 && (
        <ul className={classes.problems} aria-label="Failing tests">
          {failing.map(({ id, name, expected, told }) => (
            <li key={id}>
              {name}: expects {expected}, is {told.verdict}
              {told.reasons.length > 0 && (
                <span className="sp-dim"> ({told.reasons.join('; ')})</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
