import { sql } from 'kysely'
import { operations } from '../../../contract/index.ts'
import { grantHolds } from '../../decision/live-grant.ts'
import { daysBefore } from '../findings/service.ts'
import { ofFacts, ofObjects, row, type Check, type Setting } from './check.ts'

/** Ids of whoever holds a grant that holds now, directly or by a team. */
const holders = ({ now }: Setting) => {
  const live = grantHolds(now)
  return sql`(
    select g.person_id from access_grant g where g.person_id is not null and ${live}
    union select m.person_id from access_grant g join team_member m on m.team_id = g.team_id where ${live})`
}

const person = { what: sql`'Person'`, kind: sql`'person'`, id: sql`p.id`, name: sql`p.name` }

/** What a shared mailbox or an account of a machine is called; a person is called otherwise. */
const functions =
  '^(admin|administrator|root|deploy|deployer|ci|cd|build|builder|jenkins|bot|robot|service|svc|shared|team|ops|devops|operations|support|info|office|test|tester|noreply|no-reply|security|monitoring)([-._+0-9]|$)'

/** Methods of RFC 8176 beside a password: something one has, or is. */
const second = [
  'otp',
  'mfa',
  'hwk',
  'swk',
  'pop',
  'sc',
  'fpt',
  'face',
  'iris',
  'retina',
  'sms',
  'tel',
]

