-- Everybody who sees projects sees their config checks; whoever runs or writes pipelines may have a config checked.
alter table role disable trigger must_audit;
update role set permissions = permissions || array['pipeline:view', 'pipeline:check']
  where id in ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000004')
    and not ('pipeline:check' = any (permissions));
update role set permissions = array_append(permissions, 'pipeline:view')
  where id = '00000000-0000-7000-8000-000000000003' and not ('pipeline:view' = any (permissions));
alter table role enable trigger must_audit;
