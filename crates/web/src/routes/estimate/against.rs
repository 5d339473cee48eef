//! `/mon-espace/estimations/{id}`: a measure is set against an estimate of the same record, and the ratio is kept.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_catalogue::evaluation::{Evaluation, MeasuredRatio, Perimeter};
use sobria_catalogue::id::EvaluationId;
use sobria_catalogue::use_case::UseCase;
use sobria_estimate::french::{Scale, range, significant};
use sobria_store::Decision;

use super::attach::{LIST, own};
use super::gaps;
use crate::app::App;
use crate::error::WebError;
use crate::posted::{Fields, SignedForm};
use crate::ratios::known;
use crate::routes::account::settings::space_page;
use crate::routes::account::{fresh, see_other};
use crate::routes::evaluations::method_words;
use crate::session::SignedIn;
use crate::view::library::Link;
use crate::view::{Control, FormBlock, FormField, FormOption, FormPage, RichText};

/// Address of the page of a measure.
pub fn path(measured: EvaluationId) -> String {
    format!("{LIST}/{measured}")
}

/// A measure that somebody may see to, with the estimates of the same record.
struct Case {
    measured: Evaluation,
    record: UseCase,
    estimates: Vec<Evaluation>,
    ratios: Vec<MeasuredRatio>,
}

async fn case(app: &App, signed_in: &SignedIn, id: &str) -> Result<Case, WebError> {
    let id: EvaluationId = id.parse().or(Err(WebError::NotFound))?;
    let mut all = own(app, signed_in).await?;
    let place = all
        .iter()
        .position(|(one, _)| one.id == id && one.is_measured())
        .ok_or(WebError::NotFound)?;
    let (measured, record) = all.swap_remove(place);
    let estimates = all
        .into_iter()
        .map(|(one, _)| one)
        .filter(|one| one.use_case == record.id && !one.is_measured())
        .collect();
    let ratios = app.store.ratios_of(&[record.id], Level::Member).await?;
    Ok(Case {
        ratios: ratios
            .into_iter()
            .filter(|ratio| ratio.measured == measured.id)
            .collect(),
        measured,
        record,
        estimates,
    })
}

#[derive(Default)]
struct Typed {
    estimate: String,
    perimeter: String,
    same: bool,
    wrong: Vec<(&'static str, String)>,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        Self {
            estimate: fields.get("estimation").to_owned(),
            perimeter: fields.get("perimetre").to_owned(),
            same: fields.has("meme"),
            wrong: Vec::new(),
        }
    }
}

fn page(app: &App, signed_in: &SignedIn, case: &Case, typed: &Typed) -> FormPage {
    let mut page = space_page(
        app,
        &signed_in.person,
        "Comparer une mesure à une estimation",
        "Le rapport des deux est gardé avec la fiche\u{202f}; tout le monde le lit quand les deux sont publiques.",
        LIST,
    );
    let energy = |one: &Evaluation| {
        format!(
            "{} par an",
            range(one.energy_kwh.low, one.energy_kwh.high, Scale::Energy, 2)
        )
    };
    let back = || {
        vec![
            Link::new(
                case.record.content.title().to_owned(),
                format!("/cas-usages/{}", case.record.slug),
            ),
            Link::new("Toutes les estimations attachées", LIST),
        ]
    };
    for ratio in &case.ratios {
        let Some(estimate) = case.estimates.iter().find(|one| one.id == ratio.estimated) else {
            continue;
        };
        page.blocks.push(FormBlock {
            id: format!("r-{}", ratio.estimated),
            title: estimate.title.clone(),
            lines: vec![
                format!(
                    "Mesuré\u{a0}: {}\u{a0}fois l’estimation (entre {} et {})",
                    significant(ratio.central, 2),
                    significant(ratio.low, 2),
                    significant(ratio.high, 2)
                ),
                format!("Périmètre\u{a0}: {}", ratio.perimeter.label()),
                format!("Comparés le {}", crate::locale::moment(ratio.kept_at)),
            ],
            action: path(case.measured.id),
            csrf: signed_in.reader.csrf().to_owned(),
            hidden: vec![
                ("estimation".to_owned(), ratio.estimated.to_string()),
                ("action".to_owned(), "oublier".to_owned()),
            ],
            submit: "Oublier cette comparaison".to_owned(),
            quiet: true,
            ..FormBlock::default()
        });
    }
    let measure = format!(
        "La mesure\u{a0}: {}, {}.",
        case.measured.title,
        energy(&case.measured)
    );
    if case.estimates.is_empty() {
        page.blocks.push(FormBlock {
            text: RichText::parse(&format!(
                "{measure}\n\nAucune estimation n’est attachée à cette fiche. Faites-en une de la même chose, puis attachez-la."
            )),
            links: [vec![Link::new("Estimer", "/estimer")], back()].concat(),
            ..FormBlock::default()
        });
        return page;
    }
    let wrong = |name: &str| {
        let found = typed.wrong.iter().find(|(field, _)| *field == name);
        found.map(|(_, message)| message.clone())
    };
    let options = std::iter::once(FormOption::new(
        "",
        "Choisir dans la liste",
        typed.estimate.is_empty(),
    ))
    .chain(case.estimates.iter().map(|one| {
        let id = one.id.to_string();
        let label = format!("{}, {} ({})", one.title, energy(one), method_words(&one.method));
        let chosen = id == typed.estimate;
        FormOption::new(id, label, chosen)
    }))
    .collect();
    let perimeters = Perimeter::ALL
        .into_iter()
        .map(|one| {
            let mut label = one.label().to_owned();
            if let Some(first) = label.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            FormOption::new(one.code(), label, one.code() == typed.perimeter)
        })
        .collect();
    page.blocks.push(FormBlock {
        id: "comparer".to_owned(),
        title: "Comparer à une estimation".to_owned(),
        text: RichText::parse(&measure),
        action: path(case.measured.id),
        csrf: signed_in.reader.csrf().to_owned(),
        fields: vec![
            FormField::new("estimation", "Estimation", "", Control::Select(options))
                .required()
                .error(wrong("estimation")),
            FormField::new("perimetre", "Ce que la mesure compte", "", Control::Radios(perimeters))
                .hint("Un compteur de processeur ou de carte, CodeCarbon sans PUE\u{a0}: les machines seules. Une prise de la salle, un PUE appliqué\u{a0}: les machines et leur salle.")
                .required()
                .error(wrong("perimetre")),
            FormField::new(
                "meme",
                "Les deux portent sur le même usage et sur le même volume d’une année",
                "",
                Control::Check(typed.same),
            )
            .required()
            .error(wrong("meme")),
        ],
        submit: "Garder la comparaison".to_owned(),
        links: [back(), vec![Link::new("Ce que disent les autres mesures", gaps::PATH)]].concat(),
        ..FormBlock::default()
    });
    page.gather_errors();
    page
}

