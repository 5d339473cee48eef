-- What people keep for themselves, and what organisations say they use.

-- Records that a person put aside.
CREATE TABLE bookmark (
    account_id TEXT NOT NULL REFERENCES account (id),
    use_case_id TEXT NOT NULL REFERENCES use_case (id),
    -- `favourite` or `later`.
    shelf TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, use_case_id, shelf)
);

CREATE INDEX bookmark_use_case ON bookmark (use_case_id);

-- Organisations that use what a record describes, beside its carrier. Public.
CREATE TABLE adoption (
    use_case_id TEXT NOT NULL REFERENCES use_case (id),
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    -- Who declared it; empty once the account was erased.
    account_id TEXT REFERENCES account (id),
    declared_at BIGINT NOT NULL,
    PRIMARY KEY (use_case_id, organisation_id)
);

CREATE INDEX adoption_organisation ON adoption (organisation_id);
CREATE INDEX adoption_account ON adoption (account_id);

CREATE TABLE folder (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    -- The unguessable part of the shared address, in clear so that its owner can copy it again: whoever reads this
    -- table reads the folder too. Empty while the folder is not shared.
    share_token TEXT UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE INDEX folder_account ON folder (account_id);

CREATE TABLE folder_item (
    folder_id TEXT NOT NULL REFERENCES folder (id),
    use_case_id TEXT NOT NULL REFERENCES use_case (id),
    added_at BIGINT NOT NULL,
    PRIMARY KEY (folder_id, use_case_id)
);

CREATE INDEX folder_item_use_case ON folder_item (use_case_id);

CREATE TABLE saved_search (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    -- The query string of the library, in its canonical form.
    query TEXT NOT NULL,
    -- How often news is sent: `none`, `daily` or `weekly`.
    pace TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Records published up to this moment were told, or were there when the alert was asked for.
    told_until BIGINT NOT NULL
);

CREATE INDEX saved_search_account ON saved_search (account_id);
CREATE INDEX saved_search_pace ON saved_search (pace);
