-- From which networks people and projects are seen: read off the record, so that no use is looked for twice among a
-- million events. `since` is the first use after 90 days without one.
create table network_seen (
  kind text not null constraint network_seen_kind_check check (kind in ('person', 'project')),
  subject_id uuid not null,
  network cidr not null,
  since timestamptz not null,
  last_at timestamptz not null,
  uses bigint not null,
  primary key (kind, subject_id, network)
);
create index network_seen_since on network_seen (since);
select exempt('network_seen', 'worked out from the record');

alter table finding_heeded add column networks_index bigint not null default 0;

-- The /24 of an IPv4 address, the /48 of an IPv6 one; this machine itself is one network, by either. What is no address
-- (a proxy may hand on anything) is none.
create function network_of(address text) returns cidr language plpgsql immutable as $$
declare
  given inet;
begin
  given := regexp_replace(address, '^::ffff:(?=[0-9.]+$)', '', 'i')::inet;
  if given = inet '::1' then
    given := inet '127.0.0.1';
  end if;
  return network(set_masklen(given, case family(given) when 4 then 24 else 48 end));
exception when invalid_text_representation then
  return null;
end $$;

-- What people did by hand is little beside what runs ask: it is found without reading all of that.
create index decision_by_hand on decision (at) where actor_kind <> 'workload';
