-- The lines of one review that a grant reaches are found by both, whatever is known of how many there are.
drop index review_line_grant;
create index review_line_grant on review_line (grant_id, review_id);
