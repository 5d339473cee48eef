//! What stands around a record, and that readers filter by: its estimates, its resources, its solutions.

use std::collections::BTreeSet;

use crate::access::Level;
use crate::content::{Content, Value};
use crate::entry::VisibleEntry;
use crate::entry::field::EntryField;
use crate::evaluation::Evaluated;
use crate::field::Field;

/// Kind of a resource that does not say what it is.
const OTHER: &str = "other";

/// What other records say of one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// How the footprint that everyone may read was found.
    pub evaluated: Evaluated,
    /// Kinds of the open resources that come with it and that everyone may read.
    pub open: BTreeSet<String>,
    /// Kinds of the open resources that come with it and that only members may read.
    pub shared: BTreeSet<String>,
    /// Names of the public solutions that it is made with, and of their suppliers.
    pub solutions: BTreeSet<String>,
}

impl Surroundings {
    /// Takes in a resource that comes with the record, as a reader of `level` sees it.
    pub fn add_resource(&mut self, resource: &VisibleEntry, level: Level) {
        if let Some(kind) = open_kind(resource) {
            let kinds = match level {
                Level::Public => &mut self.open,
                _ => &mut self.shared,
            };
            kinds.insert(kind);
        }
    }
}

/// The kind of a resource that can be taken and used again without asking anybody; none for any other.
///
/// Code whose page does not say that it can be downloaded is not counted: too many such pages present a product.
pub fn open_kind(resource: &VisibleEntry) -> Option<String> {
    let content = resource.content();
    let kind = match content.get(EntryField::ResourceKind) {
        "" => OTHER,
        kind => kind,
    };
    let licensed = !matches!(content.get(EntryField::Licence), "" | "none");
    let reachable = match content.get(EntryField::Downloadable) {
        "yes" => true,
        "" => kind != "code",
        _ => false,
    };
    (licensed && reachable).then(|| kind.to_owned())
}

/// The kinds of resources that a record itself gives with an address that every reader of the field can open.
pub fn given_kinds(content: &Content) -> BTreeSet<&str> {
    let Some(Value::Links(links)) = content.get(Field::Resources) else {
        return BTreeSet::new();
    };
    links
        .iter()
        .filter(|link| link.url.is_some() && link.access.as_deref().is_none_or(|access| access == "open"))
        .map(|link| link.kind.as_deref().unwrap_or(OTHER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Link;

    #[test]
    fn only_addresses_that_open_count_as_given() {
        let link = |url: Option<&str>, access: Option<&str>, kind: Option<&str>| Link {
            url: url.map(str::to_owned),
            access: access.map(str::to_owned),
            kind: kind.map(str::to_owned),
            label: None,
        };
        let mut content = Content::default();
        assert!(given_kinds(&content).is_empty());
        content.set(
            Field::Resources,
            Value::Links(vec![
                link(Some("https://forge.example/a"), None, Some("code")),
                link(Some("https://forge.example/b"), Some("open"), None),
                link(Some("https://forge.example/c"), Some("on_request"), Some("model")),
                link(None, Some("internal"), Some("dataset")),
            ]),
        );
        assert!(given_kinds(&content).into_iter().eq(["code", "other"]));
    }
}
