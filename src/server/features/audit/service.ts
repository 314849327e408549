export { verifierKey } from './proofs.ts'
