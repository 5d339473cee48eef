-- Roadmaps. Strategies are assessments of the kind `roadmap`; here is what is read off and decided over time.

-- Values of indicators: rows are only ever added, a later one of the same period stands before it.
CREATE TABLE indicator_value (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    -- The objective, as the strategy names it.
    goal TEXT NOT NULL,
    -- Which baseline of the objective it is compared with, from 0.
    baseline BIGINT NOT NULL,
    -- `2026` or `2026-03`.
    period TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    -- `measured`, `calculated`, `estimated` or `declared`.
    quality TEXT NOT NULL,
    -- What it stands on; for the organisation and moderators.
    evidence TEXT NOT NULL,
    -- Empty once the account was erased, and for values that the instance worked out.
    author_id TEXT REFERENCES account (id),
    made_at BIGINT NOT NULL
);

CREATE INDEX indicator_value_organisation ON indicator_value (organisation_id);
CREATE INDEX indicator_value_author ON indicator_value (author_id);

-- Meetings of a committee, with what it saw: never changed.
CREATE TABLE committee_review (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    held_on TEXT NOT NULL,
    next_due TEXT NOT NULL,
    attendees TEXT NOT NULL,
    -- What was seen, a JSON document.
    seen TEXT NOT NULL,
    author_id TEXT REFERENCES account (id),
    made_at BIGINT NOT NULL
);

CREATE INDEX committee_review_organisation ON committee_review (organisation_id);
CREATE INDEX committee_review_author ON committee_review (author_id);

CREATE TABLE committee_decision (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    review_id TEXT NOT NULL REFERENCES committee_review (id),
    -- Order in the meeting.
    place BIGINT NOT NULL,
    words TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    due_on TEXT,
    closed BIGINT NOT NULL,
    effect TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX committee_decision_organisation ON committee_decision (organisation_id);
CREATE INDEX committee_decision_review ON committee_decision (review_id);

-- Trainings that were held: numbers, no names.
CREATE TABLE training_session (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    held_on TEXT NOT NULL,
    hours DOUBLE PRECISION NOT NULL,
    provider TEXT NOT NULL,
    -- People, elected members included.
    attendees BIGINT NOT NULL,
    elected BIGINT NOT NULL,
    author_id TEXT REFERENCES account (id),
    made_at BIGINT NOT NULL
);

CREATE INDEX training_session_organisation ON training_session (organisation_id);
CREATE INDEX training_session_author ON training_session (author_id);

-- Who answers for a subject. The names are emptied a year after the end.
CREATE TABLE appointment (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    role TEXT NOT NULL,
    person_name TEXT NOT NULL,
    generic_email TEXT NOT NULL,
    fte DOUBLE PRECISION,
    starts_on TEXT NOT NULL,
    ends_on TEXT,
    deputy TEXT NOT NULL,
    is_public BIGINT NOT NULL,
    author_id TEXT REFERENCES account (id),
    made_at BIGINT NOT NULL
);

CREATE INDEX appointment_organisation ON appointment (organisation_id);
CREATE INDEX appointment_author ON appointment (author_id);
