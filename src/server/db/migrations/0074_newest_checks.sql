-- The newest check of each project and file: what a config that is in use says of forks.
create index pipeline_check_file on pipeline_check (project_id, path, at desc, id desc);
