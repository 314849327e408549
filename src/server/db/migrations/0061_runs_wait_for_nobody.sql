-- What every run writes, and what made runs wait for one another.

-- Decisions of the same hour, project and context were counted in one row, whose lock each held until its commit was on
-- disk: one after the other. Each connection now counts in a row of its own; whoever reads sums them, and past hours are
-- folded into one again (slot 0).
drop index decision_rollup_key;
alter table decision_rollup add column slot int not null default 0;
alter table decision_rollup alter column slot set default 1 + pg_backend_pid() % 64;
create unique index decision_rollup_key on decision_rollup (hour, outcome,
  coalesce(project_id, '00000000-0000-0000-0000-000000000000'),
  coalesce(context_id, '00000000-0000-0000-0000-000000000000'), slot);
create index decision_rollup_unfolded on decision_rollup (hour) where slot <> 0;

-- Each lease locked the row of its issuer and of its rule, all runs the same ones. Like the project, they are named by
-- their id alone: what has been removed since has no name.
alter table lease drop constraint lease_issuer_id_fkey;
alter table lease drop constraint lease_trust_rule_id_fkey;
-- The token is spent first, which decides whether there will be a lease.
alter table subject_token drop constraint subject_token_lease_id_fkey;

-- A redemption changes nothing that is indexed, and finds room beside the lease itself: no index is written (a HOT update).
-- The index on what is live had the state in its condition; nothing lives longer than a quarter of an hour, so that the
-- time alone finds as much.
drop index lease_live;
create index lease_ends on lease (expires_at);
alter table lease set (fillfactor = 70);
