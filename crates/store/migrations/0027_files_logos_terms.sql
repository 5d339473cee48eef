-- Files that come with a resource. Their bytes lie in the data folder, under their hash, with those of records.
CREATE TABLE entry_file (
    id TEXT NOT NULL PRIMARY KEY,
    entry_id TEXT NOT NULL REFERENCES entry (id),
    -- First version of the entry that holds it, and first one that no longer does.
    from_number BIGINT NOT NULL,
    until_number BIGINT,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    visibility TEXT NOT NULL,
    removed TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL
);

CREATE INDEX entry_file_entry ON entry_file (entry_id);
CREATE INDEX entry_file_hash ON entry_file (hash);

-- The logo of an organisation, written anew.
CREATE TABLE organisation_logo (
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    hash TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    -- What it shows, for those who do not see it.
    alternative TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id)
);

-- Terms of open lists that others take the place of. Records followed when it was decided; moderators are told of the
-- term when somebody writes it again.
CREATE TABLE term_rule (
    -- Identifier of the field.
    list TEXT NOT NULL,
    -- The term, folded.
    term_key TEXT NOT NULL,
    term TEXT NOT NULL,
    -- Blank when the term goes without another in its place.
    replacement TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (list, term_key)
);
