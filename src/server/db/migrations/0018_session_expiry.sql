-- Sessions end by themselves: told apart from those that somebody ended.
alter table session
  add column expired boolean not null default false,
  add constraint session_expired_check check (not expired or (ended_at is not null and ended_by is null));
create index session_live on session (started_at) where ended_at is null;
