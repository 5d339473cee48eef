-- People who sign in. The address is kept in lower case: one account per mailbox.
CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    job_title TEXT NOT NULL,
    -- What the person wrote at sign-up; the membership says what was granted.
    organisation_name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- `active`, or `closed` once erased: names and address are then empty or replaced.
    status TEXT NOT NULL,
    password_hash TEXT,
    -- Shared secret of the second factor, its last used step, and the hashes of its recovery codes as JSON.
    totp_secret TEXT,
    totp_step BIGINT,
    recovery_codes TEXT,
    created_at BIGINT NOT NULL,
    last_signed_in_at BIGINT,
    -- When the last warning of inactivity left.
    warned_at BIGINT
);

-- The same person at an OpenID provider.
CREATE TABLE account_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES account (id),
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX account_identity_account ON account_identity (account_id);

-- For which organisations an account contributes.
CREATE TABLE membership (
    account_id TEXT NOT NULL REFERENCES account (id),
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    -- `asked`, `granted` or `refused`.
    status TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_at BIGINT,
    -- Identifier of an account, or `domain` or `siret` when a rule decided.
    decided_by TEXT,
    PRIMARY KEY (account_id, organisation_id)
);

CREATE INDEX membership_organisation ON membership (organisation_id);

-- Mail domains whose addresses belong to an organisation.
CREATE TABLE organisation_domain (
    domain TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    added_at BIGINT NOT NULL
);

CREATE INDEX organisation_domain_organisation ON organisation_domain (organisation_id);

-- Open sessions, by the SHA-256 of the cookie.
CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    -- `password`, `link`, `oidc` or `demo`.
    method TEXT NOT NULL,
    -- 1 while the second factor is still to be given.
    half_open BIGINT NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- What the provider needs at sign-out: its key and the identity token.
    provider TEXT,
    id_token TEXT
);

CREATE INDEX session_account ON session (account_id);

-- Secrets sent by mail or kept by a browser, by their SHA-256: good once, for one purpose, until they expire.
CREATE TABLE secret (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id TEXT REFERENCES account (id),
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX secret_account ON secret (account_id);

-- What a person agreed to or took back, with the wording that was shown. Rows are only ever added.
CREATE TABLE consent (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    purpose TEXT NOT NULL,
    given BIGINT NOT NULL,
    wording TEXT NOT NULL,
    source TEXT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE INDEX consent_account ON consent (account_id);
