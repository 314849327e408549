-- Most events have no project, no context and no lease; those of the clock have no session, request or address. What is
-- not there is never looked for: an entry for it in each of eight indexes only cost the sealer. A comparison with a value
-- implies `is not null`, so that each search finds its index as before.
drop index audit_entry_resource, audit_entry_resource_name, audit_entry_project, audit_entry_context,
  audit_entry_session, audit_entry_ip, audit_entry_request, audit_entry_kind;
create index audit_entry_kind on audit_entry (resource_kind, leaf_index) where resource_kind is not null;
create index audit_entry_resource on audit_entry (resource_id, leaf_index) where resource_id is not null;
create index audit_entry_resource_name on audit_entry (lower(resource_name) text_pattern_ops, leaf_index)
  where resource_name is not null;
create index audit_entry_project on audit_entry (project_id, leaf_index) where project_id is not null;
create index audit_entry_context on audit_entry (context_id, leaf_index) where context_id is not null;
create index audit_entry_session on audit_entry (session_id, leaf_index) where session_id is not null;
create index audit_entry_ip on audit_entry (ip, leaf_index) where ip is not null;
create index audit_entry_request on audit_entry (request_id, leaf_index) where request_id is not null;

-- Whoever writes an event makes its id, which nobody else can make; the record itself is asked for it, the queue is short.
alter table audit_queue drop constraint audit_queue_event_key;
