-- Files that come with a record. Their bytes lie in the data folder, under their hash.
CREATE TABLE attachment (
    id TEXT NOT NULL PRIMARY KEY,
    -- As of a contribution: the record itself is made when it is published.
    use_case_id TEXT NOT NULL,
    -- The contribution that brought it, and the one that takes it off.
    contribution_id TEXT NOT NULL REFERENCES contribution (id),
    removal_id TEXT REFERENCES contribution (id),
    -- First version of the record that holds it, and first one that no longer does.
    from_number BIGINT,
    until_number BIGINT,
    -- SHA-256 of the bytes, in hexadecimal.
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    -- public, members or organisation.
    visibility TEXT NOT NULL,
    -- What was taken out of it when it came, in words.
    removed TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL
);

CREATE INDEX attachment_use_case ON attachment (use_case_id);
CREATE INDEX attachment_contribution ON attachment (contribution_id);
CREATE INDEX attachment_removal ON attachment (removal_id);
CREATE INDEX attachment_hash ON attachment (hash);
