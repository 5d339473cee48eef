//! `/estimer/mesure`: electricity read on a meter, a place; its greenhouse gases, and whether a declared figure fits.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::json;
use sobria_estimate::document::Method;
use sobria_estimate::electricity::ZoneFactors;
use sobria_estimate::french::{Scale, decimal};
use sobria_estimate::llm::Bounds;
use sobria_estimate::measurement::Kind;
use sobria_estimate::reference::Criterion as Measure;
use sobria_estimate::service::{Notice, Stages};
use sobria_estimate::{Reference, sentence};

use super::compute::places;
use super::form::{EXPERT, Form};
use super::result::{between, equivalents_of, lead_to_fields, strip};
use super::{attach, calculator, marks};
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, cached};
use crate::routes::frame::render;
use crate::view::estimate::{AssumptionRow, Control, Criterion, EstimatePage, EstimateResult, FormField};
use crate::view::library::Link;
use crate::view::log::LogForm;

pub(super) const PATH: &str = "/estimer/mesure";
/// Largest electricity taken, in kWh: more than the world uses in a year.
const KWH_MAX: f64 = 1e14;

/// The calculator of measures.
///
/// # Errors
/// When a template fails.
pub async fn page(
    State(app): State<App>,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let mut form = Form::read(query.as_deref().unwrap_or_default());
        let asked = !form.is_blank();
        let result = if asked { estimated(app.reference(), &mut form) } else { None };
        let fields = fields(&form);
        render(&EstimatePage {
            layout: calculator(&app, "Électricité mesurée", PATH, asked).described(
                "Donner ses gaz à effet de serre à une électricité mesurée, et vérifier un chiffre déclaré.",
            ),
            title: "Partir d’une électricité mesurée".to_owned(),
            lead: "Un compteur, une prise mesurée, CodeCarbon\u{a0}: quand l’électricité est connue, il ne manque que le lieu. Un chiffre de gaz à effet de serre déclaré peut être vérifié.".to_owned(),
            action: PATH.to_owned(),
            address: form.with(&format!("{}{PATH}", app.settings.base_url), &[]),
            groups: Vec::new(),
            more_href: String::new(),
            folds: Vec::new(),
            with: String::new(),
            errors: form.errors(&fields),
            fields,
            result,
            before: vec![
                "Vous obtiendrez les gaz à effet de serre de cette électricité, avec toutes les valeurs connues pour le lieu.".to_owned(),
                "Une mesure vaut mieux qu’une estimation, mais ne compte que ce qui était branché\u{a0}: ni la fabrication des machines, ni ce qui n’était pas mesuré.".to_owned(),
            ],
            logs: (!asked).then(LogForm::default),
        })
    })
    .await
}

/// What is asked, once it is sound: the electricity, the declared greenhouse gases, the factors of the place.
fn read(reference: &Reference, form: &mut Form) -> Option<(Bounds, Option<Bounds>, ZoneFactors)> {
    let in_range = |bounds: &Bounds| 0.0 <= bounds.min && bounds.min <= bounds.max && bounds.max <= KWH_MAX;
    let energy = form.bounds("kwh");
    if form.value("kwh").is_empty() {
        form.refuse("kwh", "Donnez l’électricité mesurée.");
    }
    if energy.is_some_and(|bounds| !in_range(&bounds)) {
        form.refuse("kwh", "Un nombre de kWh, 0 ou plus, la borne basse d’abord.");
    }
    let declared = form.bounds("co2");
    if declared.is_some_and(|bounds| !in_range(&bounds)) {
        form.refuse("co2", "Un nombre de kg, 0 ou plus, la borne basse d’abord.");
    }
    let zone = form
        .text("lieu_autre")
        .or(form.text("lieu"))
        .unwrap_or_default()
        .to_owned();
    let factors = ZoneFactors::of(reference, &zone);
    if zone.is_empty() {
        form.refuse("lieu", "Choisissez où l’électricité a été employée.");
    } else if factors.is_none() {
        form.refuse("lieu_autre", sentence("unknown-zone"));
    }
    let (energy, factors) = energy.zip(factors).filter(|_| !form.is_wrong())?;
    Some((energy, declared, factors))
}

fn estimated(reference: &Reference, form: &mut Form) -> Option<EstimateResult> {
    let (energy, declared, factors) = read(reference, form)?;
    Some(shown(reference, form, energy, declared, &factors))
}

/// The request of an address of this calculator, and how many times a year.
pub(super) fn request(reference: &Reference, form: &mut Form) -> Option<(String, f64)> {
    let (energy, _, factors) = read(reference, form)?;
    let request = json!({
        "method": Method::Measurement.id(),
        "kind": Kind::MeasuredEnergy.id(),
        "input": {
            "energy_kwh": {"min": energy.min, "max": energy.max},
            "zone": factors.zone,
        },
    });
    Some((request.to_string(), 1.0))
}

/// The request of the total of logs, as its page writes it in an address, and how many times a year.
pub(super) fn logged(reference: &Reference, form: &mut Form) -> Option<(String, f64)> {
    let zone = form.text("lieu").unwrap_or_default().to_owned();
    let tool = form.text("outil").unwrap_or_default().to_owned();
    let mut number = |name: &str| {
        form.number(name)
            .filter(|number| (0.0..=KWH_MAX).contains(number))
    };
    let request = json!({
        "method": Method::Measurement.id(),
        "kind": Kind::MeasuredEnergy.id(),
        "input": {
            "energy_kwh": number("kwh")?,
            "energy_range_kwh": {"min": number("kwh_bas")?, "max": number("kwh_haut")?},
            "zone": zone,
            "measured_fraction": number("part")?,
            "runs": number("executions")?,
            "duration_s": number("secondes")?,
            "tool": tool,
        },
    });
    let times = number("fois")?;
    ZoneFactors::of(reference, &zone)?;
    Some((request.to_string(), times))
}

