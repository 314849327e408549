import { Link } from 'react-router'
import { paths } from '../paths.ts'

/** A role by name, linked while it exists. */
export function RoleLink({ role }: { readonly role: { id?: string | undefined; name: string } }) {
  return role.id ? <Link to={paths.role(role.id)}>{role.name}</Link> : <span>{role.name}</span>
}
