-- What makes searching the record quick, all derived from it and maintained by the sealer in the transaction that puts
-- events in order; and the searches that people keep.

-- Counts per hour, outcome and one value of one dimension ('all' has the one value '').
create table audit_rollup (
  dimension text not null,
  value text not null,
  hour timestamptz not null,
  outcome text not null,
  count bigint not null,
  first_leaf bigint not null,
  last_leaf bigint not null,
  primary key (dimension, value, hour, outcome)
);
create index audit_rollup_hour on audit_rollup (hour);

-- Every value that a dimension has had: for suggestions, and for turning a pattern into values.
create table audit_value (
  dimension text not null,
  value text not null,
  label text not null,
  count bigint not null,
  last_leaf bigint not null,
  primary key (dimension, value)
);
create index audit_value_label on audit_value (dimension, lower(label) text_pattern_ops);
create index audit_entry_kind on audit_entry (resource_kind, leaf_index);

-- The same counts per day (UTC), for long ranges.
create table audit_rollup_day (like audit_rollup including all);
alter table audit_rollup_day rename column hour to day;

-- Patterns are resolved to values by audit_value: these would only cost the sealer.
drop index audit_entry_actor_name;
drop index audit_entry_action;

create table audit_view (
  id uuid primary key,
  owner_id text not null,
  name text not null,
  search jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index audit_view_name_key on audit_view (owner_id, lower(name));
select audited('audit_view');

insert into audit_exemption values
  ('audit_rollup', 'derived from the record'), ('audit_rollup_day', 'derived from the record'),
  ('audit_value', 'derived from the record');
grant select on audit_rollup, audit_rollup_day, audit_value to sallyport_app;
grant select, insert, update on audit_rollup, audit_rollup_day, audit_value to sallyport_sealer;
