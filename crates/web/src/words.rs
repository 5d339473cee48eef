//! The closed lists as the instance words them, for whatever answers a request: every page says labels, few are handed
//! the service.

use std::ops::Deref;
use std::sync::Arc;

use sobria_catalogue::vocabulary::Vocabularies;

use crate::app::App;
use crate::site::Site;
use crate::site::setting::{Overrides, overlay};

tokio::task_local! {
    static IN_USE: App;
}

/// The lists in use.
#[derive(Debug)]
pub struct Words(Arc<Vocabularies>);

impl Deref for Words {
    type Target = Vocabularies;

    fn deref(&self) -> &Vocabularies {
        &self.0
    }
}

/// The lists of the instance whose request is answered or whose job runs; elsewhere those of the program. They are read
/// when they are asked for: what is kept under a catalogue revision is never older than it.
pub fn in_use() -> Words {
    let found = IN_USE.try_with(|app| app.vocabularies());
    Words(found.unwrap_or_else(|_outside| Vocabularies::program()))
}

/// The lists of an instance whose settings were read.
pub fn of(overrides: &Overrides) -> Arc<Vocabularies> {
    Vocabularies::relabelled(&overlay(&Site::default(), overrides).labels)
}

/// Runs something with the lists of an instance.
pub async fn with<F: Future>(app: &App, work: F) -> F::Output {
    IN_USE.scope(app.clone(), work).await
}
