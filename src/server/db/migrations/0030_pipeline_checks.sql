-- CI configs that were checked against the policies. A check has the id of its decision, which has the trace.

-- Each text once: the same config is checked again and again.
create table pipeline_config (
  digest bytea primary key,
  text text not null
);
select audited('pipeline_config');

create table pipeline_check (
  id uuid primary key,
  at timestamptz not null,
  project_id uuid not null constraint pipeline_check_project_fkey references project on delete cascade,
  provider text not null constraint pipeline_check_provider_check check (provider in ('circleci', 'github', 'gitlab')),
  path text not null,
  kind text not null,
  branch text,
  tag text,
  status text not null constraint pipeline_check_status_check check (status in ('PASS', 'SOFT_FAIL', 'HARD_FAIL', 'ERROR')),
  hard_failures int not null,
  soft_failures int not null,
  would_failures int not null,
  enabled_rules text[] not null,
  facts jsonb not null,
  violations jsonb not null,
  more int not null default 0,
  checked_by_kind text not null,
  checked_by_id text not null,
  checked_by_name text not null,
  digest bytea not null constraint pipeline_check_digest_fkey references pipeline_config
);
create index pipeline_check_at on pipeline_check (at, id);
create index pipeline_check_project on pipeline_check (project_id, at, id);
create index pipeline_check_status on pipeline_check (status, at, id);
create index pipeline_check_digest on pipeline_check (digest);
select audited('pipeline_check');
