export { holdsPower } from './powers.ts'
export { forkPaths } from './reached.ts'
