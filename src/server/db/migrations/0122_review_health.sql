-- How reviews are answered by the day is asked over a time, whatever the review.
create index review_answer_decided on review_answer (decided_at) where decided_at is not null;
create index review_signed on review (signed_at) where signed_at is not null;
