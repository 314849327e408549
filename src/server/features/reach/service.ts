export { forkPaths } from './reached.ts'
