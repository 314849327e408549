-- What replay asks again: where the object lay and who asked (their teams, how they were known), as it was then.
alter table decision add column asked jsonb;
-- What the CI's token said of whose run it is; never the token, never a person's name or address.
alter table decision add column claims jsonb;
create index decision_context_use on decision (context_id, at, id) where action = 'context:use';
