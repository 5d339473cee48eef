//! What people keep for themselves.

use super::Kind::{Number, Text};
use super::Table;

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "bookmark",
        columns: &[
            ("account_id", Text),
            ("use_case_id", Text),
            ("shelf", Text),
            ("added_at", Number),
        ],
        select: "SELECT account_id, use_case_id, shelf, added_at FROM bookmark",
        clear: None,
    },
    Table {
        name: "adoption",
        columns: &[
            ("use_case_id", Text),
            ("organisation_id", Text),
            ("account_id", Text),
            ("declared_at", Number),
        ],
        select: "SELECT use_case_id, organisation_id, account_id, declared_at FROM adoption",
        clear: None,
    },
    Table {
        name: "folder",
        columns: &[
            ("id", Text),
            ("account_id", Text),
            ("name", Text),
            ("share_token", Text),
            ("created_at", Number),
        ],
        select: "SELECT id, account_id, name, share_token, created_at FROM folder",
        clear: None,
    },
    Table {
        name: "folder_item",
        columns: &[("folder_id", Text), ("use_case_id", Text), ("added_at", Number)],
        select: "SELECT folder_id, use_case_id, added_at FROM folder_item",
        clear: None,
    },
    Table {
        name: "saved_search",
        columns: &[
            ("id", Text),
            ("account_id", Text),
            ("name", Text),
            ("query", Text),
            ("pace", Text),
            ("created_at", Number),
            ("told_until", Number),
        ],
        select: "SELECT id, account_id, name, query, pace, created_at, told_until FROM saved_search",
        clear: None,
    },
    Table {
        name: "digest",
        columns: &[("account_id", Text), ("pace", Text), ("told_until", Number)],
        select: "SELECT account_id, pace, told_until FROM digest",
        clear: None,
    },
];
