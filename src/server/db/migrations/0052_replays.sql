-- A draft set of policies asked about recorded decisions, and what it would turn.

create table replay (
  id uuid primary key,
  -- `{policyId, name, version, text, removed}` each, as it was asked for.
  changes jsonb not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  project_id uuid,
  context_id uuid,
  action text,
  state text not null default 'waiting'
    constraint replay_state_check check (state in ('waiting', 'running', 'done', 'cancelled', 'failed')),
  total int not null default 0,
  done int not null default 0,
  distinct_facts int not null default 0,
  untold int not null default 0,
  fault text,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  -- Moves while it runs: one that stands still has lost its server.
  progressed_at timestamptz,
  finished_at timestamptz
);
create index replay_created on replay (created_at desc, id desc);
create index replay_changes on replay using gin (changes jsonb_path_ops);
create index replay_open on replay (created_at) where state in ('waiting', 'running');
select exempt('replay', 'worked out from recorded decisions; asking for one, and stopping it, is an event');

-- What different facts would be told, once each.
create table replay_trace (
  replay_id uuid not null references replay on delete cascade,
  number int not null,
  before jsonb not null,
  after jsonb not null,
  sentence text not null,
  primary key (replay_id, number)
);
select exempt('replay_trace', 'worked out from recorded decisions');

create table replay_changed (
  replay_id uuid not null,
  decision_id uuid not null,
  at timestamptz not null,
  newly_denied boolean not null,
  number int not null,
  primary key (replay_id, decision_id),
  constraint replay_changed_trace_fkey
    foreign key (replay_id, number) references replay_trace (replay_id, number) on delete cascade
);
create index replay_changed_at on replay_changed (replay_id, at desc, decision_id desc);
select exempt('replay_changed', 'worked out from recorded decisions');

-- What the approver is shown.
alter table policy_approval add column replay_id uuid references replay on delete set null;

-- What each policy in force did in ninety days of recorded decisions, counted in the background.
create table policy_usage (
  policy_id uuid primary key references policy on delete cascade,
  policy_version int not null,
  days int not null,
  applies int not null,
  denies int not null,
  statements jsonb not null,
  computed_at timestamptz not null
);
select exempt('policy_usage', 'counts of recorded decisions');
create table policy_usage_epoch (
  one boolean primary key default true check (one),
  epoch uuid,
  computed_at timestamptz
);
insert into policy_usage_epoch default values;
select exempt('policy_usage_epoch', 'when the counts were made');
