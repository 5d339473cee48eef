-- No question looks a provenance up by its import, and imports are never deleted: the index only cost each import.
DROP INDEX provenance_import;
