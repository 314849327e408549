import { Status } from '../../ui/Status.tsx'

/** Whether somebody is there, has left, or is known by a number alone. */
export function PersonState({
  person,
}: {
  readonly person: { readonly state: 'active' | 'left'; readonly erasedAt?: string | undefined }
}) {
  if (person.erasedAt) return <Status is="unknown">Erased</Status>
  if (person.state === 'left') return <Status is="denied">Left</Status>
  return <Status is="permitted">Active</Status>
}
