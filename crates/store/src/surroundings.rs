//! What stands around records and that readers filter by, gathered whole for the search index.

use std::collections::HashMap;

use sobria_catalogue::access::Level;
use sobria_catalogue::entry::field::EntryField;
use sobria_catalogue::entry::{self, Entry, VisibleEntry};
use sobria_catalogue::id::{EntryId, UseCaseId};
use sobria_catalogue::link::{End, LinkKind, RecordKind};
use sobria_catalogue::surroundings::Surroundings;

use crate::error::Result;
use crate::store::Store;

impl Store {
    /// What stands around each record; records around which nothing stands are left out.
    ///
    /// # Errors
    /// When the database does not answer or is damaged.
    pub async fn surroundings(&self) -> Result<HashMap<UseCaseId, Surroundings>> {
        let mut around: HashMap<UseCaseId, Surroundings> = HashMap::new();
        for (id, evaluated) in self.evaluated().await? {
            around.entry(id).or_default().evaluated = evaluated;
        }
        let mut links = Vec::new();
        for kind in [LinkKind::AttachedTo, LinkKind::UsesSolution, LinkKind::ProvidedBy] {
            links.extend(self.public_links_of_kind(kind).await?);
        }
        let entries = self
            .entries_at(links.iter().flat_map(|link| [link.from, link.to]))
            .await?;
        let seen = |end: End, level: Level| {
            let entry = entries.get(&EntryId::new(end.id))?.clone();
            entry::redact(entry, level)
        };
        let title = |item: VisibleEntry| item.content().title().to_owned();
        for link in &links {
            match link.kind {
                LinkKind::AttachedTo => {
                    let Some(case) = use_case(link.to) else { continue };
                    for level in [Level::Public, Level::Member] {
                        if let Some(resource) = seen(link.from, level) {
                            around.entry(case).or_default().add_resource(&resource, level);
                            break;
                        }
                    }
                }
                LinkKind::UsesSolution => {
                    let (Some(case), Some(solution)) = (use_case(link.from), seen(link.to, Level::Public))
                    else {
                        continue;
                    };
                    let names = &mut around.entry(case).or_default().solutions;
                    let supplier = solution.content().get(EntryField::SupplierName);
                    names.extend((!supplier.is_empty()).then(|| supplier.to_owned()));
                    names.insert(title(solution));
                    let provided = links
                        .iter()
                        .filter(|other| other.kind == LinkKind::ProvidedBy && other.from == link.to);
                    names.extend(
                        provided
                            .filter_map(|other| seen(other.to, Level::Public))
                            .map(title),
                    );
                }
                _ => {}
            }
        }
        Ok(around)
    }

    /// What readers see of the entries at some ends of links, by identifier.
    async fn entries_at(&self, ends: impl Iterator<Item = End>) -> Result<HashMap<EntryId, Entry>> {
        let mut ids: Vec<EntryId> = ends
            .filter(|end| end.kind != RecordKind::UseCase)
            .map(|end| EntryId::new(end.id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let entries = self.entries_by_ids(&ids).await?;
        Ok(entries.into_iter().map(|entry| (entry.id, entry)).collect())
    }
}

fn use_case(end: End) -> Option<UseCaseId> {
    (end.kind == RecordKind::UseCase).then(|| UseCaseId::new(end.id))
}
