-- What somebody holds is asked with every request of theirs, directly and by their teams: also of what has ended.
drop index access_grant_person;
drop index access_grant_team;
create index access_grant_person on access_grant (person_id);
create index access_grant_team on access_grant (team_id);
