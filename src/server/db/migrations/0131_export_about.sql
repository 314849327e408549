-- The one object that a file is of, by the name that it had when the file was asked for: a review.
alter table export add column about_id uuid;
alter table export add column about_name text;
alter table export add constraint export_about_check check ((about_id is null) = (about_name is null));
