-- From which segments runs may ask for the contexts of which others. Within a segment nothing need be allowed; between
-- two, what is not allowed is refused, as it always was.

create table segment_flow (
  from_id uuid not null constraint segment_flow_from_fkey references segment on delete cascade,
  to_id uuid not null constraint segment_flow_to_fkey references segment on delete cascade,
  reason text,
  created_at timestamptz not null default clock_timestamp(),
  created_by uuid constraint segment_flow_created_by_fkey references person,
  constraint segment_flow_key primary key (from_id, to_id),
  constraint segment_flow_between_check check (from_id <> to_id)
);
create index segment_flow_to on segment_flow (to_id);
select audited('segment_flow');

-- The matrix is changed as a whole: whoever changes it says which one they saw.
create table segment_matrix (
  one boolean primary key default true constraint segment_matrix_one_check check (one),
  version int not null default 1
);
insert into segment_matrix default values;
select exempt('segment_matrix', 'says only which matrix it is; the flows that changed are in the event');

create trigger gate_epoch after insert or update or delete on segment_flow
  for each statement execute function gate_changed();

-- Until now a run from a nested range was a run of every segment around it. It is of the innermost from here on, so that
-- what was given to it goes on being given by a flow.
alter table segment_flow disable trigger must_audit;
insert into segment_flow (from_id, to_id, reason)
  select distinct i.segment_id, o.segment_id, 'Its range lies within the other’s: it was so before flows.'
  from segment_range i join segment_range o on i.range << o.range and i.segment_id <> o.segment_id;
alter table segment_flow enable trigger must_audit;
