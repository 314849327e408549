-- The append-only audit record (shared promise P1: no state changes without an event in the same transaction).

do $$ begin
  if not exists (select from pg_roles where rolname = 'sallyport_app') then create role sallyport_app nologin; end if;
exception when duplicate_object or unique_violation then null; end $$;
do $$ begin
  if not exists (select from pg_roles where rolname = 'sallyport_sealer') then create role sallyport_sealer nologin; end if;
exception when duplicate_object or unique_violation then null; end $$;
do $$ begin
  if not pg_has_role(current_user, 'sallyport_app', 'member') then
    execute format('grant sallyport_app, sallyport_sealer to %I', current_user);
  end if;
end $$;

grant usage on schema public to sallyport_app, sallyport_sealer;
grant select on schema_version to sallyport_app;

-- Written by many, in the transaction of what they record; emptied by the sealer.
create table audit_queue (
  qid bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  event_id uuid not null constraint audit_queue_event_key unique,
  occurred_at timestamptz not null,
  -- RFC 8785 canonical bytes: the only thing that is hashed. Never jsonb, which rewrites what it stores.
  leaf bytea not null check (octet_length(leaf) between 2 and 65536)
);
create index audit_queue_xid on audit_queue (xid);

create table log_state (
  log_id smallint primary key default 1 check (log_id = 1),
  origin text not null,
  tree_size bigint not null default 0,
  last_signed_size bigint not null default 0,
  last_signed_root bytea
);

-- The columns beside leaf and leaf_hash are derived from the leaf for searching; they are not evidence.
create table audit_entry (
  leaf_index bigint not null,
  event_id uuid not null,
  leaf bytea not null,
  leaf_hash bytea not null,
  occurred_at timestamptz not null,
  actor_kind text not null,
  actor_id text not null,
  actor_name text not null,
  action text not null,
  noun text not null,
  resource_kind text,
  resource_id text,
  resource_name text,
  outcome text not null,
  project_id text,
  context_id text,
  session_id text,
  request_id text,
  ip text,
  sentence text,
  primary key (leaf_index)
) partition by range (leaf_index);
create table audit_entry_0 partition of audit_entry for values from (0) to (16777216);
create index audit_entry_event on audit_entry (event_id);
create index audit_entry_at on audit_entry (occurred_at, leaf_index);
create index audit_entry_actor on audit_entry (actor_id, leaf_index);
create index audit_entry_actor_name on audit_entry (lower(actor_name) text_pattern_ops, leaf_index);
create index audit_entry_action on audit_entry (action text_pattern_ops, leaf_index);
create index audit_entry_action_exact on audit_entry (action, leaf_index);
create index audit_entry_noun on audit_entry (noun, leaf_index);
create index audit_entry_outcome on audit_entry (outcome, leaf_index);
create index audit_entry_resource on audit_entry (resource_id, leaf_index);
create index audit_entry_resource_name on audit_entry (lower(resource_name) text_pattern_ops, leaf_index);
create index audit_entry_project on audit_entry (project_id, leaf_index);
create index audit_entry_context on audit_entry (context_id, leaf_index);
create index audit_entry_session on audit_entry (session_id, leaf_index);
create index audit_entry_ip on audit_entry (ip, leaf_index);
create index audit_entry_request on audit_entry (request_id, leaf_index);

create table audit_tile (
  level smallint not null,
  index bigint not null,
  hashes bytea not null,
  primary key (level, index)
);

create table audit_checkpoint (
  tree_size bigint primary key,
  root bytea not null,
  note text not null,
  created_at timestamptz not null default clock_timestamp()
);

grant insert on audit_queue to sallyport_app;
grant select on audit_queue, audit_entry, audit_tile, audit_checkpoint, log_state to sallyport_app;
grant select, delete on audit_queue to sallyport_sealer;
grant select, insert on audit_entry, audit_checkpoint, log_state to sallyport_sealer;
grant update on log_state to sallyport_sealer;
grant select, insert, update on audit_tile to sallyport_sealer;

create function must_audit() returns trigger language plpgsql security definer set search_path = public as $$ begin
  if not exists (select from audit_queue where xid = pg_current_xact_id()) then
    raise exception 'state change on % without an audit event', tg_table_name using errcode = 'ZT001';
  end if;
  return null;
end $$;

create function refuse_truncate() returns trigger language plpgsql as $$ begin
  raise exception 'table % cannot be emptied', tg_table_name using errcode = 'ZT002';
end $$;

-- Tables whose changes need no event, each with the reason: read by the test that looks for forgotten tables.
create table audit_exemption (table_name text primary key, reason text not null);

create function exempt(name text, why text) returns void language plpgsql as $$ begin
  insert into audit_exemption values (name, why);
  execute format('grant select, insert, update, delete on %I to sallyport_app', name);
end $$;

-- Call it once for each table that holds state. TRUNCATE passes row triggers, so it has one of its own.
create function audited(name text) returns void language plpgsql as $$ begin
  execute format(
    'create constraint trigger must_audit after insert or update or delete on %I
       deferrable initially deferred for each row execute function must_audit()', name);
  execute format(
    'create trigger no_truncate before truncate on %I for each statement execute function refuse_truncate()', name);
  execute format('grant select, insert, update, delete on %I to sallyport_app', name);
end $$;

insert into audit_exemption values
  ('schema_version', 'the migrations themselves'), ('audit_exemption', 'this list'),
  ('audit_queue', 'the record itself'), ('log_state', 'the record itself'), ('audit_entry', 'the record itself'),
  ('audit_entry_0', 'the record itself'), ('audit_tile', 'the record itself'), ('audit_checkpoint', 'the record itself');
