import { sql } from 'kysely'
import type { App } from '../../app.ts'
import type { Config } from '../../config.ts'
import { inTransaction } from '../../db/transaction.ts'
import { createCedar } from '../../decision/cedar.ts'
import { policiesInForce } from '../../decision/policy-store.ts'
import { askedOnce } from './asked-once.ts'
import { createChance } from './chance.ts'
import { playChecks } from './checks.ts'
import { found } from './company.ts'
import { playControls } from './controls.ts'
import { playDay } from './history.ts'
import { adoptPolicies } from './policies.ts'
import { playExceptions } from './exceptions.ts'
import { giveLeases, leaseDays } from './leases.ts'
import { playRequests } from './requests.ts'
import { playReviews } from './reviews.ts'
import { playRuns, type Asking } from './runs.ts'
import { createStage } from './stage.ts'

const days = { full: 90, small: 5 } as const

export interface SeedOptions {
  readonly app: Pick<App, 'db' | 'vault'>
  readonly config: Config
  readonly size: keyof typeof days
  readonly say: (line: string) => void
  /** Told before the first is written, where nobody was ever here. */
  readonly begins?: () => void
  readonly now: Date
}

/** Plays the sample company's history, if nobody was ever here. The same at every start, but for secrets and ids. */
export async function seedSample({
  app,
  config,
  size,
  say,
  begins,
  now,
}: SeedOptions): Promise<boolean> {
  const { db, vault } = app
  const { known } = await db
    .selectFrom('person')
    .select(({ fn }) => fn.countAll<number>().as('known'))
    .executeTakeFirstOrThrow()
  if (known > 0) return false
  begins?.()
  const chance = createChance(20_261_124)
  // Of its own, so that what people and runs do stays the same.
  const checking = createChance(20_261_125)
  const visiting = createChance(20_261_126)
  const leasing = createChance(20_261_127)
  const stage = createStage({ db, config, chance })
  const length = days[size]
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
  const dayBefore = (ago: number) => new Date(today - ago * 86_400_000)

  say('Seeding the sample company: people, teams, segments, projects, contexts …')
  const firstDay = new Date(dayBefore(length).getTime() - 20 * 3_600_000)
  const company = await found(stage, vault, config, firstDay)
  await adoptPolicies(stage, new Date(firstDay.getTime() + 10 * 3_600_000))
  // Nothing below changes a policy any more.
  const policies = await policiesInForce(db)
  const judge = askedOnce(createCedar().prepare(policies), policies)
  const questions = new Map<string, Asking>()
  let runs = 0
  for (let ago = length; ago >= 0; ago--) {
    if ((length - ago) % 15 === 0)
      say(`Seeding its history: day ${length - ago} of ${length}, ${runs} runs …`)
    const day = dayBefore(ago)
    const changed = await playDay({ stage, company, vault, chance, visiting }, day, ago, now)
    if (changed) questions.clear()
    await playChecks({ stage, company, chance: checking, judge }, day, now)
    await inTransaction(db, { readOnly: false }, async (tx) => {
      const played = await playRuns(tx, { chance, company, judge, questions }, day, now)
      runs += played.length
      if (ago < leaseDays) await giveLeases(tx, leasing, played, now)
    })
  }
  await rememberUse(stage)
  await playRequests(stage, company, now)
  await playExceptions(stage, now)
  await playReviews({ stage, company, db, config, now })
  await playControls(stage, company, now, length)
  // What was counted while history was still being written is counted anew.
  await db.updateTable('policyUsageEpoch').set({ epoch: null }).execute()
  return true
}

/** When contexts, secrets, trust rules and grants were last used, from the history itself. */
async function rememberUse(stage: ReturnType<typeof createStage>): Promise<void> {
  await stage.act({
    by: 'Ada Okafor',
    at: new Date(),
    action: 'contexts.list',
    may: 'context:view',
    work: async ({ db }) => {
      await sql`
        update context c set last_used_at = d.at from (
          select context_id, max(at) as at from decision
          where action = 'context:use' and outcome in ('permitted', 'would_deny') group by context_id) d
        where d.context_id = c.id`.execute(db)
      await sql`
        update secret s set last_used_at = c.last_used_at from context c
        where c.id = s.context_id and s.created_at < c.last_used_at`.execute(db)
      await sql`
        insert into trust_rule_used (trust_rule_id, last_used_at)
        select r.id, max(d.at) from trust_rule r join decision d on d.project_id = r.project_id
        where d.action = 'context:use' group by r.id
        on conflict do nothing`.execute(db)
      // Whoever came used what they held then: each their own, also of what their team holds.
      await sql`
        insert into grant_used_by (grant_id, person_id, last_used_at, uses)
        select g.id, p.id, max(v.started_at), count(*) from access_grant g
        left join team_member m on m.team_id = g.team_id
        join person p on p.id = coalesce(g.person_id, m.person_id)
        join session v on v.person_id = p.id
          and v.started_at >= greatest(g.granted_at, m.created_at)
          and v.started_at < coalesce(g.ended_at, g.expires_at, 'infinity')
        group by g.id, p.id
        on conflict do nothing`.execute(db)
      await sql`
        insert into grant_used (grant_id, last_used_at, uses)
        select grant_id, max(last_used_at), sum(uses) from grant_used_by group by grant_id
        on conflict do nothing`.execute(db)
    },
  })
}
