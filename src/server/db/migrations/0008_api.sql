-- What the door itself keeps: API tokens, answers to repeated requests, used proofs, folded reads.

create table api_token (
  id uuid primary key,
  name text not null,
  person_id uuid not null references person,
  role_id uuid not null constraint api_token_role_fkey references role,
  -- SHA-256 of 256 random bits; the token itself is shown once and kept nowhere.
  hash bytea not null constraint api_token_hash_key unique,
  hint text not null,
  allow_sensitive boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_by uuid references person,
  version int not null default 1,
  constraint api_token_expiry_check check (expires_at > created_at)
);
create index api_token_person on api_token (person_id, id desc);
create index api_token_role on api_token (role_id);
select audited('api_token');

create table api_token_used (
  token_id uuid primary key references api_token,
  last_used_at timestamptz not null,
  ip text not null
);
select exempt('api_token_used', 'bookkeeping of last use, written at most once a minute a token');

create table idempotency (
  actor_id text not null,
  key text not null,
  operation text not null,
  request_hash bytea not null,
  status int not null,
  answer text,
  created_at timestamptz not null default clock_timestamp(),
  constraint idempotency_pkey primary key (actor_id, key)
);
create index idempotency_age on idempotency (created_at);
select exempt('idempotency', 'answers to repeated requests, in the transaction of what they answer');

create table dpop_seen (
  hash bytea primary key,
  expires_at timestamptz not null
);
create index dpop_seen_expiry on dpop_seen (expires_at);
select exempt('dpop_seen', 'used DPoP proofs, until they have expired');

create table read_fold (
  actor_id text not null,
  operation text not null,
  minute timestamptz not null,
  constraint read_fold_pkey primary key (actor_id, operation, minute)
);
select exempt('read_fold', 'which reads have their event of this minute already');
