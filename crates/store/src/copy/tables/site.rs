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
    },
    Table {
        name: "task",
        columns: &[("name", Text), ("ran_at", Number)],
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
    },
    Table {
        name: "setting",
        columns: &[("key", Text), ("value", Text), ("changed_at", Number)],
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
    },
];
