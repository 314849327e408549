-- Which runs were given a value is asked when it has leaked: wherever it stood, under whatever name and version.
create index secret_version_fingerprint on secret_version (fingerprint);
