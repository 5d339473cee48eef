//! The open sessions, and the form that closes them.

use sobria_catalogue::account::Person;

use super::PATH;
use crate::app::App;
use crate::error::WebError;
use crate::session::Reader;
use crate::view::prose::ProseTable;
use crate::view::{Control, FormBlock, FormField};

pub(super) async fn sessions(
    app: &App,
    reader: &Reader,
    person: &Person,
    csrf: String,
) -> Result<FormBlock, WebError> {
    let now = (app.settings.now)();
    let current = reader.session().map(|session| session.id.clone());
    let found = app.store.sessions_of(person.account.id, now).await?;
    let others = found
        .iter()
        .filter(|line| Some(&line.id) != current.as_ref())
        .count();
    let rows = found
        .iter()
        .map(|line| {
            let device = if Some(&line.id) == current.as_ref() {
                format!("{} (cette session)", line.device)
            } else {
                line.device.clone()
            };
            vec![
                device,
                line.method.label().to_owned(),
                crate::locale::moment(line.created_at),
                crate::locale::moment(line.last_seen_at),
            ]
        })
        .collect();
    let mut block = FormBlock {
        id: "sessions".to_owned(),
        title: "Sessions ouvertes".to_owned(),
        table: Some(ProseTable {
            caption:
                "Une session se ferme après douze heures sans activité, et au plus tard après sept jours."
                    .to_owned(),
            headers: ["Appareil", "Connexion", "Ouverte", "Dernière activité"]
                .map(str::to_owned)
                .to_vec(),
            rows,
        }),
        ..FormBlock::default()
    };
    if others > 0 {
        block.action = format!("{PATH}/sessions");
        block.csrf = csrf;
        block.quiet = true;
        "Fermer les autres sessions".clone_into(&mut block.submit);
        block.fields = vec![
            FormField::new(
                "session",
                "Session à fermer",
                "",
                Control::Select(
                    std::iter::once(crate::view::FormOption::new("", "Toutes les autres", true))
                        .chain(
                            found
                                .iter()
                                .filter(|line| Some(&line.id) != current.as_ref())
                                .map(|line| {
                                    crate::view::FormOption::new(
                                        line.id.clone(),
                                        format!(
                                            "{}, {}",
                                            line.device,
                                            crate::locale::moment(line.last_seen_at)
                                        ),
                                        false,
                                    )
                                }),
                        )
                        .collect(),
                ),
            )
            .required(),
        ];
        "Fermer".clone_into(&mut block.submit);
    }
    Ok(block)
}
