-- Says that something changed by which runs are decided about: who is trusted, whose a token is, whom a context admits.
-- Servers keep all of that in memory; every transaction reads whether it is still so, as it does of policies (0006).

-- In slots, one of which each connection has to itself, so that changes do not wait for one another; the epoch is all of
-- them together. Random, never counted: a value that was rolled back must not come again.
create table gate_epoch (
  slot int primary key constraint gate_epoch_slot_check check (slot between 0 and 31),
  epoch bigint not null
);
insert into gate_epoch select slot, hashtextextended(gen_random_uuid()::text, 0) from generate_series(0, 31) slot;
select exempt('gate_epoch', 'says only that something changed; the change itself is audited');
grant select on gate_epoch, policy_epoch to sallyport_sealer;

create function gate_changed() returns trigger language plpgsql as $$ begin
  update gate_epoch set epoch = hashtextextended(gen_random_uuid()::text, 0) where slot = pg_backend_pid() % 32;
  return null;
end $$;
create trigger gate_epoch after insert or update or delete on issuer
  for each statement execute function gate_changed();
create trigger gate_epoch after insert or update or delete on trust_rule
  for each statement execute function gate_changed();
create trigger gate_epoch after insert or update or delete on project
  for each statement execute function gate_changed();
create trigger gate_epoch after insert or update or delete on segment
  for each statement execute function gate_changed();
create trigger gate_epoch after insert or update or delete on team
  for each statement execute function gate_changed();
create trigger gate_epoch after insert or update or delete on restriction
  for each statement execute function gate_changed();
-- Not of its last use, which changes with every minute.
create trigger gate_epoch after insert or delete or update of id, name, segment_id, team_id, audiences on context
  for each statement execute function gate_changed();
