import { Link } from 'react-router'
import { paths } from '../paths.ts'

/** A person by name; "the system" where nobody acted. */
export function PersonLink({
  person,
}: {
  person: { id: string; name: string } | null | undefined
}) {
  return person ? (
    <Link to={paths.person(person.id)}>{person.name}</Link>
  ) : (
    <span className="sp-dim">the system</span>
  )
}
