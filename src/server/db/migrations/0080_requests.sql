-- Access requests: a person asks for a role in a place for a time, others approve, and the grant begins and ends by itself.

-- A grant may begin later: whoever asks who holds what now asks for it too.
alter table access_grant
  add column starts_at timestamptz,
  add constraint access_grant_starts_check check (starts_at is null or starts_at < expires_at);

-- How a role may be asked for, where somebody has said it; every other has contract/request-limits.ts' first rule.
create table request_rule (
  role_id uuid primary key references role on delete cascade,
  requestable boolean not null,
  max_minutes int not null,
  lead_approvals int not null,
  security_approvals int not null,
  answer_minutes int not null,
  version int not null default 1,
  constraint request_rule_approvals_check check (
    lead_approvals >= 0 and security_approvals >= 0 and lead_approvals + security_approvals > 0),
  constraint request_rule_minutes_check check (max_minutes > 0 and answer_minutes > 0)
);
insert into request_rule values
  ('00000000-0000-7000-8000-000000000001', true, 240, 0, 2, 1440),
  ('00000000-0000-7000-8000-000000000003', true, 20160, 0, 1, 4320),
  ('00000000-0000-7000-8000-000000000004', true, 43200, 1, 0, 4320);
select audited('request_rule');

create table access_request (
  id uuid primary key,
  requester_id uuid not null references person,
  role_id uuid references role on delete set null,
  role_name text not null,
  scope_kind text not null,
  segment_id uuid references segment on delete set null,
  project_id uuid references project on delete set null,
  context_id uuid references context on delete set null,
  scope_name text not null,
  reason text not null,
  ticket text,
  duration_minutes int not null constraint access_request_duration_check check (duration_minutes > 0),
  starts_at timestamptz,
  asked jsonb,
  extends_id uuid references access_request,
  state text not null default 'pending' constraint access_request_state_check check (
    state in ('pending', 'asked_back', 'approved', 'denied', 'withdrawn', 'lapsed')),
  answer_by timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  grant_id uuid constraint access_request_grant_key unique references access_grant,
  begun_at timestamptz,
  closed_at timestamptz,
  version int not null default 1,
  constraint access_request_requester_key unique (id, requester_id),
  -- One approval, one grant: neither without the other.
  constraint access_request_granted_check check ((state = 'approved') = (grant_id is not null)),
  constraint access_request_decided_check check ((state in ('pending', 'asked_back')) = (decided_at is null)),
  constraint access_request_place_check check (
    case scope_kind
      when 'organization' then num_nonnulls(segment_id, project_id, context_id) = 0
      when 'segment' then num_nonnulls(project_id, context_id) = 0
      when 'project' then num_nonnulls(segment_id, context_id) = 0
      when 'context' then num_nonnulls(segment_id, project_id) = 0
      else false end)
);
create index access_request_requester on access_request (requester_id, id desc);
create index access_request_open on access_request (answer_by) where state in ('pending', 'asked_back');
create index access_request_going on access_request (grant_id) where state = 'approved' and closed_at is null;
create index access_request_extends on access_request (extends_id);
create index access_request_role on access_request (role_id);
create index access_request_segment on access_request (segment_id);
create index access_request_project on access_request (project_id);
create index access_request_context on access_request (context_id);
-- The same is not asked for twice at a time.
create unique index access_request_open_key on access_request
  (requester_id, role_id, scope_kind, coalesce(segment_id, project_id, context_id, '00000000-0000-0000-0000-000000000000'))
  where state in ('pending', 'asked_back');
select audited('access_request');

-- What was done with a request, by whom, in its order.
create table request_step (
  id uuid primary key,
  request_id uuid not null,
  requester_id uuid not null,
  kind text not null constraint request_step_kind_check check (
    kind in ('approved', 'narrowed', 'denied', 'asked_back', 'answered', 'withdrawn', 'ended')),
  step text constraint request_step_step_check check (step in ('lead', 'security')),
  role_version int,
  person_id uuid not null references person,
  at timestamptz not null,
  text text not null default '',
  constraint request_step_request_fkey foreign key (request_id, requester_id)
    references access_request (id, requester_id),
  -- Nobody decides on their own request, whoever writes here.
  constraint request_step_second_person_check check (
    kind not in ('approved', 'narrowed', 'denied', 'asked_back') or person_id <> requester_id),
  constraint request_step_approved_check check (
    (kind = 'approved') = (step is not null) and (kind = 'approved') = (role_version is not null))
);
create index request_step_request on request_step (request_id, id);
-- An approval counts once, for the role as it was: whoever approves the role as it is now does so anew.
create unique index request_step_approved_key on request_step (request_id, person_id, role_version)
  where kind = 'approved';
select audited('request_step');

alter table role disable trigger must_audit;
update role set permissions = permissions || '{request:view,request:approve,request:configure}'
  where id = '00000000-0000-7000-8000-000000000001';
update role set permissions = permissions || '{request:view,request:approve}'
  where id = '00000000-0000-7000-8000-000000000002';
update role set permissions = permissions || '{request:view}'
  where id = '00000000-0000-7000-8000-000000000003';
alter table role enable trigger must_audit;
