-- Leases: the short-lived, single-use credentials that permitted workloads redeem for secrets; and the tokens that were
-- traded for them.

create table lease (
  id uuid primary key,
  kind text not null constraint lease_kind_check check (kind in ('secrets', 'token')),
  -- SHA-256 of 256 random bits; the lease itself is told once and kept nowhere. A federated token has none.
  secret_hash bytea constraint lease_secret_key unique,
  issuer_id uuid references issuer on delete set null,
  trust_rule_id uuid references trust_rule on delete set null,
  project_id uuid not null,
  project_name text not null,
  -- Who asked, as decisions and events name the workload.
  actor_id text not null,
  actor_name text not null,
  -- The run and the job as the CI numbers them, where its token says so.
  run_id text,
  job_id text,
  -- What was known of the run: asked again when the lease is redeemed.
  run jsonb not null,
  audience text,
  -- Where it may be redeemed from, and by the holder of which key (RFC 9449 §6); null: wherever, whoever.
  bound_address inet,
  jkt text,
  state text not null default 'issued'
    constraint lease_state_check check (state in ('issued', 'redeemed', 'revoked')),
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  redeemed_at timestamptz,
  redeemed_from inet,
  revoked_at timestamptz,
  revoked_by uuid references person,
  revoke_reason text,
  constraint lease_life_check check (expires_at > issued_at and expires_at <= issued_at + interval '15 minutes'),
  constraint lease_redeemed_check check ((state = 'redeemed') = (redeemed_at is not null) or kind = 'token'),
  constraint lease_revoked_check check ((state = 'revoked') = (revoked_at is not null)),
  constraint lease_kind_secret_check check ((kind = 'secrets') = (secret_hash is not null))
);
create index lease_issued on lease (issued_at desc, id desc);
create index lease_project on lease (project_id, issued_at desc);
create index lease_live on lease (expires_at) where state = 'issued';
create index lease_job on lease (actor_id, job_id, issued_at);
select audited('lease');

-- Attempts to redeem a lease again: the sign of one in two hands. A row each, so that a thousand at once do not wait for one another.
create table lease_replay (
  id uuid primary key,
  lease_id uuid not null references lease on delete cascade,
  at timestamptz not null,
  ip inet not null
);
create index lease_replay_lease on lease_replay (lease_id, at desc);
create index lease_replay_at on lease_replay (at desc);
select audited('lease_replay');

create table lease_context (
  lease_id uuid not null references lease on delete cascade,
  context_id uuid not null,
  context_name text not null,
  decision_id uuid,
  position int not null,
  primary key (lease_id, context_id)
);
create index lease_context_context on lease_context (context_id, lease_id);
select audited('lease_context');

-- A CI's token is traded once for one set of contexts: by its `jti`, else by issuer and signing input, never by the
-- whole token, which can be re-encoded (P5).
create table subject_token (
  key bytea not null,
  contexts bytea not null,
  expires_at timestamptz not null,
  lease_id uuid not null references lease on delete cascade,
  constraint subject_token_pkey primary key (key, contexts)
);
create index subject_token_expiry on subject_token (expires_at);
select exempt('subject_token', 'tokens that were traded, until they have expired; the lease of each is an event');

-- What the new nouns permit: all of it for security admins, seeing for everybody, revoking leases for leads.
alter table role disable trigger must_audit;
update role set permissions = permissions || '{issuer:view,issuer:create,issuer:update,issuer:delete,trustRule:view,trustRule:create,trustRule:update,trustRule:delete,lease:view,lease:revoke}'
  where id = '00000000-0000-7000-8000-000000000001';
update role set permissions = permissions || '{issuer:view,trustRule:view,lease:view,lease:revoke}'
  where id = '00000000-0000-7000-8000-000000000002';
update role set permissions = permissions || '{issuer:view,trustRule:view,lease:view}'
  where id in ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000004');
alter table role enable trigger must_audit;
