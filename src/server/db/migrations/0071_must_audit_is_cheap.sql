-- The same check (0001) for a third of its price. A function that sets its search path has its plan made anew with every call:
-- 100 of the 150 microseconds that each changed row of an audited table cost the database. All is named by its schema
-- instead, so that no search path matters; and whoever changes such a table may read the queue itself.
create or replace function must_audit() returns trigger language plpgsql security invoker as $$ begin
  if not exists (select from public.audit_queue where xid operator(pg_catalog.=) pg_catalog.pg_current_xact_id()) then
    raise exception 'state change on % without an audit event', tg_table_name using errcode = 'ZT001';
  end if;
  return null;
end $$;
alter function must_audit() reset all;
