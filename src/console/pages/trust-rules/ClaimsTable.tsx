import { claimText } from '../../../contract/trust.ts'
import { conditionOps, conditionText } from '../../parts/conditions.ts'
import type { RuleTried } from '../../parts/token-judgement.ts'
import { DataList } from '../../ui/DataList.tsx'
import { exact } from '../../ui/format.ts'
import { Status } from '../../ui/Status.tsx'
import classes from './TokenDebuggerPage.module.css'

interface Props {
  readonly claims: Readonly<Record<string, unknown>>
  readonly tried: readonly RuleTried[]
}

const shown = (value: unknown) => claimText(value) ?? JSON.stringify(value)
const times = new Set(['iat', 'exp', 'nbf', 'auth_time'])

/** Every claim of the token, and every claim that a rule asks for, beside what each rule expects of it. */
export function ClaimsTable({ claims, tried }: Props) {
  const asked = tried.flatMap(({ rule, result }) =>
    result.conditions.map((each) => ({ ...each, rule })),
  )
  const wanted = asked.map(({ condition }) => condition.claim)
  const names = [...new Set([...Object.keys(claims), ...wanted])]
  // What rules look at stands first.
  const ordered = names.toSorted(
    (one, other) =>
      Number(wanted.includes(other)) - Number(wanted.includes(one)) || one.localeCompare(other),
  )
  return (
    <DataList
      label="Claims of the token"
      heads={['Claim', 'Value', 'What rules expect']}
      rows={ordered.map((name) => {
        const expects = asked.filter(({ condition }) => condition.claim === name)
        return {
          key: name,
          cells: {
            Claim: <code>{name}</code>,
            Value: <Value name={name} value={claims[name]} />,
            'What rules expect': <Expects all={expects} />,
          },
        }
      })}
    />
  )
}

function Value({ name, value }: { readonly name: string; readonly value: unknown }) {
  if (value === undefined) return <span className="sp-dim">not in the token</span>
  return (
    <span className="sp-mono">
      {shown(value)}
      {times.has(name) && typeof value === 'number' && Math.abs(value) < 8e12 && (
        <span className="sp-dim"> {exact(new Date(value * 1000))}</span>
      )}
    </span>
  )
}

type Asked = RuleTried['result']['conditions'][number] & Pick<RuleTried, 'rule'>

function Expects({ all }: { readonly all: readonly Asked[] }) {
  return (
    <ul className={classes.expects}>
      {all.map(({ rule, condition, holds }) => (
        <li key={`${rule.id} ${conditionText(condition)}`}>
          {holds ? <Status is="good">Holds</Status> : <Status is="denied">Fails</Status>}{' '}
          {rule.name}: {conditionOps.find(({ value }) => value === condition.op)?.label}{' '}
          <code>{condition.values.join(', ')}</code>
        </li>
      ))}
    </ul>
  )
}
