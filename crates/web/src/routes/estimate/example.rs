//! `/estimer/mesure/exemple`: a published measure, read line by line: what fits, what does not, what to ask.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use sobria_estimate::electricity::ZoneFactors;
use sobria_estimate::french::{Scale, significant};
use sobria_estimate::llm::Bounds;
use sobria_estimate::service::{Notice, Stages};

use super::measure::without_line;
use super::result::between;
use crate::app::App;
use crate::error::WebError;
use crate::respond::{HTML, cached};
use crate::routes::frame::{frame, render};
use crate::routes::text::prose;
use crate::view::Place;
use crate::view::layout::Crumb;
use crate::view::library::Link;
use crate::view::prose::{ProseSection, ProseTable};

const PATH: &str = "/estimer/mesure/exemple";
/// What was published: electricity, greenhouse gases, trainings, models.
const KWH: f64 = 15.0;
const KG: f64 = 2.5;
const TRAININGS: f64 = 55.0;
const MODELS: f64 = 29.0;

/// The worked example.
///
/// # Errors
/// When a template fails.
pub async fn page(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, WebError> {
    cached(&app, &uri, &headers, HTML, async {
        let reference = app.reference();
        let title = "Un chiffre publié, relu";
        let mut sections = vec![
            ProseSection::new(
                "chiffre",
                "Ce qui est déclaré",
                "Le projet ViPARE analyse des images de chaussées. Sa publication donne l’empreinte de la mise au point, relevée par CodeCarbon\u{a0}: 29\u{a0}modèles, 55\u{a0}entraînements, 15\u{a0}kWh, 2,5\u{a0}kg\u{a0}CO₂e.\n\nC’est une bonne pratique\u{a0}: les entraînements sont tous comptés, ceux qui ont échoué compris, et l’électricité est donnée à côté des gaz à effet de serre. C’est ce qui permet de vérifier.",
            ),
            ProseSection::new(
                "ordre",
                "Ce que cela fait par entraînement",
                &format!(
                    "15\u{a0}kWh pour 55\u{a0}entraînements font {} chacun en moyenne, et {} par modèle retenu\u{a0}: un modèle gardé en a demandé presque deux.\n\nCe que le journal ne compte pas\u{a0}: la fabrication des machines, le refroidissement si le PUE n’était pas réglé, l’usage qui suivra.",
                    between(KWH / TRAININGS, KWH / TRAININGS, Scale::Energy),
                    between(KWH / MODELS, KWH / MODELS, Scale::Energy),
                ),
            ),
        ];
        if let Some(france) = ZoneFactors::of(reference, "FRA") {
            let notice =
                Notice::of_declared(0, Bounds::point(KWH), Bounds::point(KG), Stages::Use, &france);
            let said = notice.map_or_else(
                || "Ce chiffre va avec les facteurs connus pour la France.".to_owned(),
                |notice| without_line(&notice.sentence()),
            );
            let mut section = ProseSection::new(
                "facteur",
                "Ce qui ne va pas ensemble",
                &format!("{said}\n\nRecalculés pour la France, ces 15\u{a0}kWh font {}.", between(
                    KWH * france.low / 1000.0,
                    KWH * france.high / 1000.0,
                    Scale::Climate,
                )),
            );
            section.table = Some(ProseTable {
                caption: "Facteurs connus pour la France".to_owned(),
                headers: ["Source", "Facteur", "15\u{a0}kWh font"].map(str::to_owned).to_vec(),
                rows: france
                    .held
                    .iter()
                    .map(|factor| {
                        let kg = KWH * factor.g_per_kwh / 1000.0;
                        vec![
                            factor.source.to_string(),
                            format!("{}\u{a0}g/kWh", significant(factor.g_per_kwh, 4)),
                            between(kg, kg, Scale::Climate),
                        ]
                    })
                    .collect(),
            });
            sections.push(section);
        }
        let mut questions = ProseSection::new(
            "questions",
            "Ce qu’il faut demander",
            "- Quel facteur, de quelle année, pour quel lieu\u{202f}? CodeCarbon devine le pays par l’adresse réseau, et prend une moyenne mondiale ou un autre pays quand il n’y arrive pas.\n- Quelle version de CodeCarbon\u{202f}? Le facteur de la France y a valu 55, 67, 85 puis 56\u{a0}g/kWh.\n- La fabrication des machines est-elle comptée\u{202f}? Elle expliquerait une partie de l’écart.\n- Le journal lui-même\u{a0}: avec lui, l’énergie est gardée et tout le reste se recalcule.",
        );
        questions.links = vec![
            Link::new(
                "Ouvrir ce chiffre dans le calculateur",
                "/estimer/mesure?kwh=15&co2=2,5&lieu=FRA",
            ),
            Link::new("Lire un journal CodeCarbon", "/estimer/mesure#journaux"),
            Link::new("La méthode de mesure", "/estimer/methodes/measurement"),
        ];
        sections.push(questions);
        render(&prose(
            frame(&app, Place::Estimate, title, PATH)
                .under(vec![
                    Crumb::to("Évaluer", "/estimer"),
                    Crumb::to("Électricité mesurée", "/estimer/mesure"),
                    Crumb::here(title),
                ])
                .described("Relire un chiffre d’empreinte publié\u{a0}: ce qui va ensemble, ce qui étonne, ce qu’il faut demander."),
            title,
            "29\u{a0}modèles, 55\u{a0}entraînements, 15\u{a0}kWh et 2,5\u{a0}kg\u{a0}CO₂e\u{a0}: un exemple de ce qu’une mesure bien publiée permet de voir.",
            sections,
        ))
    })
    .await
}
