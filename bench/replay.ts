/**
 * Replays 100,000 recorded decisions, of 10,000 different facts, against 100 policies that are all new: no policy is shared
 * with what is enforced, which is the dearest case. `taskset -c 0 node bench/replay.ts` holds it, PostgreSQL and what
 * answers meanwhile to one core.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { sql } from 'kysely'
import { newId } from '../src/server/db/new-id.ts'
import { createReplayRunner } from '../src/server/features/replays/service.ts'
import { openBench, quantile } from './world.ts'

const decisions = Number(process.env['DECISIONS'] ?? 100_000)
await using bench = await openBench()
const { owner, app, url } = bench

const use = 'forbid (principal, action == Sallyport::Action::"context:use", resource'
const clauses = [
  'context has branch && context.branch like "release/*" && context.runnerClass != "self-hosted"',
  'context.fromFork || context.sshRerun',
  'context has trigger && ["api", "webhook"].contains(context.trigger)',
  'context.approvals < 1 && context has environment && context.environment == "production"',
  'context has tag && !(context.tag like "v*")',
]
/** Half of them of one context, half of all; each with the guards that reading an optional fact needs. */
const policy = (at: number, salt: string) => {
  const scope = at % 2 ? `${use} == Sallyport::Context::"k${at}")` : `${use})`
  const clause = (clauses[at % clauses.length] ?? 'false').replace(
    'context.runnerClass !=',
    'context has runnerClass && context.runnerClass !=',
  )
  return `@reason("${salt} ${at}")\n${scope}\nwhen { ${clause} && !(context has actorLogin) };`
}

// Nothing is recorded here: the world before the story begins.
for (const table of ['decision', 'policy', 'policy_version']) {
  await sql`alter table ${sql.table(table)} disable trigger must_audit`.execute(owner)
}
const context = newId()
await sql`
  insert into decision (id, at, actor_kind, actor_id, actor_name, action, resource_kind, resource_id,
    resource_name, project_id, context_id, outcome, layers, facts, run, asked, sentence)
  select gen_random_uuid(), clock_timestamp() - n * interval '20 seconds', 'workload', 'circleci:gh/org/p' || n % 100,
    'p' || n % 100 || ' pipeline', 'context:use', 'context', ${context}, 'production',
    null, null, 'permitted',
    (select jsonb_agg(jsonb_build_object('layer', l, 'verdict', 'permitted', 'clause', 'A clause of ' || l, 'because', '[]'::jsonb))
      from unnest(array['identity', 'grant', 'restriction', 'segment', 'policy', 'approval']) l),
    '{}',
    jsonb_build_object('provider', 'circleci', 'fromFork', false, 'sshRerun', false,
      'project', jsonb_build_object('id', 'p' || n % 100, 'name', 'project ' || n % 100, 'slug', 'gh/org/p' || n % 100,
        'segment', jsonb_build_object('id', 's', 'name', 'build'), 'team', jsonb_build_object('id', 't', 'name', 'Team')),
      'branch', (case when (n / 100) % 10 = 0 then 'release/' else 'feature/' end) || (n / 100) % 100,
      'defaultBranch', false, 'runnerClass', 'hosted/medium', 'trigger', 'push', 'environment', 'staging',
      'ip', '10.1.' || n % 250 || '.' || (n / 250) % 250, 'approvers', '["mia"]'::jsonb, 'authors', '["lin"]'::jsonb,
      'variables', jsonb_build_object('pipeline.id', gen_random_uuid(), 'pipeline.git.branch', 'feature/' || (n / 100) % 100,
        'pipeline.git.revision', md5(n::text), 'pipeline.trigger.type', 'push')),
    '{"segment": "s"}', 'Permitted: the restrictions admit it.'
  from generate_series(1, ${decisions}::int) n`.execute(owner)
await sql`analyze decision`.execute(owner)
const changes = []
for (let at = 0; at < 100; at++) {
  const id = newId()
  const common = { name: `Policy ${at}`, description: '', ownerId: null, createdBy: null }
  await owner.transaction().execute(async (db) => {
    await db
      .insertInto('policy')
      .values({ id, ...common, mode: 'enforce', versionInForce: 1 })
      .execute()
    const text = policy(at, 'enforced')
    await db
      .insertInto('policyVersion')
      .values({ policyId: id, number: 1, text, author: null })
      .execute()
  })
  changes.push({
    policyId: id,
    name: common.name,
    version: 2,
    text: policy(at, 'draft'),
    removed: false,
  })
}
// One of the hundred forbids something, so that there are rows to write.
changes[0]!.text = `@reason("not seven")\n${use}) when { context has branch && context.branch like "feature/7*" };`

const runner = createReplayRunner({
  db: app,
  databaseUrl: url,
  onError: console.error,
  everyMs: 1e9,
})
const id = newId()
const now = new Date()
await app
  .insertInto('replay')
  .values({
    id,
    changes: JSON.stringify(changes),
    fromAt: new Date(now.getTime() - 90 * 86_400_000),
    untilAt: now,
    projectId: null,
    contextId: null,
    action: null,
    createdBy: null,
    fault: null,
    progressedAt: null,
    finishedAt: null,
  })
  .execute()

const mebibytes = () => Math.round(process.memoryUsage().rss / 2 ** 20)
const before = mebibytes()
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
const began = performance.now()
const cpu = process.cpuUsage()
runner.wake()
const rss: number[] = []
const answers: number[] = []
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 250))
  const asked = performance.now()
  const row = await app
    .selectFrom('replay')
    .where('id', '=', id)
    .select(['state', 'done', 'total', 'distinctFacts'])
    .executeTakeFirstOrThrow()
  answers.push(performance.now() - asked)
  rss.push(mebibytes())
  if (rss.length % 8 === 0) console.log(`${row.done} of ${row.total} asked, RSS ${rss.at(-1)} MiB`)
  if (row.state === 'waiting' || row.state === 'running') continue
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const { count } = await app
    .selectFrom('replayChanged')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  console.log(
    `${row.state}: ${row.done} decisions, ${row.distinctFacts} different facts, 100 policies: ${seconds.toFixed(1)} s (≤ 30), ${((user + system) / 1e6).toFixed(1)} s of CPU; ${count} would be turned`,
  )
  const half = rss.slice(Math.floor(rss.length / 2))
  console.log(
    `RSS with its thread: ${before} MiB before, ${rss[Math.floor(rss.length / 4)]} MiB at a quarter, ${half[0]} at half, ${rss.at(-1)} at the end; most ${Math.max(...rss)}`,
  )
  console.log(
    `meanwhile, on the server's own thread: event loop late by ${(delay.percentile(99) / 1e6).toFixed(0)} ms at the 99th percentile; a query answered in ${quantile(answers, 0.5).toFixed(1)} ms at the median, ${quantile(answers, 0.99).toFixed(1)} ms at the 99th`,
  )
  break
}
await runner.close()