/// The page of a measure.
///
/// # Errors
/// When there is no such measure among those that one may see to.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let case = case(&app, &signed_in, &id).await?;
    let mut page = page(&app, &signed_in, &case, &Typed::default());
    if case.ratios.is_empty() && !case.estimates.is_empty() {
        page.notice = Some(
            "Cette fiche porte aussi une estimation\u{a0}: dites si les deux comptent la même chose."
                .to_owned(),
        );
    }
    fresh(StatusCode::OK, &page)
}

/// Keeps a ratio, or forgets one.
///
/// # Errors
/// When there is no such measure among those that one may see to, or the database does not answer.
pub async fn post(
    State(app): State<App>,
    Path(id): Path<String>,
    form: SignedForm,
) -> Result<Response, WebError> {
    let signed_in = form.signed_in();
    let case = case(&app, &signed_in, &id).await?;
    let actor = signed_in.person.account.id.to_string();
    let decision = Decision {
        actor: &actor,
        reason: "",
        now: (app.settings.now)(),
    };
    let mut typed = Typed::read(&form.fields);
    let estimate = case
        .estimates
        .iter()
        .find(|one| one.id.to_string() == typed.estimate);
    if form.fields.get("action") == "oublier" {
        let estimate = estimate.ok_or(WebError::NotFound)?;
        app.store
            .forget_ratio(case.measured.id, estimate.id, decision)
            .await?;
        crate::refresh::at_once(&app).await;
        return Ok(see_other(&format!("{LIST}?fait=oubliee")));
    }
    let perimeter = Perimeter::from_code(&typed.perimeter);
    if estimate.is_none() {
        typed.wrong.push((
            "estimation",
            "Choisissez une estimation de cette fiche.".to_owned(),
        ));
    }
    if perimeter.is_none() {
        typed
            .wrong
            .push(("perimetre", "Dites ce que la mesure compte.".to_owned()));
    }
    if !typed.same {
        typed.wrong.push((
            "meme",
            "Sans cela, le rapport ne dirait rien\u{a0}: refaites l’estimation avec le volume mesuré."
                .to_owned(),
        ));
    }
    if let (Some(estimate), Some(perimeter), true) = (estimate, perimeter, typed.wrong.is_empty()) {
        let known = known(&case.measured, perimeter, estimate);
        match MeasuredRatio::of(&case.measured, estimate, known, decision.now) {
            Ok(ratio) => {
                app.store.keep_ratio(&ratio, decision).await?;
                crate::refresh::at_once(&app).await;
                return Ok(see_other(&format!("{LIST}?fait=comparee")));
            }
            Err(refusal) => typed.wrong.push(("estimation", refusal.sentence())),
        }
    }
    fresh(
        StatusCode::UNPROCESSABLE_ENTITY,
        &page(&app, &signed_in, &case, &typed),
    )
}
