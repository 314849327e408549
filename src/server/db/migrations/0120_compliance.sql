-- Controls: who answers for each, what was noted, and what live data said of it over time. Which controls there are, and
-- what is asked for each, is in the code: a control is here once somebody or the clock has said something of it.

create table control (
  id text primary key,
  owner_id uuid references person,
  note text not null default '',
  version int not null default 1
);
create index control_owner on control (owner_id) where owner_id is not null;
select audited('control');

-- What changed, in its order: the state as the console saw it, the owner and the note as somebody set them.
create table control_turn (
  id uuid primary key,
  control_id text not null,
  at timestamptz not null,
  what text not null constraint control_turn_what_check check (what in ('state', 'owner', 'note')),
  state text constraint control_turn_state_check check (state in ('met', 'partly', 'not_met', 'not_measurable')),
  says text,
  owner_id uuid references person,
  by_id uuid references person,
  constraint control_turn_told_check check ((what = 'state') = (state is not null) and (what = 'state') = (by_id is null))
);
create index control_turn_control on control_turn (control_id, at desc, id desc);
select audited('control_turn');

-- The state of each control, the last of each day (UTC).
create table control_day (
  control_id text not null,
  day date not null,
  state text not null,
  says text not null,
  primary key (control_id, day)
);
select exempt('control_day', 'worked out from live data; that a state changes is an event');

-- When states were recorded last: one server does it, whoever finds it due first.
create table control_look (
  one boolean primary key default true check (one),
  at timestamptz
);
insert into control_look default values;
select exempt('control_look', 'when live data was looked at');

alter table role disable trigger must_audit;
update role set permissions = permissions || '{compliance:view,compliance:update}'
  where id = '00000000-0000-7000-8000-000000000001';
update role set permissions = permissions || '{compliance:view}'
  where id = '00000000-0000-7000-8000-000000000003';
alter table role enable trigger must_audit;
