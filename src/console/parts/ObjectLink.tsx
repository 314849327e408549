import { Link } from 'react-router'
import { pathOf } from '../paths.ts'

/** The name of an object, linked to its page where its kind has one. */
export function ObjectLink({ kind, id, name }: { kind: string; id: string; name: string }) {
  const to = pathOf(kind, id)
  return to ? <Link to={to}>{name}</Link> : <span>{name}</span>
}
