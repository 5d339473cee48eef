-- Files of responsible purchase, kept by organisations.
CREATE TABLE purchase (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    title TEXT NOT NULL,
    -- What was typed, a JSON list of names and values.
    form TEXT NOT NULL,
    -- How far it is: criteria that were frozen, deadline, opening, award. A JSON document.
    progress TEXT NOT NULL,
    -- From 1; whoever writes names the version that was read.
    version BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE INDEX purchase_organisation ON purchase (organisation_id);

-- What was done to a file, for everyone who works on it.
CREATE TABLE purchase_event (
    purchase_id TEXT NOT NULL REFERENCES purchase (id),
    -- From 1, in order.
    number BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    -- Who; empty for a supplier, and once the account was erased.
    account_id TEXT REFERENCES account (id),
    -- What was done, a code.
    action TEXT NOT NULL,
    -- Why or to what, in words.
    words TEXT NOT NULL,
    PRIMARY KEY (purchase_id, number)
);

CREATE INDEX purchase_event_account ON purchase_event (account_id);

-- One row per supplier that was asked, reached by the secret of its link alone.
CREATE TABLE purchase_answer (
    id TEXT NOT NULL PRIMARY KEY,
    purchase_id TEXT NOT NULL REFERENCES purchase (id),
    supplier TEXT NOT NULL,
    -- Mailbox for the link and the receipt, where one was given.
    email TEXT,
    -- SHA-256 of the secret of the link, in hexadecimal.
    secret_hash TEXT NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL,
    -- When the buyer closed the link.
    revoked_at BIGINT,
    -- What was answered, a JSON document.
    answers TEXT NOT NULL,
    -- From 0.
    version BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    changed_at BIGINT,
    -- Last handing in, with its number.
    submitted_at BIGINT,
    receipt TEXT
);

CREATE INDEX purchase_answer_purchase ON purchase_answer (purchase_id);

-- Marks of two evaluators (seats 1 and 2) and what they agreed on (seat 3).
CREATE TABLE purchase_evaluation (
    purchase_id TEXT NOT NULL REFERENCES purchase (id),
    seat BIGINT NOT NULL,
    account_id TEXT REFERENCES account (id),
    -- Marks by answer, a JSON document.
    marks TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- When the marks were handed in; nobody changes them afterwards.
    submitted_at BIGINT,
    PRIMARY KEY (purchase_id, seat)
);

CREATE INDEX purchase_evaluation_account ON purchase_evaluation (account_id);
