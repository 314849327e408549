-- How long an event has waited for its place: retold history has times of its own, so occurred_at cannot say it.
alter table audit_queue add column queued_at timestamptz not null default clock_timestamp();
