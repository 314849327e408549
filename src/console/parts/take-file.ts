import type { CallOf, OperationId } from '../../contract/index.ts'
import { respond } from '../api/client.ts'
import { saveFile } from './save-file.ts'

/** Takes an operation's file away under a name; asks for a recent sign-in first, where the contract says so. */
export async function takeFile<I extends OperationId>(
  id: I,
  input: CallOf<I>,
  [media, name]: readonly [media: string, name: string],
): Promise<void> {
  await saveFile(await respond(id, input, media), name)
}
