import { Link } from 'react-router'
import type { ForkJob } from '../../../contract/reach.ts'
import { paths } from '../../paths.ts'
import { count, num } from '../../ui/format.ts'

/** Where a config says that a fork makes a job run: file and line, and the check that read it. */
export function ForkJobLink({
  job: { check, file, line, job, jobs, trigger },
}: {
  readonly job: ForkJob
}) {
  return (
    <>
      <Link to={paths.check(check)}>
        <code>
          {file}:{num(line)}
        </code>
      </Link>{' '}
      {job}
      {jobs > 1 && ` and ${count(jobs - 1, 'more job', 'more jobs')}`}
      {trigger && `, by ${trigger}`}
    </>
  )
}
