-- Findings: what the detections found in live data. The key is the detection and its subject, so that one that comes
-- back is the same one. What it is proved by is worked out again and again; what becomes of it is an event each time.

create table finding (
  id uuid primary key,
  detection text not null,
  subject_id uuid not null,
  -- 10, 7.5, 5 or 2.5 (OpenSSF Scorecard).
  weight real not null constraint finding_weight_check check (weight in (10, 7.5, 5, 2.5)),
  state text not null default 'open'
    constraint finding_state_check check (state in ('open', 'muted', 'accepted', 'resolved')),
  opened_at timestamptz not null,
  resolved_at timestamptz,
  -- Of what somebody decided: until when it holds, why, and who answers for it.
  until timestamptz,
  reason text,
  owner_id uuid references person,
  decided_by uuid references person,
  version int not null default 1,
  constraint finding_key unique (detection, subject_id),
  constraint finding_resolved_check check ((state = 'resolved') = (resolved_at is not null)),
  constraint finding_until_check check ((state in ('muted', 'accepted')) = (until is not null and reason is not null)),
  constraint finding_owner_check check ((state = 'accepted') = (owner_id is not null))
);
create index finding_worst on finding (state, weight desc, opened_at desc, id desc);
create index finding_until on finding (until) where until is not null;
select audited('finding');

create table finding_turn (
  id uuid primary key,
  finding_id uuid not null references finding on delete cascade,
  at timestamptz not null,
  turn text not null
    constraint finding_turn_check check (turn in ('opened', 'reopened', 'muted', 'accepted', 'resolved')),
  by_id uuid references person,
  reason text,
  until timestamptz
);
create index finding_turn_finding on finding_turn (finding_id, at desc, id desc);
select audited('finding_turn');

create table finding_evidence (
  finding_id uuid primary key references finding on delete cascade,
  subject_kind text not null,
  subject_name text not null,
  says text not null,
  rows jsonb not null,
  more int not null default 0,
  person_id uuid,
  project_id uuid,
  context_id uuid,
  segment_id uuid
);
create index finding_evidence_person on finding_evidence (person_id) where person_id is not null;
create index finding_evidence_project on finding_evidence (project_id) where project_id is not null;
create index finding_evidence_context on finding_evidence (context_id) where context_id is not null;
create index finding_evidence_segment on finding_evidence (segment_id) where segment_id is not null;
select exempt('finding_evidence', 'worked out from live data; that a finding opens or ends is an event');

-- When each detection looked at everything last.
create table finding_look (
  detection text primary key,
  at timestamptz not null,
  took_ms int not null,
  found int not null,
  fault text
);
select exempt('finding_look', 'when live data was looked at');

-- How far the record has been heeded: what was changed after it is looked at next.
create table finding_heeded (
  one boolean primary key default true check (one),
  leaf_index bigint not null default 0
);
insert into finding_heeded default values;
select exempt('finding_heeded', 'how far the record has been read');

-- Who may do something everywhere is asked after each change of a grant.
create index access_grant_everywhere on access_grant (role_id) where ended_at is null and scope_kind = 'organization';

alter table role disable trigger must_audit;
update role set permissions = permissions || '{finding:view,finding:update}'
  where id in ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002');
update role set permissions = permissions || '{finding:view}'
  where id = '00000000-0000-7000-8000-000000000003';
alter table role enable trigger must_audit;
