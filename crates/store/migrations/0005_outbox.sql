-- Messages to send, written with what causes them. The words go once they are sent.
CREATE TABLE mail (
    id TEXT NOT NULL PRIMARY KEY,
    recipient TEXT NOT NULL,
    -- What it is about: `sign-in`, `receipt`…
    kind TEXT NOT NULL,
    -- The message as JSON: subject, text, HTML, where to answer.
    message TEXT NOT NULL,
    -- `queued`, `sent` or `dead`.
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    sent_at BIGINT
);

CREATE INDEX mail_waiting ON mail (status, next_at);
CREATE INDEX mail_recipient ON mail (recipient, made_at);

-- When each recurring task last ran, so that several servers run it once.
CREATE TABLE task (
    name TEXT NOT NULL PRIMARY KEY,
    ran_at BIGINT NOT NULL
);
