-- What has left the record, each time with the evidence pack that keeps it. Nobody removes anything but whoever owns the
-- database: neither the console nor the sealer may, nor say that it was.

alter table log_state add column min_index bigint not null default 0
  constraint log_state_min_index_check check (min_index >= 0 and min_index % 256 = 0);
revoke update on log_state from sallyport_sealer;
grant update (tree_size, last_signed_size, last_signed_root) on log_state to sallyport_sealer;

create table record_pruned (
  until_leaf bigint primary key,
  first_leaf bigint not null,
  -- When the newest of them happened.
  newest_at timestamptz not null,
  pack_sha256 text not null,
  pruned_at timestamptz not null,
  event_id uuid not null
);
insert into audit_exemption values ('record_pruned', 'the record itself');
grant select on record_pruned to sallyport_app;
