-- Who used a grant, and when last: what a team holds is used by some of it, which says nothing of the others.
create table grant_used_by (
  grant_id uuid not null references access_grant,
  person_id uuid not null references person,
  last_used_at timestamptz not null,
  uses bigint not null default 1,
  primary key (grant_id, person_id)
);
select exempt('grant_used_by', 'bookkeeping of last use, written at most once a minute a grant and person');

-- What a person holds themselves was used by nobody else. Who of a team used what it holds is known from now on.
insert into grant_used_by (grant_id, person_id, last_used_at, uses)
  select u.grant_id, g.person_id, u.last_used_at, u.uses from grant_used u
  join access_grant g on g.id = u.grant_id where g.person_id is not null;
alter table grant_used add column by_since timestamptz;
update grant_used u set by_since = clock_timestamp()
  from access_grant g where g.id = u.grant_id and g.team_id is not null;
