-- CI systems whose OIDC tokens are trusted, and the rules by which a token is told to be a project's.

create table issuer (
  id uuid primary key,
  name text not null,
  kind text not null constraint issuer_kind_check check (kind in ('circleci', 'github', 'gitlab', 'other')),
  -- The `iss` of its tokens, exactly.
  url text not null constraint issuer_url_key unique,
  audience text not null constraint issuer_audience_check check (audience <> ''),
  algorithms text[] not null constraint issuer_algorithms_check check (cardinality(algorithms) > 0),
  leeway_seconds int not null default 30 constraint issuer_leeway_check check (leeway_seconds between 0 and 120),
  max_age_seconds int not null default 600 constraint issuer_max_age_check check (max_age_seconds between 60 and 3600),
  bind_address boolean not null default true,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index issuer_name_key on issuer (lower(name));
select audited('issuer');

create table trust_rule (
  id uuid primary key,
  name text not null,
  issuer_id uuid not null references issuer on delete cascade,
  project_id uuid not null constraint trust_rule_project_fkey references project on delete cascade,
  conditions jsonb not null constraint trust_rule_conditions_check check (jsonb_array_length(conditions) > 0),
  allow_forks boolean not null default false,
  allow_ssh_reruns boolean not null default false,
  runner_class text,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index trust_rule_name_key on trust_rule (issuer_id, lower(name));
create index trust_rule_project on trust_rule (project_id);
select audited('trust_rule');

create table trust_rule_used (
  trust_rule_id uuid primary key references trust_rule on delete cascade,
  last_used_at timestamptz not null
);
select exempt('trust_rule_used', 'bookkeeping of last use; each use is an event of its own');