fn shown(
    reference: &Reference,
    form: &Form,
    energy: Bounds,
    declared: Option<Bounds>,
    factors: &ZoneFactors,
) -> EstimateResult {
    let climate = (
        energy.min * factors.low / 1000.0,
        energy.max * factors.high / 1000.0,
    );
    let middle = f64::midpoint(energy.min, energy.max) * factors.central / 1000.0;
    let equivalents: Vec<_> = [
        equivalents_of(
            reference,
            "Climat",
            Measure::Climate,
            Scale::Climate,
            climate,
            "Usage seul\u{a0}: la fabrication des machines n’est pas comptée.",
        ),
        equivalents_of(
            reference,
            "Électricité",
            Measure::Energy,
            Scale::Energy,
            (energy.min, energy.max),
            "",
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    let pictured = equivalents
        .first()
        .and_then(|group| group.lines.first())
        .map(|(sentence, _)| format!("soit {sentence}"))
        .unwrap_or_default();
    let mut warnings = Vec::new();
    let mut criteria = vec![
        Criterion {
            name: "Climat".to_owned(),
            scope: "usage".to_owned(),
            one: between(climate.0, climate.1, Scale::Climate),
            whole: between(middle, middle, Scale::Climate),
            share: String::new(),
        },
        Criterion {
            name: "Électricité".to_owned(),
            scope: "mesurée".to_owned(),
            one: between(energy.min, energy.max, Scale::Energy),
            whole: String::new(),
            share: String::new(),
        },
    ];
    if let Some(declared) = declared {
        criteria.push(Criterion {
            name: "Climat déclaré".to_owned(),
            scope: "déclaré, non repris".to_owned(),
            one: between(declared.min, declared.max, Scale::Climate),
            whole: String::new(),
            share: String::new(),
        });
        if let Some(notice) = Notice::of_declared(0, energy, declared, Stages::Use, factors) {
            warnings.push(without_line(&notice.sentence()));
        }
    }
    let mut assumptions = given(energy);
    assumptions.extend(factors.held.iter().enumerate().map(|(rank, held)| AssumptionRow {
        name: if rank == 0 {
            format!("Gaz à effet de serre d’un kWh ({})", factors.zone)
        } else {
            "Autre valeur connue pour ce lieu".to_owned()
        },
        value: format!("{}\u{a0}g CO₂e/kWh", held.g_per_kwh.to_string().replace('.', ",")),
        source: held.source.to_string(),
        chosen: "table",
        field: "lieu".to_owned(),
    }));
    lead_to_fields(
        &mut assumptions,
        &["kwh", "co2", "lieu", "lieu_autre"],
        form,
        PATH,
        |_| EXPERT.0,
    );
    EstimateResult {
        headline: between(climate.0, climate.1, Scale::Climate),
        counted: format!(
            "pour {} d’électricité mesurée",
            strip(&between(energy.min, energy.max, Scale::Energy))
        ),
        pictured,
        one_header: "Fourchette".to_owned(),
        whole_header: "Avec la valeur employée".to_owned(),
        criteria,
        remarks: vec![
            "La fourchette va de la plus basse à la plus haute des valeurs connues pour le lieu\u{202f}; une seule valeur connue est prise à 10\u{a0}% près.".to_owned(),
        ],
        warnings,
        equivalents,
        marks_href: marks::address(Measure::Climate, climate),
        assumptions,
        method: format!("Électricité × gaz à effet de serre d’un kWh, tables {}", reference.version()),
        method_link: Link::new("Lire la méthode", "/estimer/methodes/measurement"),
        downloads: vec![
            Link::new(
                "Attacher à une fiche",
                form.with(attach::PATH, &[(attach::FROM, Some("mesure".to_owned()))]),
            ),
            Link::new("Un exemple commenté", "/estimer/mesure/exemple"),
        ],
        ..EstimateResult::default()
    }
}

/// There is one line here: its number says nothing.
pub(super) fn without_line(words: &str) -> String {
    words
        .split_once(" : ")
        .or_else(|| words.split_once("\u{a0}: "))
        .filter(|(first, _)| first.starts_with("Ligne"))
        .map_or_else(|| words.to_owned(), |(_, rest)| rest.to_owned())
}

fn given(energy: Bounds) -> Vec<AssumptionRow> {
    let words = |number: f64| {
        if number.fract().abs() > 0.0 {
            number.to_string().replace('.', ",")
        } else {
            decimal(number, 0)
        }
    };
    let value = if energy.min < energy.max {
        format!("{} à {}", words(energy.min), words(energy.max))
    } else {
        words(energy.min)
    };
    vec![AssumptionRow {
        name: "Électricité mesurée".to_owned(),
        value: format!("{value}\u{a0}kWh"),
        source: "valeur du formulaire".to_owned(),
        chosen: "saisie",
        field: "kwh".to_owned(),
    }]
}

fn fields(form: &Form) -> Vec<FormField> {
    vec![
        form.field("kwh", "Électricité mesurée", Control::Number)
            .unit("kWh")
            .hint("Un nombre, ou une fourchette\u{a0}: 12 à 15."),
        form.field(
            "lieu",
            "Où a-t-elle été employée\u{202f}?",
            Control::Select(places(form)),
        ),
        form.field("lieu_autre", "Un autre lieu", Control::Text)
            .hint("Code de la table\u{a0}: PRT, CA-QC, US-CA."),
        form.field("co2", "Gaz à effet de serre déclarés", Control::Number)
            .unit("kg CO₂e")
            .hint("Facultatif\u{a0}: le chiffre qui a été publié, pour le vérifier."),
    ]
}
