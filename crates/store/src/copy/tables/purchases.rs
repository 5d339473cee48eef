//! Purchase files.

use super::Kind::{Number, Text};
use super::Table;

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "purchase",
        columns: &[
            ("id", Text),
            ("organisation_id", Text),
            ("title", Text),
            ("form", Text),
            ("progress", Text),
            ("version", Number),
            ("made_at", Number),
            ("changed_at", Number),
            ("public_at", Number),
        ],
    },
    Table {
        name: "purchase_event",
        columns: &[
            ("purchase_id", Text),
            ("number", Number),
            ("made_at", Number),
            ("account_id", Text),
            ("action", Text),
            ("words", Text),
        ],
    },
    Table {
        name: "purchase_answer",
        columns: &[
            ("id", Text),
            ("purchase_id", Text),
            ("supplier", Text),
            ("email", Text),
            ("secret_hash", Text),
            ("expires_at", Number),
            ("revoked_at", Number),
            ("answers", Text),
            ("version", Number),
            ("made_at", Number),
            ("changed_at", Number),
            ("submitted_at", Number),
            ("receipt", Text),
        ],
    },
    Table {
        name: "purchase_file",
        columns: &[
            ("id", Text),
            ("answer_id", Text),
            ("question", Text),
            ("hash", Text),
            ("kind", Text),
            ("name", Text),
            ("bytes", Number),
            ("removed", Text),
            ("added_at", Number),
        ],
    },
    Table {
        name: "purchase_evaluation",
        columns: &[
            ("purchase_id", Text),
            ("seat", Number),
            ("account_id", Text),
            ("marks", Text),
            ("version", Number),
            ("changed_at", Number),
            ("submitted_at", Number),
        ],
    },
    Table {
        name: "purchase_deliverable",
        columns: &[
            ("id", Text),
            ("purchase_id", Text),
            ("label", Text),
            ("owed_by", Text),
            ("due_on", Text),
            ("received_on", Text),
            ("account_id", Text),
            ("reminds", Number),
            ("email", Text),
            ("made_at", Number),
        ],
    },
];
