-- Who receives the letter of the library: only those whose consent is in force, which the letter asks each time.
CREATE TABLE digest (
    account_id TEXT NOT NULL REFERENCES account (id),
    -- weekly or monthly.
    pace TEXT NOT NULL,
    -- What was published up to this moment was told.
    told_until BIGINT NOT NULL,
    PRIMARY KEY (account_id)
);
