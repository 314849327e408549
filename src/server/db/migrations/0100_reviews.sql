-- Access reviews: who has what, frozen line by line at the start; reviewers keep or revoke each line; signed off, what is
-- to go is ended, and then nothing of the review changes any more.

create table review (
  id uuid primary key,
  -- The first of those that follow each other, and which of them this one is.
  series_id uuid not null,
  number int not null,
  name text not null,
  scope_kind text not null constraint review_scope_check check (
    scope_kind in ('organization', 'team', 'role', 'segment', 'context')),
  scope_id uuid,
  scope_name text not null,
  -- Where it lies: whoever may see or run reviews there may see or run this one. Nowhere: the organization.
  segment_id uuid,
  context_id uuid,
  privileged boolean not null,
  unused_days int,
  reviewers text not null constraint review_reviewers_check check (reviewers in ('leads', 'owners', 'named')),
  people uuid[] not null,
  fallback uuid[] not null,
  without_answer text not null constraint review_without_answer_check check (
    without_answer in ('keep', 'revoke', 'recommendation')),
  started_by uuid not null references person,
  started_at timestamptz not null,
  due_at timestamptz not null,
  remind_days int,
  reminded_at timestamptz,
  every_days int,
  -- When the next one of its series is to begin; null where there is none, or where it has begun.
  next_at timestamptz,
  state text not null default 'running' constraint review_state_check check (state in ('running', 'applying', 'closed')),
  lines int not null,
  root text not null,
  signed_by uuid references person,
  signed_at timestamptz,
  -- From where it was signed off, for the events of what is ended then.
  signed_request jsonb,
  closed_at timestamptz,
  final_root text,
  version int not null default 1,
  constraint review_series_key unique (series_id, number),
  constraint review_due_check check (due_at > started_at),
  constraint review_scope_id_check check ((scope_kind = 'organization') = (scope_id is null)),
  constraint review_signed_check check ((state = 'running') = (signed_at is null)),
  constraint review_closed_check check (
    (state = 'closed') = (closed_at is not null) and (state = 'closed') = (final_root is not null))
);
create index review_open on review (state, due_at) where state <> 'closed';
create index review_next on review (next_at) where next_at is not null;
create index review_segment on review (segment_id) where segment_id is not null;
create index review_context on review (context_id) where context_id is not null;
select audited('review');

-- As it stood at the start, which is what the root is over: written once.
create table review_line (
  id uuid primary key,
  review_id uuid not null references review,
  number int not null,
  grant_id uuid not null references access_grant,
  person_id uuid not null references person,
  team_id uuid references team,
  snapshot jsonb not null,
  constraint review_line_number_key unique (review_id, number),
  constraint review_line_person_key unique (id, person_id)
);
create index review_line_grant on review_line (grant_id);
select audited('review_line');

create function refuse_change() returns trigger language plpgsql as $$ begin
  raise exception 'rows of % are never changed', tg_table_name using errcode = 'ZT002';
end $$;
create trigger frozen before update or delete on review_line for each row execute function refuse_change();

create table review_answer (
  line_id uuid primary key,
  review_id uuid not null references review,
  person_id uuid not null,
  -- Where its line stands in the review, so that a page is read by one index.
  number int not null,
  reviewers uuid[] not null,
  decision text constraint review_answer_decision_check check (decision in ('keep', 'revoke')),
  justification text not null default '',
  decided_by uuid references person,
  decided_at timestamptz,
  by_rule boolean not null default false,
  delegated_by uuid references person,
  result text constraint review_answer_result_check check (result in ('waiting', 'applied', 'over', 'failed')),
  result_says text,
  applied_at timestamptz,
  version int not null default 1,
  constraint review_answer_line_fkey foreign key (line_id, person_id) references review_line (id, person_id),
  -- Nobody reviews their own access, whoever writes here.
  constraint review_answer_second_person_check check (
    decided_by <> person_id and not person_id = any(reviewers)),
  constraint review_answer_decided_check check (
    (decision is null) = (decided_at is null) and (by_rule or (decision is null) = (decided_by is null)))
);
create unique index review_answer_number on review_answer (review_id, number);
create index review_answer_reviewers on review_answer using gin (reviewers) where decision is null;
create index review_answer_waiting on review_answer (review_id, number) where result = 'waiting';
select audited('review_answer');

-- What is closed is evidence: neither the review nor an answer of it is touched again. That the next of a series has begun
-- says nothing about it.
create function refuse_closed() returns trigger language plpgsql as $$ begin
  if tg_table_name = 'review' then
    if old.state = 'closed' and (tg_op = 'DELETE' or to_jsonb(new) - 'next_at' <> to_jsonb(old) - 'next_at') then
      raise exception 'a closed review is never changed' using errcode = 'ZT002';
    end if;
  elsif exists (select from review where id = old.review_id and state = 'closed') then
    raise exception 'answers of a closed review are never changed' using errcode = 'ZT002';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger closed before update or delete on review for each row execute function refuse_closed();
create trigger closed before update or delete on review_answer for each row execute function refuse_closed();

alter table role disable trigger must_audit;
update role set permissions = permissions || '{review:view,review:run}'
  where id in ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002');
update role set permissions = permissions || '{review:view}'
  where id = '00000000-0000-7000-8000-000000000003';
alter table role enable trigger must_audit;
