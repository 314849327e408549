-- What the risk dashboards read instead of counting decisions, contexts and findings again.

-- The layer that refused: the first that denied, or could not be asked.
alter table decision add column cause text;
alter table decision disable trigger must_audit;
update decision set cause = (
    select l.layer ->> 'layer' from jsonb_array_elements(layers) with ordinality l(layer, place)
    where l.layer ->> 'verdict' in ('denied', 'error') order by l.place limit 1)
  where outcome = 'denied';
alter table decision enable trigger must_audit;

-- Refusals of each day (UTC) by that layer, kept with each decision as decision_rollup is (0061: a row a connection).
create table refusal_day (
  day date not null,
  cause text not null,
  project_id uuid,
  context_id uuid,
  slot int not null default 1 + pg_backend_pid() % 64,
  count bigint not null
);
create unique index refusal_day_key on refusal_day (day, cause,
  coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
  coalesce(context_id, '00000000-0000-0000-0000-000000000000'), slot);
create index refusal_day_unfolded on refusal_day (day) where slot <> 0;
select exempt('refusal_day', 'counts of the refusals, written with each of them');
insert into refusal_day (day, cause, project_id, context_id, slot, count)
  select (at at time zone 'UTC')::date, coalesce(cause, 'unknown'), project_id, context_id, 0, count(*)
  from decision where outcome = 'denied' group by 1, 2, 3, 4;

-- How many projects a context's restrictions admit: worked out again and again.
create table context_reach (
  context_id uuid primary key references context on delete cascade,
  projects int not null
);
select exempt('context_reach', 'worked out from restrictions');

-- What one finding of a detection takes from the score, by the arithmetic as it was last kept.
create table score_point (
  place_id uuid not null,
  detection text not null,
  points real not null,
  primary key (place_id, detection)
);
select exempt('score_point', 'worked out from findings');

create index finding_turn_at on finding_turn (at desc, id desc);
create index access_request_created on access_request (created_at);
