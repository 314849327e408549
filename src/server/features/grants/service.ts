export {
  grantFirstAdministrator,
  hasAdministrator,
  keepingAnAdministrator,
  type Candidate,
} from './administrators.ts'
