export {
  asPack,
  packEntries,
  packHead,
  packTail,
  planEvent,
  planPack,
  provedEvent,
  type MadeFile,
  type PackKeys,
  type PackPlan,
} from './evidence.ts'
export { csvHead, csvPage, linesPage } from './export.ts'
export { verifierKey } from './proofs.ts'
export { readSearch, type Search } from './search.ts'
