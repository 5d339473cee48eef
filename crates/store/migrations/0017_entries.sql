-- Records besides use cases: governance initiatives, resources, solutions, suppliers, meetings and news.
CREATE TABLE entry (
    id TEXT NOT NULL PRIMARY KEY,
    -- governance, resource, solution, supplier, meeting or news.
    kind TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    -- Its carrier, or the organisation of who proposed it.
    organisation_id TEXT REFERENCES organisation (id),
    author_id TEXT REFERENCES account (id),
    -- Where the newest revision stands: draft, submitted, published, refused or withdrawn.
    status TEXT NOT NULL,
    -- Number of the newest revision.
    version BIGINT NOT NULL,
    -- Number of the revision that readers see.
    published_number BIGINT,
    -- Counts every change: a step names the one that it was decided on.
    edition BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- When the newest revision last changed.
    updated_at BIGINT NOT NULL,
    first_published_at BIGINT
);

CREATE INDEX entry_kind ON entry (kind);
CREATE INDEX entry_status ON entry (status);
CREATE INDEX entry_organisation ON entry (organisation_id);
CREATE INDEX entry_author ON entry (author_id);

-- Contents: only the one of a draft is ever written again (a withdrawal empties them).
CREATE TABLE entry_revision (
    entry_id TEXT NOT NULL REFERENCES entry (id),
    number BIGINT NOT NULL,
    -- A JSON object of texts.
    content TEXT NOT NULL,
    -- Why a moderator refused it.
    reason TEXT NOT NULL,
    author_id TEXT REFERENCES account (id),
    made_at BIGINT NOT NULL,
    published_at BIGINT,
    PRIMARY KEY (entry_id, number)
);

CREATE INDEX entry_revision_author ON entry_revision (author_id);

-- Links between records. An end is a use case or an entry, by kind and identifier.
CREATE TABLE link (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    from_kind TEXT NOT NULL,
    from_id TEXT NOT NULL,
    to_kind TEXT NOT NULL,
    to_id TEXT NOT NULL,
    note TEXT NOT NULL,
    author_id TEXT REFERENCES account (id),
    made_at BIGINT NOT NULL,
    -- When a moderator agreed; null while nobody did.
    published_at BIGINT,
    UNIQUE (kind, from_id, to_id)
);

CREATE INDEX link_from ON link (from_id);
CREATE INDEX link_to ON link (to_id);
CREATE INDEX link_author ON link (author_id);
