-- Roles, and grants: role × subject (person or team) × scope, with an expiry.

create table role (
  id uuid primary key,
  name text not null,
  description text not null default '',
  built_in boolean not null default false,
  permissions text[] not null,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index role_name_key on role (lower(name));

-- The same as src/contract/built-in-roles.ts, by its test.
insert into role (id, name, description, built_in, permissions) values
  ('00000000-0000-7000-8000-000000000001', 'Security admin', 'Everything: roles, grants, contexts, policies, sessions and the audit trail.', true,
   '{person:view,person:import,person:update,team:view,team:update,role:view,role:create,role:update,role:delete,grant:view,grant:create,grant:revoke,segment:view,segment:create,segment:update,segment:delete,project:view,project:create,project:update,project:delete,context:view,context:create,context:update,context:delete,context:restrict,context:use,secret:store,secret:delete,policy:view,policy:create,policy:update,policy:enforce,policy:delete,decision:view,audit:view,audit:export,session:view,session:revoke,apiToken:view,apiToken:create,apiToken:revoke,overview:view}'),
  ('00000000-0000-7000-8000-000000000002', 'Team lead', 'Runs what a team owns: its members, projects, contexts and secrets, and who may reach them.', true,
   '{person:view,team:view,role:view,grant:view,segment:view,project:view,context:view,policy:view,decision:view,team:update,grant:create,grant:revoke,project:create,project:update,context:create,context:update,context:restrict,context:use,secret:store,secret:delete,apiToken:create}'),
  ('00000000-0000-7000-8000-000000000003', 'Auditor', 'Sees everything and changes nothing; searches the audit trail and takes evidence away.', true,
   '{person:view,team:view,role:view,grant:view,segment:view,project:view,context:view,policy:view,decision:view,audit:view,audit:export,session:view,apiToken:view,overview:view}'),
  ('00000000-0000-7000-8000-000000000004', 'Developer', 'Sees projects, contexts and decisions, and uses contexts in runs that the restrictions admit.', true,
   '{person:view,team:view,role:view,grant:view,segment:view,project:view,context:view,policy:view,decision:view,context:use}');
select audited('role');

create table access_grant (
  id uuid primary key,
  role_id uuid not null constraint access_grant_role_fkey references role,
  subject_kind text not null,
  person_id uuid references person,
  team_id uuid references team,
  scope_kind text not null,
  segment_id uuid,
  project_id uuid,
  context_id uuid,
  -- As the scope was called when it was granted: stays when the scope is gone.
  scope_name text,
  reason text not null default '',
  expires_at timestamptz,
  -- Null for the first administrator, whom the settings name.
  granted_by uuid references person,
  granted_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  ended_by uuid references person,
  end_reason text,
  version int not null default 1,
  constraint access_grant_subject_check check (
    (subject_kind = 'person' and person_id is not null and team_id is null)
    or (subject_kind = 'team' and team_id is not null and person_id is null)),
  -- A live grant names its scope; an ended one may outlive it.
  constraint access_grant_scope_check check (
    (scope_kind = 'organization' and num_nonnulls(segment_id, project_id, context_id) = 0)
    or (scope_kind = 'segment' and (segment_id is not null or ended_at is not null)
        and num_nonnulls(project_id, context_id) = 0)
    or (scope_kind = 'project' and (project_id is not null or ended_at is not null)
        and num_nonnulls(segment_id, context_id) = 0)
    or (scope_kind = 'context' and (context_id is not null or ended_at is not null)
        and num_nonnulls(segment_id, project_id) = 0))
);
create index access_grant_person on access_grant (person_id) where ended_at is null;
create index access_grant_team on access_grant (team_id) where ended_at is null;
create index access_grant_role on access_grant (role_id);
create index access_grant_segment on access_grant (segment_id);
create index access_grant_project on access_grant (project_id);
create index access_grant_context on access_grant (context_id);
create index access_grant_expiry on access_grant (expires_at) where ended_at is null;
-- The same role twice for the same subject in the same scope says nothing more: change the one there is.
create unique index access_grant_live_key on access_grant
  (role_id, coalesce(person_id, team_id), scope_kind,
   coalesce(segment_id, project_id, context_id, '00000000-0000-0000-0000-000000000000'))
  where ended_at is null and expires_at is null;
select audited('access_grant');

create table grant_used (
  grant_id uuid primary key references access_grant,
  last_used_at timestamptz not null,
  uses bigint not null default 1
);
select exempt('grant_used', 'bookkeeping of last use, written at most once a minute a grant');
