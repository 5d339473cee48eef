-- One folder for both engines: TEXT, BIGINT, DOUBLE PRECISION and BYTEA only.
-- Times are milliseconds since 1970 in UTC, days are ISO texts, lists and objects are JSON texts.

-- Numbers that the whole instance shares. Every writing transaction takes the row
-- `catalogue_revision` first, so that revisions are committed in the order of their numbers.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO meta (key, value) VALUES ('catalogue_revision', 0);

CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The name folded, for ordering and filtering alike on both engines.
    name_key TEXT NOT NULL,
    -- JSON list of the other names.
    aliases TEXT NOT NULL,
    siret TEXT,
    siren TEXT,
    kind TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    departement TEXT,
    region TEXT,
    population BIGINT,
    status TEXT NOT NULL
);

CREATE TABLE use_case (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    status TEXT NOT NULL,
    -- Number of the newest revision.
    version BIGINT NOT NULL,
    -- Number of the revision that readers see.
    published_number BIGINT,
    -- Number of the revision that the last import brought.
    imported_number BIGINT,
    created_at BIGINT NOT NULL,
    first_published_at BIGINT,
    last_reviewed_on TEXT,
    -- Catalogue revision of the last change, that of the carrier included.
    changed_in BIGINT NOT NULL
);

CREATE INDEX use_case_organisation ON use_case (organisation_id);
CREATE INDEX use_case_changed ON use_case (changed_in);

-- Contents, never changed once written (a withdrawal empties them).
CREATE TABLE revision (
    use_case_id TEXT NOT NULL REFERENCES use_case (id),
    number BIGINT NOT NULL,
    status TEXT NOT NULL,
    content TEXT NOT NULL,
    completeness BIGINT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    PRIMARY KEY (use_case_id, number)
);

CREATE TABLE import_batch (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    source_version TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    summary TEXT NOT NULL
);

-- The row of a source that made a revision, as it stood.
CREATE TABLE provenance (
    use_case_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    import_id TEXT NOT NULL REFERENCES import_batch (id),
    source_row BIGINT NOT NULL,
    -- Carrier and folded title, as the source named them: what later imports recognise the record by.
    natural_key TEXT NOT NULL,
    source_hash TEXT NOT NULL,
    PRIMARY KEY (use_case_id, number),
    FOREIGN KEY (use_case_id, number) REFERENCES revision (use_case_id, number)
);

CREATE INDEX provenance_import ON provenance (import_id);

-- The rows of an import as they stood, many in one compressed block; `first_row` is the lowest number in it.
CREATE TABLE import_rows (
    import_id TEXT NOT NULL REFERENCES import_batch (id),
    first_row BIGINT NOT NULL,
    rows BYTEA NOT NULL,
    PRIMARY KEY (import_id, first_row)
);

-- Former addresses.
CREATE TABLE slug_redirect (
    slug TEXT NOT NULL PRIMARY KEY,
    use_case_id TEXT NOT NULL REFERENCES use_case (id)
);

CREATE INDEX slug_redirect_use_case ON slug_redirect (use_case_id);

-- Who did what and when. Rows are only ever added.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
