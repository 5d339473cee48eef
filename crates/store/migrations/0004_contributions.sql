-- What somebody writes about a record, from the first word to the decision.
CREATE TABLE contribution (
    id TEXT NOT NULL PRIMARY KEY,
    -- Given when it is begun; the record itself is made when it is published.
    use_case_id TEXT NOT NULL,
    -- What it keeps others from beginning, while it is open: the record, and what is asked of it.
    open_for TEXT UNIQUE,
    kind TEXT NOT NULL,
    -- Absent for what an import handed in.
    author_id TEXT REFERENCES account (id),
    -- Given by the form: the same one sent twice makes one contribution.
    request_key TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisation (id),
    new_organisation_id TEXT NOT NULL,
    -- Number of the public revision that it was handed in against.
    base_number BIGINT,
    -- Number of the revision that an import handed in.
    imported_number BIGINT,
    status TEXT NOT NULL,
    -- The form as typed: a JSON object of lists of texts.
    form TEXT NOT NULL,
    title TEXT NOT NULL,
    theme TEXT,
    organisation_name TEXT NOT NULL,
    -- Grows with each change; a change names the version that it was made on.
    version BIGINT NOT NULL,
    submissions BIGINT NOT NULL,
    receipt TEXT UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    first_submitted_at BIGINT,
    submitted_at BIGINT,
    claimed_by TEXT,
    claimed_at BIGINT,
    decided_by TEXT,
    decided_at BIGINT,
    decision_reason TEXT,
    decision_text TEXT NOT NULL,
    statement TEXT NOT NULL,
    appealed BIGINT NOT NULL,
    UNIQUE (author_id, request_key)
);

CREATE INDEX contribution_author ON contribution (author_id);
CREATE INDEX contribution_organisation ON contribution (organisation_id);
CREATE INDEX contribution_use_case ON contribution (use_case_id);
CREATE INDEX contribution_queue ON contribution (status, submitted_at);

-- The form as it was each time it was handed in. Never changed, but for a withdrawal, which takes it away.
CREATE TABLE contribution_revision (
    contribution_id TEXT NOT NULL REFERENCES contribution (id),
    number BIGINT NOT NULL,
    form TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    PRIMARY KEY (contribution_id, number)
);

-- What moderators asked to change.
CREATE TABLE review_comment (
    contribution_id TEXT NOT NULL REFERENCES contribution (id),
    -- The submission that it is about, then its place among the comments made together.
    number BIGINT NOT NULL,
    place BIGINT NOT NULL,
    -- Identifier of the field; absent for the whole.
    field TEXT,
    text TEXT NOT NULL,
    author_id TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (contribution_id, number, place)
);

-- What organisations may publish without waiting for a moderator. Absent: nothing.
CREATE TABLE organisation_trust (
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    trust TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id)
);

-- Why a record was taken away, as its address says.
ALTER TABLE use_case ADD COLUMN withdrawal TEXT;

-- The audit trail becomes a chain: each line holds the hash of the one before. Lines written before this have none.
-- The detail is hashed apart, so that a withdrawal can empty it without breaking the chain.
ALTER TABLE audit ADD COLUMN number BIGINT;
ALTER TABLE audit ADD COLUMN catalogue_revision BIGINT;
ALTER TABLE audit ADD COLUMN detail_hash TEXT;
ALTER TABLE audit ADD COLUMN previous_hash TEXT;
ALTER TABLE audit ADD COLUMN hash TEXT;

CREATE INDEX audit_number ON audit (number);
CREATE INDEX audit_subject ON audit (subject);

-- Number of the last line of the chain, and of the first one that is kept.
INSERT INTO meta (key, value) VALUES ('audit_number', 0);
INSERT INTO meta (key, value) VALUES ('audit_first', 1);
