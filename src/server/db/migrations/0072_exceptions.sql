-- Exceptions: somebody asks that a project's runs on one branch or tag may use one context for a time, though its
-- restrictions refuse them; somebody else who may change these restrictions approves; it ends by itself.
create table use_exception (
  id uuid primary key,
  requester_id uuid not null references person,
  -- What was deleted since keeps its name here: history is never lost.
  project_id uuid references project on delete set null,
  project_name text not null,
  context_id uuid references context on delete set null,
  context_name text not null,
  branch text,
  tag text,
  minutes int not null constraint use_exception_minutes_check check (minutes between 5 and 1440),
  reason text not null,
  -- The refusal that it was asked from.
  decision_id uuid not null,
  state text not null default 'pending' constraint use_exception_state_check check (
    state in ('pending', 'approved', 'expired', 'ended', 'denied', 'withdrawn', 'lapsed')),
  answer_by timestamptz not null,
  created_at timestamptz not null,
  decided_at timestamptz,
  decided_by uuid references person,
  decision_text text not null default '',
  expires_at timestamptz,
  ended_at timestamptz,
  ended_by uuid references person,
  version int not null default 1,
  constraint use_exception_ref_check check (num_nonnulls(branch, tag) = 1),
  -- Nobody approves what they asked for themselves (P45).
  constraint use_exception_second_person_check check (decided_by is distinct from requester_id),
  constraint use_exception_approved_check check ((state in ('approved', 'expired', 'ended')) = (expires_at is not null)),
  constraint use_exception_decided_check check ((state in ('approved', 'expired', 'ended', 'denied')) = (decided_by is not null))
);
create index use_exception_requester on use_exception (requester_id, id desc);
create index use_exception_context on use_exception (context_id, id desc);
create index use_exception_project on use_exception (project_id);
create index use_exception_open on use_exception (answer_by) where state = 'pending';
create index use_exception_live on use_exception (expires_at) where state = 'approved';
-- The same is not asked for twice at a time.
create unique index use_exception_open_key on use_exception (project_id, context_id, coalesce(branch, ''), coalesce(tag, ''))
  where state = 'pending';
select audited('use_exception');
-- Runs are decided about by what is approved, as every server sees at once (0060).
create trigger gate_epoch after delete or update of state, expires_at, project_id, context_id on use_exception
  for each statement execute function gate_changed();
