-- Assessments of records and of organisations, one row per version: none is ever changed but by its publication.
CREATE TABLE assessment (
    id TEXT NOT NULL PRIMARY KEY,
    -- frugality or transparency.
    kind TEXT NOT NULL,
    -- What is assessed: one of the two.
    use_case_id TEXT REFERENCES use_case (id),
    organisation_id TEXT REFERENCES organisation (id),
    -- From 1, by kind and subject.
    number BIGINT NOT NULL,
    -- Version of the questions and of the rule of the figures.
    rubric TEXT NOT NULL,
    -- Answers, a JSON document.
    form TEXT NOT NULL,
    -- What they came to on that day, a JSON document.
    summary TEXT NOT NULL,
    -- 1 when the card of the record may say so.
    badge BIGINT NOT NULL,
    author_id TEXT REFERENCES account (id),
    made_at BIGINT NOT NULL,
    -- When a moderator made it public; null while it is for the carrier and moderators.
    published_at BIGINT,
    published_by TEXT
);

CREATE INDEX assessment_use_case ON assessment (use_case_id);
CREATE INDEX assessment_organisation ON assessment (organisation_id);
CREATE INDEX assessment_author ON assessment (author_id);
