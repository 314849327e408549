-- Policies in versions; what is in force is named apart from what was written last.

create table policy (
  id uuid primary key,
  name text not null,
  description text not null default '',
  mode text not null default 'draft' constraint policy_mode_check check (mode in ('draft', 'evaluate', 'enforce')),
  -- The newest version written.
  current_version int not null default 1,
  -- The version that is evaluated or enforced.
  version_in_force int,
  owner_id uuid references person,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1,
  constraint policy_in_force_check check ((mode = 'draft') = (version_in_force is null))
);
create unique index policy_name_key on policy (lower(name));
select audited('policy');

create table policy_version (
  policy_id uuid not null references policy on delete cascade,
  number int not null check (number >= 1),
  text text not null check (octet_length(text) <= 16384),
  summary text not null default '',
  author uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  primary key (policy_id, number)
);
select audited('policy_version');

alter table policy add constraint policy_version_in_force_fkey
  foreign key (id, version_in_force) references policy_version (policy_id, number) deferrable initially deferred;

-- Enforcement is asked for by one person and approved by another: the database holds to it too.
create table policy_approval (
  id uuid primary key,
  policy_id uuid not null references policy on delete cascade,
  number int not null,
  asked_by uuid not null references person,
  asked_at timestamptz not null default clock_timestamp(),
  reason text not null default '',
  verdict text constraint policy_approval_verdict_check check (verdict in ('approved', 'declined', 'withdrawn')),
  decided_by uuid references person,
  decided_at timestamptz,
  foreign key (policy_id, number) references policy_version (policy_id, number) on delete cascade,
  constraint policy_approval_decided_check check (
    (verdict is null) = (decided_by is null) and (verdict is null) = (decided_at is null)),
  constraint policy_approval_second_person_check check (
    verdict is distinct from 'approved' or decided_by <> asked_by)
);
create unique index policy_approval_open_key on policy_approval (policy_id) where verdict is null;
select audited('policy_approval');

-- Changes with everything that may change what is in force. Never a counter: a value that was rolled back must not come again.
create table policy_epoch (
  one boolean primary key default true check (one),
  epoch uuid not null default gen_random_uuid()
);
insert into policy_epoch default values;
select exempt('policy_epoch', 'says only that policies changed; the change itself is audited');

create function policies_changed() returns trigger language plpgsql as $$ begin
  update policy_epoch set epoch = gen_random_uuid();
  return null;
end $$;
create trigger policy_epoch after insert or update or delete on policy
  for each statement execute function policies_changed();
create trigger policy_epoch after insert or update or delete on policy_version
  for each statement execute function policies_changed();
