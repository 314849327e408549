-- People and teams: known through the identity provider at sign-in, or from an import before it; and their sessions.

create table person (
  id uuid primary key,
  -- Who they are at the identity provider; null for somebody imported who has not signed in yet.
  issuer text,
  subject text,
  email text not null,
  name text not null,
  title text not null default '',
  source text not null constraint person_source_check check (source in ('idp', 'import')),
  state text not null default 'active' constraint person_state_check check (state in ('active', 'left')),
  left_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz,
  version int not null default 1,
  constraint person_identity_key unique (issuer, subject),
  constraint person_identity_check check ((issuer is null) = (subject is null)),
  constraint person_left_check check ((state = 'left') = (left_at is not null))
);
create unique index person_email_key on person (lower(email));
create index person_name on person (lower(name), id);
select audited('person');

create table team (
  id uuid primary key,
  name text not null,
  slug text not null constraint team_slug_key unique,
  -- The group at the identity provider whose members are this team's.
  idp_group text constraint team_idp_group_key unique,
  description text not null default '',
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index team_name_key on team (lower(name));
select audited('team');

create table team_member (
  team_id uuid not null references team,
  person_id uuid not null references person,
  lead boolean not null default false,
  source text not null constraint team_member_source_check check (source in ('idp', 'import', 'manual')),
  created_at timestamptz not null default clock_timestamp(),
  constraint team_member_pkey primary key (team_id, person_id)
);
create index team_member_person on team_member (person_id);
select audited('team_member');

create table session (
  id uuid primary key,
  person_id uuid not null references person,
  issuer text not null,
  -- One sign-in at the issuer: the sid claim, else the DPoP key's thumbprint, else a hash of auth_time and sub.
  session_key text not null,
  client text not null,
  started_at timestamptz not null default clock_timestamp(),
  authenticated_at timestamptz,
  acr text,
  amr text[] not null default '{}',
  ip text not null,
  user_agent text not null default '',
  -- Thumbprint of the DPoP key that its tokens are bound to (RFC 9449 §6).
  jkt text,
  ended_at timestamptz,
  end_reason text,
  ended_by uuid references person,
  constraint session_key_key unique (issuer, session_key)
);
create index session_person on session (person_id, started_at desc);
create index session_started on session (started_at desc, id desc);
select audited('session');

create table session_seen (
  session_id uuid primary key references session,
  at timestamptz not null,
  ip text not null
);
select exempt('session_seen', 'bookkeeping of last use, written at most once a minute a session');
