-- A policy is tried until a date: by then it is enforced, changed, or somebody says why it is tried on.

alter table policy add column evaluate_until timestamptz;

-- Those that are tried already: thirty days from when the version was put there, as far as the record or its writing says.
alter table policy disable trigger must_audit;
update policy set evaluate_until = interval '30 days' + greatest(
    (select created_at from policy_version v where v.policy_id = policy.id and v.number = policy.version_in_force),
    (select max(occurred_at) from audit_entry where resource_id = policy.id::text
      and action in ('policies.setMode', 'policies.endEnforcement') and outcome in ('permitted', 'would_deny')))
  where mode = 'evaluate';
alter table policy enable trigger must_audit;

alter table policy add constraint policy_evaluate_until_check
  check ((mode = 'evaluate') = (evaluate_until is not null));
