-- Logos that members of organisations propose, one for each organisation, until a moderator decides. Their bytes lie in
-- the data folder, under their hash.
CREATE TABLE logo_proposal (
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    hash TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    -- What it shows, for those who do not see it.
    alternative TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (organisation_id)
);
