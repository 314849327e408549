import { whyOf } from '../../contract/why.ts'

/** Why something was decided, in a row whose other columns say what; the whole sentence under the pointer. */
export const Why = ({ sentence }: { readonly sentence: string }) => (
  <span title={sentence}>{whyOf(sentence)}</span>
)
