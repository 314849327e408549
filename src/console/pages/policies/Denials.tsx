import { Link } from 'react-router'
import { paths } from '../../paths.ts'
import { num } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'

const week = 7 * 24 * 3_600_000

/** How often a policy denied, or would have, in seven days: a link to these decisions. */
export function Denials(props: { of: number; policy: string; policyMode: 'enforce' | 'evaluate' }) {
  const { of, policy, policyMode } = props
  const from = new Date(useNow() - week).toISOString()
  if (of === 0) return <span className="sp-dim sp-num">0</span>
  return <Link to={paths.decisions({ policy, policyMode, from })}>{num(of)}</Link>
}
