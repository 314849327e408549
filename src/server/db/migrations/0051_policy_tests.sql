-- Tests live with their policy: facts, and whether the policy must forbid them.

create table policy_test (
  id uuid primary key,
  policy_id uuid not null references policy on delete cascade,
  name text not null,
  facts jsonb not null,
  expected text not null constraint policy_test_expected_check check (expected in ('permitted', 'denied')),
  decision_id uuid,
  left_out text[] not null default '{}',
  created_by uuid references person,
  created_at timestamptz not null default clock_timestamp(),
  version int not null default 1
);
create unique index policy_test_name_key on policy_test (policy_id, lower(name));
select audited('policy_test');
