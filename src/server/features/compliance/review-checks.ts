import { sql } from 'kysely'
import { controlId } from '../../../contract/control-refs.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { daysBefore } from '../findings/service.ts'
import { ofFacts, type Check } from './check.ts'

/** The requirement whose owner acknowledges what the reviews found. */
const acknowledged = controlId('PCI DSS 7.2.4')

interface Newest {
  readonly id: string
  readonly name: string
  readonly closedAt: Date
  readonly lately: boolean
  readonly lines: number
  /** Lines that nobody answered in time. */
  readonly byRule: number
  /** What was to go and is still there. */
  readonly still: number
  readonly signerName: string
  readonly signedByOwner: boolean
  readonly ownerName: string | null
}

const words = {
  of: [
    'thing asked of the newest review of everybody’s access',
    'things asked of the newest review of everybody’s access',
  ],
  good: ['holds', 'hold'],
  bad: ['does not hold', 'do not hold'],
  none: 'Nothing is asked.',
} as const

/** What access reviews show as a whole: when everybody's access was looked through, by whom, and what became of it. */
export const reviewChecks: readonly Check[] = [
  {
    id: 'access-reviewed',
    asks: 'The newest access review of everybody’s access (the whole organization, privileged or not, used or not) that was carried out, and whether it ended in the last six months (182 days), a person answered each of its lines, what was to go has gone, and it was signed off by whoever answers for PCI DSS 7.2.4 here.',
    satisfy:
      'Start an access review of the organization that begins again every 180 days, have every line answered in time, name a manager as who answers for PCI DSS 7.2.4, and have them sign it off.',
    list: { label: 'Access reviews', opens: 'reviews', params: { state: 'closed' } },
    async ask(db, { now }) {
      const { rows } = await sql<Newest>`
        select v.id, v.name, v.closed_at, v.closed_at >= ${daysBefore(now, 182)} as lately, v.lines,
          (select count(*)::int from review_answer a where a.review_id = v.id and a.by_rule) as by_rule,
          (select count(*)::int from review_answer a join review_line l on l.id = a.line_id join access_grant g on g.id = l.grant_id
            where a.review_id = v.id and a.decision = 'revoke' and a.result = 'failed' and ${grantHolds(now)}
              and (l.team_id is null or exists (select from team_member m where m.team_id = l.team_id and m.person_id = l.person_id))) as still,
          coalesce(p.name, 'nobody, for it was due') as signer_name, coalesce(c.owner_id = v.signed_by, false) as signed_by_owner, o.name as owner_name
        from review v left join person p on p.id = v.signed_by
          left join control c on c.id = ${acknowledged} left join person o on o.id = c.owner_id
        where v.state = 'closed' and v.scope_kind = 'organization' and not v.privileged and v.unused_days is null
        order by v.closed_at desc limit 1`.execute(db)
      const [newest] = rows
      const what = 'Access review'
      if (!newest) {
        const says = 'no review of everybody’s access was carried out yet'
        const none = ofFacts(words, [{ what, name: 'None', says, good: false }])
        return { ...none, says: 'No review of everybody’s access was carried out yet.' }
      }
      const { id, name, closedAt, lately, lines, byRule, still, signerName, ownerName } = newest
      const fact = (good: boolean, says: string, at?: Date) => ({
        what,
        kind: 'review',
        id,
        name,
        says,
        good,
        ...(at && { at: at.toISOString() }),
      })
      return ofFacts(words, [
        fact(lately, 'ended', closedAt),
        fact(byRule === 0, `${lines - byRule} of ${lines} lines answered by a person`),
        fact(still === 0, `what was to go and is still there: ${still}`),
        fact(
          newest.signedByOwner,
          `signed off by ${signerName}; ${ownerName ?? 'nobody'} answers for PCI DSS 7.2.4`,
        ),
      ])
    },
  },
]
