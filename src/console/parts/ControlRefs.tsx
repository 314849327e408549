import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { controlId } from '../../contract/control-refs.ts'
import { query } from '../api/client.ts'
import { paths } from '../paths.ts'

/** The requirements that something touches, each linked to its page for whoever may see controls. */
export function ControlRefs({ refs }: { readonly refs: readonly string[] }) {
  const me = useQuery(query('me.view', {})).data
  const may = me?.may.some(({ permission }) => permission === 'compliance:view') ?? false
  return refs.map((ref, at) => (
    <span key={ref}>
      {at > 0 && ', '}
      {may ? <Link to={paths.control(controlId(ref))}>{ref}</Link> : ref}
    </span>
  ))
}
