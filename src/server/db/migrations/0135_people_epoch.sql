-- Whom an event's texts name is known in memory as long as nobody came, and nobody is called otherwise: the statement that
-- writes the event compares this, and is refused as ZT004 where it is not so any more; its writer then asks. In slots, as the
-- gate's, so that sign-ins do not wait for an import.
create table people_epoch (
  slot int primary key constraint people_epoch_slot_check check (slot between 0 and 7),
  epoch bigint not null
);
insert into people_epoch select slot, hashtextextended(gen_random_uuid()::text, 0) from generate_series(0, 7) slot;
select exempt('people_epoch', 'says only that something changed; the change itself is audited');

create function people_named() returns trigger language plpgsql as $$ begin
  if tg_op = 'UPDATE' then
    if not exists (select from was join is_now using (id)
      where (was.name, was.email, was.erased_at) is distinct from (is_now.name, is_now.email, is_now.erased_at)) then
      return null;
    end if;
  end if;
  update people_epoch set epoch = hashtextextended(gen_random_uuid()::text, 0) where slot = pg_backend_pid() % 8;
  return null;
end $$;
create trigger people_epoch after insert on person for each statement execute function people_named();
create trigger people_epoch_changed after update on person referencing old table as was new table as is_now
  for each statement execute function people_named();

create function people_changed() returns boolean language plpgsql volatile as $$ begin
  raise exception 'whom an event names is to be asked anew' using errcode = 'ZT004';
end $$;
