//! What the site itself keeps: messages, jobs, settings, the trail of what was done.

use super::Kind::{Number, Text};
use super::Table;

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "message",
        columns: &[
            ("id", Text),
            ("receipt", Text),
            ("use_case_id", Text),
            ("kind", Text),
            ("sender_id", Text),
            ("sender_name", Text),
            ("sender_email", Text),
            ("text", Text),
            ("status", Text),
            ("answer", Text),
            ("made_at", Number),
            ("handled_at", Number),
            ("handled_by", Text),
        ],
        select: "SELECT id, receipt, use_case_id, kind, sender_id, sender_name, sender_email, text, status, \
                 answer, made_at, handled_at, handled_by FROM message",
        clear: None,
    },
    Table {
        name: "mail",
        columns: &[
            ("id", Text),
            ("recipient", Text),
            ("kind", Text),
            ("message", Text),
            ("status", Text),
            ("attempts", Number),
            ("next_at", Number),
            ("locked_until", Number),
            ("last_error", Text),
            ("made_at", Number),
            ("sent_at", Number),
        ],
        select: "SELECT id, recipient, kind, message, status, attempts, next_at, locked_until, last_error, \
                 made_at, sent_at FROM mail",
        clear: None,
    },
    Table {
        name: "task",
        columns: &[("name", Text), ("ran_at", Number)],
        select: "SELECT name, ran_at FROM task",
        clear: None,
    },
    Table {
        name: "job_run",
        columns: &[
            ("id", Text),
            ("name", Text),
            ("started_at", Number),
            ("took_ms", Number),
            ("done", Number),
            ("counts", Text),
            ("error", Text),
        ],
        select: "SELECT id, name, started_at, took_ms, done, counts, error FROM job_run",
        clear: None,
    },
    Table {
        name: "setting",
        columns: &[("key", Text), ("value", Text), ("changed_at", Number)],
        select: "SELECT key, value, changed_at FROM setting",
        clear: None,
    },
    Table {
        name: "setting_change",
        columns: &[
            ("id", Text),
            ("key", Text),
            ("former", Text),
            ("value", Text),
            ("author", Text),
            ("made_at", Number),
        ],
        select: "SELECT id, key, former, value, author, made_at FROM setting_change",
        clear: None,
    },
    Table {
        name: "audit",
        columns: &[
            ("id", Text),
            ("made_at", Number),
            ("actor", Text),
            ("action", Text),
            ("subject", Text),
            ("detail", Text),
            ("number", Number),
            ("catalogue_revision", Number),
            ("detail_hash", Text),
            ("previous_hash", Text),
            ("hash", Text),
        ],
        select: "SELECT id, made_at, actor, action, subject, detail, number, catalogue_revision, detail_hash, \
                 previous_hash, hash FROM audit",
        clear: None,
    },
];
