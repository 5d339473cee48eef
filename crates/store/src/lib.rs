//! SQL storage on SQLite and PostgreSQL.