/** Who people are, whether they are still here, and how they prove it. */
export const peopleChecks: readonly Check[] = [
  {
    id: 'accounts-personal',
    asks: 'Active people, and whether the e-mail of each is a person’s: one that is called after a function or a machine (admin, deploy, ci, shared …) is taken to be shared.',
    satisfy:
      'Give each person an account of their own at the identity provider, and mark the shared one as having left.',
    list: { label: 'People', opens: 'people' },
    ask: ofObjects(
      {
        of: ['active person', 'active people'],
        good: ['has an account that is one person’s', 'have accounts that are one person’s'],
        bad: [
          'has an account that is called after a function',
          'have accounts that are called after a function',
        ],
        none: 'Nobody is known yet.',
      },
      () => sql`
        select ${row({
          ...person,
          good: sql`split_part(lower(p.email), '@', 1) !~ ${functions}`,
          says: sql`p.email`,
          at: sql`p.created_at`,
        })} from person p where p.state = 'active'`,
    ),
  },
  {
    id: 'people-not-dormant',
    asks: 'Active people who hold a grant, directly or by a team, and whether each was seen in the last 90 days. Who was made known less than 90 days ago counts as seen.',
    satisfy:
      'Mark whoever does not work here any more as having left, and revoke the grants of the others until they ask again.',
    list: {
      label: 'People who were not seen for 90 days',
      opens: 'people',
      params: { unseenDays: '90' },
    },
    ask: ofObjects(
      {
        of: ['active person with access', 'active people with access'],
        good: [
          'was here in the last 90 days, or is new',
          'were here in the last 90 days, or are new',
        ],
        bad: ['was not here for 90 days', 'were not here for 90 days'],
        none: 'Nobody holds a grant.',
      },
      (setting) => sql`
        select ${row({
          ...person,
          good: sql`coalesce(p.last_seen_at, p.created_at) >= ${daysBefore(setting.now, 90)}`,
          says: sql`case when p.last_seen_at is null then 'never signed in' else 'last seen' end`,
          at: sql`coalesce(p.last_seen_at, p.created_at)`,
        })} from person p where p.state = 'active' and p.id in ${holders(setting)}`,
    ),
  },
  {
    id: 'leavers-out',
    asks: 'People who are marked as having left, and whether each of them still holds a grant, directly or by a team, an API token or a session that is live.',
    satisfy:
      'Revoke what they hold, and take them out of the teams that hold grants. Their sessions and tokens end by themselves when they are marked as having left.',
    list: { label: 'People who have left', opens: 'people', params: { state: 'left' } },
    ask: ofObjects(
      {
        of: ['person who has left', 'people who have left'],
        good: ['holds nothing any more', 'hold nothing any more'],
        bad: ['still holds something', 'still hold something'],
        none: 'Nobody is marked as having left yet.',
        strict: true,
      },
      (setting) => sql`
        select ${row({
          ...person,
          good: sql`n.grants + n.by_team + n.tokens + n.sessions = 0`,
          says: sql`'grants: ' || n.grants || ', grants by a team: ' || n.by_team || ', API tokens: ' || n.tokens || ', sessions: ' || n.sessions`,
          at: sql`p.left_at`,
        })} from person p, lateral (select
          (select count(*) from access_grant g where g.person_id = p.id and ${grantHolds(setting.now)}) as grants,
          (select count(*) from team_member m join access_grant g on g.team_id = m.team_id
            where m.person_id = p.id and ${grantHolds(setting.now)}) as by_team,
          (select count(*) from api_token k where k.person_id = p.id and k.revoked_at is null and k.expires_at > ${setting.now}) as tokens,
          (select count(*) from session s where s.person_id = p.id and s.ended_at is null
            and s.started_at > ${new Date(setting.now.getTime() - setting.config.session.maxAgeSeconds * 1000)}) as sessions) n
        where p.state = 'left'`,
    ),
  },
  {
    id: 'sign-in-multi-factor',
    asks: 'Sessions that began in the last 30 days, and whether the identity provider says of each that more than a password was asked for (the methods of RFC 8176).',
    satisfy:
      'Ask for a second factor at the identity provider, and have it say so in the `amr` claim of its tokens.',
    list: { label: 'Sessions', opens: 'everySession', params: { ended: 'true' } },
    ask: ofObjects(
      {
        of: ['session of the last 30 days', 'sessions of the last 30 days'],
        good: ['began with a second factor', 'began with a second factor'],
        bad: [
          'began without one that the identity provider told of',
          'began without a second factor that the identity provider told of',
        ],
        none: 'Nobody has signed in for 30 days.',
      },
      (setting) => sql`
        select ${row({
          ...person,
          good: sql`s.amr && ${sql.val(second)}::text[]`,
          says: sql`case when cardinality(s.amr) = 0 then 'no method told' else array_to_string(s.amr, ', ') end`,
          at: sql`s.started_at`,
        })} from session s join person p on p.id = s.person_id where s.started_at > ${daysBefore(setting.now, 30)}`,
    ),
  },
  {
    id: 'sessions-bound',
    asks: 'Sessions that began in the last 30 days, and whether the tokens of each are bound to a key of the browser, so that a copied one is worth nothing (RFC 9449).',
    satisfy:
      'Have the identity provider bind access tokens to the DPoP key that the console shows.',
    list: { label: 'Sessions', opens: 'everySession', params: { ended: 'true' } },
    ask: ofObjects(
      {
        of: ['session of the last 30 days', 'sessions of the last 30 days'],
        good: ['is bound to a key', 'are bound to a key'],
        bad: ['is not bound to a key', 'are not bound to a key'],
        none: 'Nobody has signed in for 30 days.',
      },
      (setting) => sql`
        select ${row({
          ...person,
          good: sql`s.jkt is not null`,
          says: sql`case when s.jkt is null then 'not bound' else 'bound to ' || left(s.jkt, 8) || '…' end`,
          at: sql`s.started_at`,
        })} from session s join person p on p.id = s.person_id where s.started_at > ${daysBefore(setting.now, 30)}`,
    ),
  },
  {
    id: 'session-idle-15',
    asks: 'After how much time without use this server ends a session, and whether that is 15 minutes or less.',
    satisfy: 'Set SESSION_IDLE to 900 or less.',
    list: { label: 'Sessions', opens: 'everySession' },
    ask: (_, { config }) =>
      Promise.resolve(
        ofFacts(
          limitWords(
            'ends a session after 15 minutes or less without use',
            'end a session after 15 minutes or less without use',
          ),
          [idleRow(config.session.idleSeconds, 900)],
        ),
      ),
  },
  {
    id: 'session-ends',
    asks: 'After how much time without use, and how long after its beginning, this server ends a session: within an hour, and within a day.',
    satisfy: 'Set SESSION_IDLE to at most 3600 and SESSION_MAX_AGE to at most 86400.',
    list: { label: 'Sessions', opens: 'everySession' },
    ask: (_, { config }) =>
      Promise.resolve(
        ofFacts(limitWords('ends sessions by itself', 'end sessions by themselves'), [
          idleRow(config.session.idleSeconds, 3_600),
          {
            what: 'SESSION_MAX_AGE',
            name: `${config.session.maxAgeSeconds} seconds`,
            says: 'after its beginning, whatever it is used for',
            good: config.session.maxAgeSeconds <= 86_400,
          },
        ]),
      ),
  },
  {
    id: 'step-up',
    asks: 'Operations that cut access, hand it out or take data away, and whether each asks for a sign-in of the last 15 minutes (RFC 9470).',
    satisfy: 'Set STEP_UP_MAX_AGE to 900 or less.',
    ask: (_, { config: { stepUpMaxAgeSeconds: seconds } }) =>
      Promise.resolve(
        ofFacts(
          {
            of: ['dangerous operation', 'dangerous operations'],
            good: ['asks for a fresh sign-in', 'ask for a fresh sign-in'],
            bad: ['takes an older one', 'take an older one'],
            none: 'There is none.',
          },
          dangerous.map(({ id, spec }) => ({
            what: id,
            name: spec.summary,
            says: `a sign-in of the last ${seconds} seconds`,
            good: seconds <= 900,
          })),
        ),
      ),
  },
]

const dangerous = operations().filter(({ spec }) => spec.stepUp)

const limitWords = (one: string, many: string) => ({
  of: ['limit', 'limits'] as const,
  good: [one, many] as const,
  bad: ['is longer than that', 'are longer than that'] as const,
  none: 'There is no limit.',
  strict: true as const,
})

const idleRow = (seconds: number, most: number) => ({
  what: 'SESSION_IDLE',
  name: `${seconds} seconds`,
  says: 'without use',
  good: seconds <= most,
})
