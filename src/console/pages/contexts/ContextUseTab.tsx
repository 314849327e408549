import { snippetFor } from '../../../contract/snippets.ts'
import { UseIt } from '../../parts/UseIt.tsx'
import { useContextHere } from './use-context.ts'

/** The lines of a job that bring this context's secrets. */
export function Component() {
  const { name } = useContextHere()
  return <UseIt make={(kind, given) => snippetFor(kind, { ...given, contexts: [name] })} />
}
