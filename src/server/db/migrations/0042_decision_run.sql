-- Everything that was known of the pipeline run, beside the facts that people read: what replay asks again.
alter table decision add column run jsonb;
