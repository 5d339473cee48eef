//! Records besides use cases, and links.

use super::Kind::{Number, Text};
use super::Table;

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "entry",
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("slug", Text),
            ("organisation_id", Text),
            ("author_id", Text),
            ("status", Text),
            ("version", Number),
            ("published_number", Number),
            ("edition", Number),
            ("created_at", Number),
            ("updated_at", Number),
            ("first_published_at", Number),
        ],
    },
    Table {
        name: "entry_revision",
        columns: &[
            ("entry_id", Text),
            ("number", Number),
            ("content", Text),
            ("reason", Text),
            ("author_id", Text),
            ("made_at", Number),
            ("published_at", Number),
        ],
    },
    Table {
        name: "entry_file",
        columns: &[
            ("id", Text),
            ("entry_id", Text),
            ("from_number", Number),
            ("until_number", Number),
            ("hash", Text),
            ("kind", Text),
            ("name", Text),
            ("title", Text),
            ("bytes", Number),
            ("visibility", Text),
            ("removed", Text),
            ("added_by", Text),
            ("added_at", Number),
        ],
    },
    Table {
        name: "link",
        columns: &[
            ("id", Text),
            ("kind", Text),
            ("from_kind", Text),
            ("from_id", Text),
            ("to_kind", Text),
            ("to_id", Text),
            ("note", Text),
            ("author_id", Text),
            ("made_at", Number),
            ("published_at", Number),
        ],
    },
];
