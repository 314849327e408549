import { SecretReference } from '../../../contract/vaults.ts'
import { problem } from '../../http/problem.ts'

const mark = 'sallyport-reference/1\n'

/** A reference as it is sealed where a value would be. */
export const referenceText = ({ vaultId, mount, path, field }: SecretReference): string =>
  mark + JSON.stringify({ vaultId, mount, path, field })

/** The reference that was sealed; anything else in its place was altered in the database. */
export function readReference(text: string, name: string): SecretReference {
  const parsed = text.startsWith(mark)
    ? SecretReference.safeParse(JSON.parse(text.slice(mark.length)))
    : undefined
  if (parsed?.success) return parsed.data
  throw problem(
    'integrity_fault',
    `The secret ${name} is said to be a reference, and none was sealed there: it was altered in the database, and is not used. Store or point it anew, and look into who writes to the database.`,
  )
}
