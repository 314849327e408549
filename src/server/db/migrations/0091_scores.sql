-- The score of the organization and its segments, the last of each day (UTC).
create table score_day (
  day date not null,
  -- The segment; all zeros for the organization.
  place_id uuid not null,
  score real not null constraint score_day_score_check check (score between 0 and 100),
  primary key (place_id, day)
);
select exempt('score_day', 'worked out from findings');
