-- Answers that a machine proposes for a contribution: what a form was filled with before anybody typed, and what an
-- import mended or doubts.
CREATE TABLE proposal (
    -- For what an import handed in, also the identifier of the record; its contribution is made later.
    contribution_id TEXT NOT NULL,
    -- The record.
    use_case_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    -- Identifier of the field.
    field TEXT NOT NULL,
    -- prefill, or the code of what the import found.
    code TEXT NOT NULL,
    -- Where it comes from, in words; what stood there; what is proposed.
    origin TEXT NOT NULL,
    found TEXT NOT NULL,
    proposed TEXT NOT NULL,
    -- What accepting and refusing change in the form: JSON lists of edits.
    accept_change TEXT NOT NULL,
    refuse_change TEXT NOT NULL,
    -- accepted or refused; null while it waits.
    decision TEXT,
    decided_by TEXT,
    decided_at BIGINT,
    PRIMARY KEY (contribution_id, place)
);

CREATE INDEX proposal_use_case ON proposal (use_case_id);
