-- A running access review can be cancelled: nothing is ended by it, and its lines and answers stay as they are, as those
-- of a closed one do.
alter table review
  add column cancelled_by uuid references person,
  add column cancelled_at timestamptz,
  add column cancel_reason text,
  drop constraint review_state_check,
  add constraint review_state_check check (state in ('running', 'applying', 'closed', 'cancelled')),
  drop constraint review_signed_check,
  add constraint review_signed_check check ((state in ('running', 'cancelled')) = (signed_at is null)),
  add constraint review_cancelled_check check (
    num_nonnulls(cancelled_by, cancelled_at, cancel_reason) = case state when 'cancelled' then 3 else 0 end);
drop index review_open;
create index review_open on review (state, due_at) where state in ('running', 'applying');

create or replace function refuse_closed() returns trigger language plpgsql as $$ begin
  if tg_table_name = 'review' then
    if old.state in ('closed', 'cancelled')
        and (tg_op = 'DELETE' or to_jsonb(new) - 'next_at' <> to_jsonb(old) - 'next_at') then
      raise exception 'a % review is never changed', old.state using errcode = 'ZT002';
    end if;
  elsif exists (select from review where id = old.review_id and state in ('closed', 'cancelled')) then
    raise exception 'answers of a review that is over are never changed' using errcode = 'ZT002';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
