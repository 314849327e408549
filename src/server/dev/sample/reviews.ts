import type { Config } from '../../config.ts'
import type { Database } from '../../db/connect.ts'
import { noPolicies } from '../../decision/policy-judge.ts'
import { rolesWith } from '../../decision/roles-with.ts'
import { createReview, createReviewRunner } from '../../features/reviews/service.ts'
import { decideMany } from '../../features/reviews/answering.ts'
import { signOff } from '../../features/reviews/sign-off.ts'
import { createInTheirName } from '../../http/in-their-name.ts'
import type { Company } from './company.ts'
import type { Stage } from './stage.ts'

const hour = 3_600_000

interface Setting {
  readonly stage: Stage
  readonly company: Company
  readonly db: Database
  readonly config: Config
  readonly now: Date
}

/** One review that was carried out, and one that a lead is in the middle of. */
export async function playReviews({ stage, company, db, config, now }: Setting): Promise<void> {
  const person = (name: string) => company.people.get(name) ?? ''
  const ago = (hours: number) => new Date(now.getTime() - hours * hour)
  const fallback = [person('Ada Okafor'), person('Ben Sørensen')]
  const lines = (reviewId: string, reviewer: string) =>
    stage.read((tx) =>
      tx
        .selectFrom('reviewAnswer as a')
        .innerJoin('reviewLine as l', 'l.id', 'a.lineId')
        .select(['a.lineId', 'a.version', 'a.reviewers', 'l.snapshot'])
        .where('a.reviewId', '=', reviewId)
        .orderBy('a.number')
        .execute()
        .then((rows) => rows.filter(({ reviewers }) => reviewers.includes(person(reviewer)))),
    )
  type Line = Awaited<ReturnType<typeof lines>>[number]
  const answer = (
    by: string,
    at: Date,
    reviewId: string,
    some: readonly Line[],
    decision: 'keep' | 'revoke',
    justification: string,
  ) =>
    stage.act({
      by,
      at,
      action: 'reviews.decideMany',
      work: (scope) =>
        decideMany(scope, {
          reviewId,
          lines: some.map(({ lineId, version }) => ({ lineId, version })),
          decision,
          justification,
        }),
    })

  const sandbox = await stage.act({
    by: 'Ada Okafor',
    at: ago(96),
    action: 'reviews.create',
    may: 'review:run',
    work: (scope) =>
      createReview(scope, {
        name: 'Sandbox, every 90 days',
        scope: {
          kind: 'segment',
          scopeId: company.segments.get('Sandbox') ?? '',
          privileged: false,
        },
        reviewers: 'named',
        people: [person('Ada Okafor'), person('Mirela Popescu')],
        fallback,
        dueAt: new Date(now.getTime() + 10 * 24 * hour).toISOString(),
        remindDays: 2,
        withoutAnswer: 'keep',
        everyDays: 90,
      }),
  })
  if (sandbox) {
    const all = await lines(sandbox, 'Ada Okafor')
    const moved = ({ snapshot: { person: of, scope } }: Line) =>
      of.name === 'Samira Khalil' && scope.kind === 'segment'
    const [over, needed] = [all.filter(moved), all.filter((line) => !moved(line))]
    const ofAda = (await lines(sandbox, 'Mirela Popescu')).filter(
      ({ snapshot }) => snapshot.person.name === 'Ada Okafor',
    )
    const why = 'The notebooks have moved to Staging'
    await answer('Ada Okafor', ago(30), sandbox, over, 'revoke', why)
    await answer('Ada Okafor', ago(29), sandbox, needed, 'keep', 'Still needed there')
    await answer('Mirela Popescu', ago(29), sandbox, ofAda, 'keep', 'Administers all of it')
    await stage.act({
      by: 'Ada Okafor',
      at: ago(28),
      action: 'reviews.signOff',
      may: 'review:run',
      version: 1,
      work: (scope) => signOff(scope, sandbox),
    })
    const policies = { current: async () => noPolicies, at: async () => noPolicies }
    const runner = createReviewRunner({
      db,
      inTheirName: createInTheirName({ config, db, policies, rolesWith }),
      onError(error) {
        throw error
      },
    })
    await runner.settled()
    await runner.close()
  }

  const payments = await stage.act({
    by: 'Ada Okafor',
    at: ago(20),
    action: 'reviews.create',
    may: 'review:run',
    work: (scope) =>
      createReview(scope, {
        name: 'Payments, every quarter',
        scope: { kind: 'team', scopeId: company.teams.get('Payments') ?? '', privileged: false },
        reviewers: 'leads',
        people: [],
        fallback,
        dueAt: new Date(now.getTime() + 13 * 24 * hour).toISOString(),
        remindDays: 2,
        withoutAnswer: 'recommendation',
        everyDays: 90,
      }),
  })
  if (!payments) return
  const some = (await lines(payments, 'Lin Zhao')).slice(0, 3)
  await answer('Lin Zhao', ago(4), payments, some, 'keep', 'Works on checkout every day')
}
