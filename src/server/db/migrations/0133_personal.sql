-- What names a person in an event stands beside its leaf, which holds a salted hash of it: when somebody is erased it goes,
-- and every hash, root and proof stays as it is (shared promise P12).

alter table audit_queue add column personal text;

create table audit_personal (
  leaf_index bigint not null,
  -- As the event says it: a text, so that no event is kept from its place by what it calls somebody.
  person_id text not null,
  -- A list of the salt and the values, in JSON: as bytes, which a pack takes as they are.
  opening bytea not null,
  primary key (leaf_index, person_id)
);
create index audit_personal_person on audit_personal (person_id, leaf_index);
insert into audit_exemption values ('audit_personal', 'the record itself');
create trigger no_truncate before truncate on audit_personal for each statement execute function refuse_truncate();
grant select on audit_personal to sallyport_app;
grant select, insert on audit_personal to sallyport_sealer;

alter table person add column erased_at timestamptz
  constraint person_erased_check check (erased_at is null or (state = 'left' and issuer is null));
-- Whom the texts of an event name is looked up with each.
create index person_called on person (name);
grant select (id, erased_at) on person to sallyport_sealer;

-- Whoever erases somebody needs no right to change the record: these do, of one who has left, and nothing else. Each begins with
-- the log's lock, so that the sealer puts no event of theirs in its place meanwhile.

create function forget_begin(person uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from log_state for update;
  if not exists (select from person p where p.id = forget_begin.person and p.state = 'left') then
    raise exception 'only whoever has left is erased' using errcode = 'ZT003';
  end if;
end $$;

-- What stands beside their events goes, and the searchable columns say what the leaves say without it; the counts of addresses
-- and names follow.
create function forget_events(person uuid, entries json) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform forget_begin(forget_events.person);
  create temporary table forgotten on commit drop as
    select e.leaf_index, e.ip as old_ip, e.resource_name as old_name, e.occurred_at, e.outcome, n.*
    from json_to_recordset(entries) as n(at bigint, actor_name text, resource_name text, ip text, sentence text)
    join audit_entry e on e.leaf_index = n.at
    join audit_personal p on p.leaf_index = n.at and p.person_id = forget_events.person::text;
  update audit_entry e
    set actor_name = f.actor_name, resource_name = f.resource_name, ip = f.ip, sentence = f.sentence
    from forgotten f where e.leaf_index = f.leaf_index;
  delete from audit_personal p using forgotten f
    where p.leaf_index = f.leaf_index and p.person_id = forget_events.person::text;

  update audit_rollup r set count = r.count - c.n from (
      select old_ip, date_trunc('hour', occurred_at) as hour, outcome, count(*) as n from forgotten
      where old_ip is distinct from ip and old_ip is not null group by 1, 2, 3) c
    where r.dimension = 'ip' and r.value = c.old_ip and r.hour = c.hour and r.outcome = c.outcome;
  delete from audit_rollup where dimension = 'ip' and count <= 0;
  update audit_rollup_day r set count = r.count - c.n from (
      select old_ip, date_trunc('day', occurred_at) as day, outcome, count(*) as n from forgotten
      where old_ip is distinct from ip and old_ip is not null group by 1, 2, 3) c
    where r.dimension = 'ip' and r.value = c.old_ip and r.day = c.day and r.outcome = c.outcome;
  delete from audit_rollup_day where dimension = 'ip' and count <= 0;
  update audit_value v set count = v.count - c.n from (
      select 'ip' as dimension, old_ip as value, count(*) as n from forgotten
        where old_ip is distinct from ip and old_ip is not null group by 2
      union all
      select 'name', old_name, count(*) from forgotten
        where old_name is distinct from resource_name and old_name is not null group by 2) c
    where v.dimension = c.dimension and v.value = c.value;
  delete from audit_value where dimension in ('ip', 'name') and count <= 0;
  insert into audit_value (dimension, value, label, count, last_leaf)
    select 'name', resource_name, resource_name, count(*), max(leaf_index) from forgotten
    where old_name is distinct from resource_name and resource_name is not null group by 2
    on conflict (dimension, value) do update set count = audit_value.count + excluded.count;
  drop table forgotten;
end $$;

-- The same value with another text for one within its strings; as it is where that is what a member of it is called.
create function said_otherwise(value jsonb, was text, shown text) returns jsonb language sql immutable as $$
  select case when length(was) < 3 or position(to_jsonb(was)::text || ':' in value::text) > 0 then value
    else replace(value::text, trim('"' from to_jsonb(was)::text), trim('"' from to_jsonb(shown)::text))::jsonb end
$$;

-- What else names them, by their name or their address: decisions about them, and by them or a token of theirs, and what was
-- written down from those.
create function forget_rest(person uuid, called text, shown text, address text, shown_address text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  actors constant text[] := array(select forget_rest.person::text
    union all select t.id::text from api_token t where t.person_id = forget_rest.person);
  things constant text[] := actors || array(select s.id::text from session s where s.person_id = forget_rest.person
    union all select g.id::text from access_grant g where g.person_id = forget_rest.person
    union all select r.id::text from access_request r where r.requester_id = forget_rest.person);
begin
  perform forget_begin(forget_rest.person);
  if called = '' then return; end if;
  update audit_value v set label = shown where v.dimension = 'actor' and v.value = forget_rest.person::text;
  update session s set end_reason = replace(s.end_reason, called, shown) where s.person_id = forget_rest.person;
  update access_grant g set reason = replace(g.reason, called, shown), end_reason = replace(g.end_reason, called, shown)
    where g.person_id = forget_rest.person;
  update access_request r set reason = replace(r.reason, called, shown) where r.requester_id = forget_rest.person;
  update pipeline_check c set checked_by_name = shown where c.checked_by_id = any(actors);
  update decision d set actor_name = shown, facts = d.facts - 'ip', asked = d.asked - 'email'
    where d.actor_id = any(actors) and d.actor_kind <> 'workload';
  update decision d set resource_name = replace(d.resource_name, called, shown) where d.resource_id = any(things);
  update decision d set sentence = replace(d.sentence, called, shown), layers = said_otherwise(d.layers, called, shown)
    where d.actor_id = any(actors) and d.actor_kind <> 'workload' or d.resource_id = any(things);
  update replay_trace t set sentence = replace(t.sentence, called, shown),
      before = said_otherwise(said_otherwise(t.before, called, shown), address, shown_address),
      after = said_otherwise(said_otherwise(t.after, called, shown), address, shown_address)
    where position(called in t.sentence || t.before::text || t.after::text) > 0
      or position(address in t.before::text || t.after::text) > 0;
  update policy_test t set facts = said_otherwise(said_otherwise(t.facts, called, shown), address, shown_address)
    where position(called in t.facts::text) > 0 or position(address in t.facts::text) > 0;
  update finding_evidence e set subject_name = replace(e.subject_name, called, shown), says = replace(e.says, called, shown),
      rows = said_otherwise(said_otherwise(e.rows, called, shown), address, shown_address)
    where position(called in e.subject_name || e.says || e.rows::text) > 0 or position(address in e.rows::text) > 0;
end $$;

revoke all on function forget_begin(uuid), forget_events(uuid, json), forget_rest(uuid, text, text, text, text) from public;
grant execute on function forget_begin(uuid), forget_events(uuid, json), forget_rest(uuid, text, text, text, text) to sallyport_app;

alter table role disable trigger must_audit;
update role set permissions = permissions || '{person:erase}' where id = '00000000-0000-7000-8000-000000000001';
alter table role enable trigger must_audit;
