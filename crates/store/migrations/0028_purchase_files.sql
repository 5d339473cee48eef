-- Files that suppliers join to their answers. Their bytes lie in the data folder, under their hash.
CREATE TABLE purchase_file (
    id TEXT NOT NULL PRIMARY KEY,
    answer_id TEXT NOT NULL REFERENCES purchase_answer (id),
    -- The question that it is the evidence of; blank for the whole answer.
    question TEXT NOT NULL,
    -- SHA-256 of the bytes, in hexadecimal.
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    -- What was taken out of it when it came, in words.
    removed TEXT NOT NULL,
    added_at BIGINT NOT NULL
);

CREATE INDEX purchase_file_answer ON purchase_file (answer_id);
CREATE INDEX purchase_file_hash ON purchase_file (hash);
