import { Link } from 'react-router'
import { controlId } from '../../contract/control-refs.ts'
import { paths } from '../paths.ts'
import { useMay } from './use-may.ts'

/** The requirements that something touches, each linked to its page for whoever may see controls. */
export function ControlRefs({ refs }: { readonly refs: readonly string[] }) {
  const may = useMay()('compliance:view')
  return refs.map((ref, at) => (
    <span key={ref}>
      {at > 0 && ', '}
      {may ? <Link to={paths.control(controlId(ref))}>{ref}</Link> : ref}
    </span>
  ))
}
