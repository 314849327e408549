-- The record has a partition for each 2^24 leaves. The next one is made before it is needed, and attached, not created in
-- place: attaching does not keep anybody from reading or writing the others. Runs as the owner, so that the sealer needs
-- no right to change tables.
create function audit_make_room(ahead bigint) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  width constant bigint := 16777216;
  needed bigint;
  made bigint;
begin
  select (tree_size + ahead) / width into strict needed from log_state;
  select max(substring(c.relname from '^audit_entry_(\d+)$')::bigint) into strict made
  from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_entry'::regclass;
  if made < needed then
    -- Servers that notice at once meet here, and the second finds it done.
    perform pg_advisory_xact_lock(5270114);
    for number in made + 1 .. needed loop
      continue when to_regclass(format('audit_entry_%s', number)) is not null;
      execute format('create table audit_entry_%s (like audit_entry including defaults including constraints including indexes)', number);
      execute format('alter table audit_entry attach partition audit_entry_%s for values from (%s) to (%s)',
        number, number * width, (number + 1) * width);
      insert into audit_exemption values (format('audit_entry_%s', number), 'the record itself');
    end loop;
  end if;
  return (greatest(made, needed) + 1) * width;
end $$;

revoke execute on function audit_make_room(bigint) from public;
grant execute on function audit_make_room(bigint) to sallyport_sealer;
