-- What a grant holds on may go only once nothing live is held on it: setting the id to null breaks
-- access_grant_scope_check for a live grant, and leaves an ended one with the name it was granted by.
alter table access_grant
  add constraint access_grant_segment_fkey foreign key (segment_id) references segment on delete set null,
  add constraint access_grant_project_fkey foreign key (project_id) references project on delete set null,
  add constraint access_grant_context_fkey foreign key (context_id) references context on delete set null;
