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
    },
    Table {
        name: "adoption",
        columns: &[
            ("use_case_id", Text),
            ("organisation_id", Text),
            ("account_id", Text),
            ("declared_at", Number),
        ],
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
    },
    Table {
        name: "folder_item",
        columns: &[("folder_id", Text), ("use_case_id", Text), ("added_at", Number)],
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
    },
    Table {
        name: "digest",
        columns: &[("account_id", Text), ("pace", Text), ("told_until", Number)],
    },
];
