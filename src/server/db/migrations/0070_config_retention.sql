-- A config's text is kept for as long as it is needed, its digest for as long as a check names it: what was decided and why
-- (facts, violations) stays. A text may hold what should not be kept for ever.
alter table pipeline_config alter column text drop not null;
alter table pipeline_config add column forgotten_at timestamptz,
  add constraint pipeline_config_forgotten_check check ((text is null) = (forgotten_at is not null));
-- When each was checked last.
drop index pipeline_check_digest;
create index pipeline_check_digest on pipeline_check (digest, at);
