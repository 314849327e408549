import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { PolicyCheck } from '../../../contract/policies.ts'
import { query } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/ProblemNotice.tsx'
import { Skeletons } from '../../ui/Skeletons.tsx'
import { Status } from '../../ui/Status.tsx'
import { useSettled } from '../../ui/use-settled.ts'
import classes from './PolicyEditor.module.css'

const PolicyTestRun = lazy(() =>
  import('./PolicyTestRun.tsx').then((m) => ({ default: m.PolicyTestRun })),
)
const Code = lazy(() => import('./PolicyCode.tsx').then((m) => ({ default: m.PolicyCode })))

/** A policy's text, checked as one types: problems are underlined, and listed below for whoever does not see that. */
export function PolicyEditor(props: {
  value: string
  onChange?: (text: string) => void
  /** Whose tests run on what is typed. */
  policyId?: string
}) {
  const { value, onChange, policyId } = props
  const settled = useSettled(value, 300)
  const schema = useQuery({ ...query('policies.schema', {}), staleTime: Infinity })
  const check = useQuery({
    queryKey: ['policies', 'check', settled],
    queryFn: async () => (await import('./check-policy.ts')).checkPolicy(settled),
    staleTime: Infinity,
    placeholderData: (before: PolicyCheck | undefined) => before,
  })
  return (
    <div className={classes.editor}>
      <Suspense fallback={<Skeletons lines={12} />}>
        {schema.isPending ? (
          <Skeletons lines={12} />
        ) : (
          <Code value={value} schema={schema.data} {...(onChange && { onChange })} />
        )}
      </Suspense>
      <ProblemNotice error={check.error} />
      <div role="status" className={classes.check}>
        {check.data ? <Checked check={check.data} text={settled} /> : 'Checking …'}
      </div>
      {policyId !== undefined && (
        <Suspense>
          <PolicyTestRun policyId={policyId} text={settled} />
        </Suspense>
      )}
    </div>
  )
}

function Checked({ check, text }: { check: PolicyCheck; text: string }) {
  const { problems, actions, valid } = check
  return (
    <>
      <div className={classes.verdict}>
        {valid ? (
          <Status is="good">Validates</Status>
        ) : (
          <Status is="denied">Does not validate, so it cannot leave draft</Status>
        )}
        {actions.length > 0 && (
          <span className="sp-dim">
            Asked on {actions.length > 6 ? `${actions.length} permissions` : actions.join(', ')}
          </span>
        )}
      </div>
      {problems.length > 0 && (
        <ul className={classes.problems}>
          {problems.map(({ severity, message, help, from, to }) => (
            <li key={`${from}-${to}-${message}`}>
              <Status is={severity === 'error' ? 'denied' : 'would'}>{placeOf(text, from)}</Status>{' '}
              {message}
              {help !== undefined && <span className="sp-dim"> {help}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** Line and column, counted from one. */
function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `Line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
