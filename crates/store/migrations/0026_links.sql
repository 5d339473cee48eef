-- What came of the last request to each address that records hold, where the operator lets the server ask.
CREATE TABLE link_check (
    url TEXT NOT NULL PRIMARY KEY,
    checked_at BIGINT NOT NULL,
    -- alive, gone, closed, silent, loop, robots or refused.
    verdict TEXT NOT NULL,
    -- Status of the last answer, when there was one.
    status BIGINT,
    -- Failures in a row, and the first of them.
    failures BIGINT NOT NULL,
    failing_since BIGINT
);

CREATE INDEX link_check_checked ON link_check (checked_at);
