import type { CallOf, OperationId } from '../../contract/index.ts'
import { respond } from '../api/client.ts'

/** Saves what an operation answers as a file; asks for a recent sign-in first, where the contract says so. */
export async function takeFile<I extends OperationId>(
  id: I,
  input: CallOf<I>,
  media: string,
  name: string,
): Promise<void> {
  const answer = await respond(id, input, media)
  // What breaks off is cut by the server; half a file is not saved as if it were whole.
  const file = await answer.blob().catch(() => {
    throw new Error('The file broke off before its end, and nothing was saved. Take it again.')
  })
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
