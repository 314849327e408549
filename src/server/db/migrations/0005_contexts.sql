-- Contexts, their secrets in sealed versions, and their restrictions.

create table context (
  id uuid primary key,
  name text not null,
  description text not null default '',
  segment_id uuid constraint context_segment_fkey references segment,
  -- The team that owns it.
  team_id uuid constraint context_team_fkey references team,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  version int not null default 1
);
create unique index context_name_key on context (lower(name));
create index context_segment on context (segment_id);
create index context_team on context (team_id);
select audited('context');

create table secret (
  id uuid primary key,
  context_id uuid not null references context on delete cascade,
  name text not null constraint secret_name_check check (name ~ '^[A-Za-z_][A-Za-z0-9_]*$' and length(name) <= 300),
  current_version int not null,
  token text not null,
  -- HMAC-SHA256 under the vault's key: tells equal values, and nothing else.
  fingerprint bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  constraint secret_name_key unique (context_id, name)
);
create index secret_fingerprint on secret (fingerprint);
select audited('secret');

create table secret_version (
  secret_id uuid not null references secret on delete cascade,
  version int not null,
  sealed bytea not null,
  token text not null,
  fingerprint bytea not null,
  how text not null constraint secret_version_how_check check (how in ('stored', 'imported', 'rolled_back')),
  from_version int,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  primary key (secret_id, version)
);
select audited('secret_version');

create table restriction (
  id uuid primary key,
  context_id uuid not null references context on delete cascade,
  kind text not null,
  project_id uuid constraint restriction_project_fkey references project,
  team_id uuid constraint restriction_team_fkey references team,
  segment_id uuid constraint restriction_segment_fkey references segment,
  expression text,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  constraint restriction_target_check check (
    num_nonnulls(project_id, team_id, segment_id, expression) = 1
    and case kind when 'project' then project_id is not null when 'team' then team_id is not null
      when 'segment' then segment_id is not null when 'expression' then expression is not null else false end)
);
create unique index restriction_same_key on restriction
  (context_id, kind, coalesce(project_id::text, team_id::text, segment_id::text, md5(expression)));
create index restriction_project on restriction (project_id);
create index restriction_team on restriction (team_id);
create index restriction_segment on restriction (segment_id);
select audited('restriction');

-- Keys of the vault, wrapped by the master key, which is not in the database.
create table vault_key (
  purpose text not null constraint vault_key_purpose_check check (purpose in ('kek', 'fingerprint')),
  version int not null,
  deployment text not null,
  provider text not null,
  key_ref text not null,
  wrapped bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (purpose, version)
);
select exempt('vault_key', 'wrapped keys, made by the server at its first start, before anybody can act');
revoke update, delete on vault_key from sallyport_app;
