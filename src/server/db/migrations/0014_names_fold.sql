-- Names that differ by case only are one name, in every alphabet (P37). lower() alone folds what the database's locale
-- knows, which for C is ASCII: the collation is named, the first of these that this PostgreSQL has (ICU is in every
-- packaged one; pg_c_utf8 came with 17). Compared bytewise, so that a newer ICU never puts the indexes in doubt.
do $$ declare
  fold text;
  one record;
begin
  select quote_ident(collname) into fold from pg_collation
    where collnamespace = 'pg_catalog'::regnamespace and collname in ('und-x-icu', 'pg_c_utf8', 'C.utf8', 'en_US.utf8')
      and collencoding in (-1, pg_char_to_encoding(getdatabaseencoding()))
    order by array_position(array['und-x-icu', 'pg_c_utf8', 'C.utf8', 'en_US.utf8'], collname::text) limit 1;
  if fold is null then
    raise exception 'this PostgreSQL has no collation that folds the case of all letters: install one built with ICU';
  end if;
  for one in select * from (values ('context', ''), ('policy', ''), ('role', ''), ('segment', ''), ('team', ''),
    ('audit_view', 'owner_id, ')) named(name, before) loop
    execute format('create unique index %I on %I (%s lower(name collate %s) collate "C")',
      one.name || '_name_fold_key', one.name, one.before, fold);
  end loop;
end $$;
