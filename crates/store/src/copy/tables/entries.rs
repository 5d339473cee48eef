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
        select: "SELECT id, kind, slug, organisation_id, author_id, status, version, published_number, edition, \
                 created_at, updated_at, first_published_at FROM entry",
        clear: None,
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
        select: "SELECT entry_id, number, content, reason, author_id, made_at, published_at FROM entry_revision",
        clear: None,
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
        select: "SELECT id, entry_id, from_number, until_number, hash, kind, name, title, bytes, visibility, removed, \
                 added_by, added_at FROM entry_file",
        clear: None,
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
        select: "SELECT id, kind, from_kind, from_id, to_kind, to_id, note, author_id, made_at, published_at FROM link",
        clear: None,
    },
];
