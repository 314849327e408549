-- What expressions of restrictions come to: whether they admit only branches and tags that somebody named.
create table expression_judged (
  -- MD5 of its text: one may be longer than an index takes.
  digest text primary key,
  names_ref boolean not null
);
select exempt('expression_judged', 'worked out from expressions of restrictions');
