-- Every refusal, every permitted change and every decision about a pipeline run, with its trace.

create table decision (
  id uuid primary key,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  resource_kind text not null,
  resource_id text not null,
  resource_name text not null,
  project_id uuid,
  context_id uuid,
  outcome text not null constraint decision_outcome_check check (outcome in ('permitted', 'would_deny', 'denied', 'failed')),
  would_deny boolean not null default false,
  layers jsonb not null,
  facts jsonb not null default '{}',
  policies jsonb not null default '[]',
  sentence text not null,
  latency_us int,
  event_id uuid
);
create index decision_at on decision (at, id);
create index decision_outcome on decision (outcome, at, id);
create index decision_actor on decision (actor_id, at, id);
create index decision_action on decision (action, at, id);
create index decision_resource on decision (resource_id, at, id);
create index decision_project on decision (project_id, at, id) where project_id is not null;
create index decision_context on decision (context_id, at, id) where context_id is not null;
create index decision_policies on decision using gin (policies jsonb_path_ops);
select audited('decision');

-- Kept in the transaction of each decision, so that charts never count what they cannot list.
create table decision_rollup (
  hour timestamptz not null,
  outcome text not null,
  project_id uuid,
  context_id uuid,
  count bigint not null
);
create unique index decision_rollup_key on decision_rollup (hour, outcome,
  coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
  coalesce(context_id, '00000000-0000-0000-0000-000000000000'));
select exempt('decision_rollup', 'counts of the decisions, written with each of them');
