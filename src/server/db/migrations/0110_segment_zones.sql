-- Where a run takes place, told by its address: each range is of one segment. Two ranges are either apart, equal, or one
-- lies within the other; equal ones are refused, and of nested ones the most specific counts.

-- An IPv4 address that came in over an IPv6 socket is the IPv4 address (RFC 4291 §2.5.5.2), and so is a range of them.
create function canonical_range(range cidr) returns cidr language sql immutable as $$
  select case when family(range) = 6 and range <<= '::ffff:0:0/96'::cidr
    then set_masklen('0.0.0.0'::inet + (host(range)::inet - '::ffff:0:0'::inet), masklen(range) - 96)::cidr
    else range end $$;

create function canonical_ranges(ranges cidr[]) returns cidr[] language sql immutable as $$
  select coalesce(array_agg(range order by range), '{}')
  from (select distinct canonical_range(given) as range from unnest(ranges) given) known $$;

-- The ranges of all segments, each once: two that write the same at the same moment cannot both.
create table segment_range (
  range cidr not null constraint segment_range_key primary key,
  segment_id uuid not null constraint segment_range_segment_fkey references segment on delete cascade
);
create index segment_range_segment on segment_range (segment_id);
select exempt('segment_range', 'the ranges of segments once more; a change of the segment is an event');

create function canonical_segment() returns trigger language plpgsql as $$ begin
  new.cidrs := canonical_ranges(new.cidrs);
  return new;
end $$;
create trigger canonical_segment before insert or update of cidrs on segment
  for each row execute function canonical_segment();

create function keep_ranges() returns trigger language plpgsql as $$ begin
  delete from segment_range where segment_id = new.id and range <> all (new.cidrs);
  insert into segment_range (range, segment_id)
    select given.range, new.id from unnest(new.cidrs) as given (range)
    where not exists (select from segment_range known where known.range = given.range and known.segment_id = new.id)
    order by given.range;
  return null;
end $$;
create trigger keep_ranges after insert or update of cidrs on segment
  for each row execute function keep_ranges();

-- Ranges that two segments have already: both go on as they are until the younger is changed.
alter table segment disable trigger must_audit;
alter table segment disable trigger keep_ranges;
update segment set cidrs = cidrs;
alter table segment enable trigger keep_ranges;
alter table segment enable trigger must_audit;
insert into segment_range (range, segment_id)
  select distinct on (range) range, id from segment, unnest(cidrs) range order by range, created_at, id;
