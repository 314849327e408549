-- A role may go once nobody holds it. What was granted of it stays, with the name it had when it went.
alter table access_grant
  alter column role_id drop not null,
  add column role_name text,
  add constraint access_grant_role_check check (
    role_id is not null or (role_name is not null and ended_at is not null));

alter table api_token
  alter column role_id drop not null,
  add column role_name text,
  add constraint api_token_role_check check (role_id is not null or role_name is not null);
