-- Segments (network and trust zones) and the projects placed in them.

create table segment (
  id uuid primary key,
  name text not null,
  tier text not null constraint segment_tier_check check (tier in ('production', 'staging', 'build', 'sandbox')),
  description text not null default '',
  -- From where its runs come; empty: from anywhere.
  cidrs cidr[] not null default '{}',
  runner_classes text[] not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index segment_name_key on segment (lower(name));
select audited('segment');

create table project (
  id uuid primary key,
  name text not null,
  slug text not null constraint project_slug_key unique,
  provider text not null constraint project_provider_check check (provider in ('circleci', 'github', 'gitlab')),
  repository text not null,
  default_branch text not null default 'main',
  segment_id uuid not null constraint project_segment_fkey references segment,
  -- The team that owns it.
  team_id uuid constraint project_team_fkey references team,
  -- The CI system's own immutable id: what its tokens are matched by, never the name.
  external_id text,
  renamed_from text,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1,
  constraint project_external_key unique (provider, external_id)
);
create index project_name on project (lower(name), id);
create index project_segment on project (segment_id);
create index project_team on project (team_id);
select audited('project');
