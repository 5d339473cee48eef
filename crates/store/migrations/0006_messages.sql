-- What people write about a record: to its carrier, or to moderators.
CREATE TABLE message (
    id TEXT NOT NULL PRIMARY KEY,
    -- Short number given to the sender.
    receipt TEXT NOT NULL UNIQUE,
    use_case_id TEXT NOT NULL REFERENCES use_case (id),
    -- `contact` or `report`.
    kind TEXT NOT NULL,
    sender_id TEXT REFERENCES account (id),
    sender_name TEXT NOT NULL,
    sender_email TEXT NOT NULL,
    text TEXT NOT NULL,
    -- `sent` for a contact; `open` or `closed` for a report.
    status TEXT NOT NULL,
    answer TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    handled_at BIGINT,
    handled_by TEXT
);

CREATE INDEX message_use_case ON message (use_case_id);
CREATE INDEX message_sender ON message (sender_id);
CREATE INDEX message_status ON message (kind, status, made_at);
