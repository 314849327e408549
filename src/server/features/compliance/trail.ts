import type { CheckOpens } from '../../../contract/compliance.ts'
import type { CataloguedControl } from './catalogue.ts'

/** What happened to the objects of a list, by the nouns of the audit trail; `all` is the record itself. */
const nouns: Readonly<Record<CheckOpens, readonly string[] | 'all'>> = {
  people: ['people', 'teams'],
  grants: ['grants'],
  roles: ['roles'],
  requests: ['requests'],
  reviews: ['reviews'],
  apiTokens: ['apiTokens'],
  everySession: ['sessions'],
  contexts: ['contexts'],
  projects: ['projects'],
  segments: ['segments'],
  policies: ['policies'],
  issuers: ['issuers'],
  trustRules: ['trustRules'],
  leases: ['leases', 'contexts'],
  decisions: ['contexts'],
  findings: ['findings'],
  detections: ['findings'],
  audit: 'all',
  checkpoints: 'all',
}

const nounsOf = ({ asked }: CataloguedControl) =>
  asked.flatMap(({ list }) => (list ? [nouns[list.opens]] : []))

/**
 * The search of the audit trail that finds the events behind some controls: what an evidence pack of them holds. One that
 * the record itself proves is proved by all of it, which an empty search finds; beside others it is by theirs, which the
 * record holds as well. Where no list of live data is asked, no event stands behind it: there is nothing to search for.
 */
export function trailOf(controls: readonly CataloguedControl[]): string | undefined {
  const all = controls.flatMap(nounsOf)
  if (all.length === 0) return undefined
  if (controls.length === 1 && all.includes('all')) return ''
  const some = new Set(all.flatMap((one) => (one === 'all' ? [] : one)))
  return [...some]
    .toSorted()
    .map((noun) => `noun:${noun}`)
    .join(' ')
}
