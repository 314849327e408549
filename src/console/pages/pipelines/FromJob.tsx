import { checkSnippetFor } from '../../../contract/snippets.ts'
import { UseIt } from '../../parts/UseIt.tsx'

/** The lines of a job that has its own config checked. */
export const FromJob = () => <UseIt make={checkSnippetFor} />
