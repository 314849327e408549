-- Federated tokens: Sallyport as an OIDC issuer of its own, and secrets that are references into Vault or OpenBao.

-- Keys that sign federated tokens. The private half is wrapped by the master key, which is not in the database.
create table federation_key (
  kid text primary key,
  public_jwk jsonb not null,
  wrapped bytea not null,
  key_ref text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- Published before it signs, so that whoever caches the set knows it in time.
  signs_from timestamptz not null,
  -- Published after it signs no more, until what it signed has expired everywhere.
  retired_at timestamptz
);
select audited('federation_key');

-- For whom runs that may use the context are given tokens.
alter table context add column audiences text[] not null default '{}';

create table vault_server (
  id uuid primary key,
  name text not null,
  address text not null,
  namespace text,
  -- Where its JWT method is mounted, and the role that it is asked for.
  auth_path text not null default 'jwt',
  role text not null,
  audience text not null,
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index vault_server_name_key on vault_server (lower(name));
select audited('vault_server');

-- A reference is sealed like a value, in the same place: nobody who writes to the database can point it elsewhere. What is
-- beside it is for reading.
alter table secret add column reference jsonb;
alter table secret_version add column reference jsonb;
alter table secret_version drop constraint secret_version_how_check;
alter table secret_version add constraint secret_version_how_check
  check (how in ('stored', 'imported', 'rolled_back', 'referenced'));
alter table secret add column vault_id uuid generated always as ((reference ->> 'vaultId')::uuid) stored;
alter table secret add constraint secret_vault_fkey foreign key (vault_id) references vault_server;

alter table role disable trigger must_audit;
update role set permissions = permissions || '{vault:view,vault:create,vault:update,vault:delete,federation:view,federation:rotate}'
  where id = '00000000-0000-7000-8000-000000000001';
update role set permissions = permissions || '{vault:view,federation:view}'
  where id in ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000003',
    '00000000-0000-7000-8000-000000000004');
alter table role enable trigger must_audit;
