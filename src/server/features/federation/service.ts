export { federatedClaims, type Federation } from './keys.ts'
