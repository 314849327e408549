-- What stands beside a leaf stands in its row: a row of its own with two keys took a tenth of all that a change costs, for what
-- is read with the leaf and never without. By whom an event was is in its columns; who else is named in one stands apart.

alter table audit_entry add column beside bytea;
update audit_entry e set beside = p.beside
  from (select leaf_index, string_agg(opening, ',' order by person_id) as beside from audit_personal group by 1) p
  where p.leaf_index = e.leaf_index;

-- Whom an event names, but for whoever did it.
create table audit_named (
  leaf_index bigint not null,
  -- As the event says it: a text, so that no event is kept from its place by what it calls somebody.
  person_id text not null,
  -- With which their opening begins.
  salt text not null,
  primary key (leaf_index, person_id)
);
create index audit_named_person on audit_named (person_id, leaf_index);
insert into audit_exemption values ('audit_named', 'the record itself');
create trigger no_truncate before truncate on audit_named for each statement execute function refuse_truncate();
grant select on audit_named to sallyport_app;
grant select, insert on audit_named to sallyport_sealer;
-- An opening is `["<salt>",…]`, the salt 24 characters of base64.
insert into audit_named
  select p.leaf_index, p.person_id, substring(convert_from(p.opening, 'UTF8') from 3 for 24)
  from audit_personal p join audit_entry e using (leaf_index)
  where e.actor_id <> p.person_id or e.actor_kind not in ('person', 'token');

drop table audit_personal;
delete from audit_exemption where table_name = 'audit_personal';

-- As before; of an entry in which somebody is named goes their opening, by its salt, and of one that they did the one that is
-- of nobody who is named in it.
create or replace function forget_events(person uuid, entries json) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform forget_begin(forget_events.person);
  create temporary table forgotten on commit drop as
    select e.leaf_index, e.ip as old_ip, e.resource_name as old_name, e.occurred_at, e.outcome, n.*
    from json_to_recordset(entries) as n(at bigint, salt text, actor_name text, resource_name text, ip text, sentence text)
    join audit_entry e on e.leaf_index = n.at
    left join audit_named a on a.leaf_index = n.at and a.salt = n.salt
    where a.person_id = forget_events.person::text
      or a.person_id is null and e.actor_id = forget_events.person::text and e.actor_kind in ('person', 'token');
  update audit_entry e
    set actor_name = f.actor_name, resource_name = f.resource_name, ip = f.ip, sentence = f.sentence,
      -- Texts as they are: what JSON may hold, not all of which PostgreSQL could take out of it.
      beside = (select string_agg(convert_to(one::text, 'UTF8'), ',' order by nth)
        from json_array_elements(('[' || convert_from(e.beside, 'UTF8') || ']')::json) with ordinality each(one, nth)
        where not starts_with(one::text, '["' || f.salt || '"'))
    from forgotten f where e.leaf_index = f.leaf_index;
  delete from audit_named a using forgotten f
    where a.leaf_index = f.leaf_index and a.person_id = forget_events.person::text;

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
