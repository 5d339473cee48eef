//! The sections of the page: each drawing is a table, with the file that holds every row.

use sobria_catalogue::evaluation::Amount;
use sobria_estimate::french::significant;
use sobria_govern::reuse::Build;

use super::gather::{Counted, Statistics, plus};
use super::{SHOWN, YEARS};
use crate::locale;
use crate::view::chart::BarChart;
use crate::view::library::Link;
use crate::view::{ProseSection, ProseTable};

pub(super) fn section(counted: &Counted) -> ProseSection {
    // A list that is one row too long is shown whole: "one other" would take the same place.
    let shown = if counted.rows.len() <= SHOWN + 1 {
        counted.rows.len()
    } else {
        SHOWN
    };
    // Years are in order, and the newest ones are looked for; elsewhere the greatest come first.
    let (kept, others) = if counted.id == YEARS {
        let (others, kept) = counted.rows.split_at(counted.rows.len() - shown);
        (kept, others)
    } else {
        counted.rows.split_at(shown)
    };
    let mut text = counted.text.clone();
    if !others.is_empty() && counted.unit == "Fiches" {
        let sum: u64 = others.iter().map(|(_, count)| count).sum();
        let words = locale::counted(sum, "fiche", "fiches");
        if !text.is_empty() {
            text.push(' ');
        }
        if counted.id == YEARS {
            text.push_str(&format!("Avant ces années\u{a0}: {words}."));
        } else {
            text.push_str(&format!(
                "{} autres, moins nombreuses\u{a0}: {words} en tout.",
                others.len()
            ));
        }
    }
    let mut section = ProseSection::new(counted.id, counted.title, &text);
    section.links = vec![Link::new(
        format!("{} (CSV)", counted.title),
        format!("/statistiques/{}.csv", counted.id),
    )];
    if kept.is_empty() {
        return section;
    }
    let rows = kept
        .iter()
        .map(|(label, count)| (label.clone(), *count, None, None))
        .collect();
    section.chart = Some(BarChart::of_counts(
        &format!("g-{}", counted.id),
        counted.title,
        counted.header,
        counted.unit,
        rows,
    ));
    section
}

/// Two digits on the page, as no estimate holds more; the file has every one.
fn range(amount: Option<Amount>, unit: &str) -> String {
    amount.map_or_else(
        || "Non évalué".to_owned(),
        |amount| {
            format!(
                "{} à {}\u{a0}{unit}",
                significant(amount.low, 2),
                significant(amount.high, 2)
            )
        },
    )
}

pub(super) fn impacts(found: &Statistics) -> ProseSection {
    let mut section = ProseSection::new(
        "impacts",
        "Empreintes d’une année, par politique publique",
        "Somme des bornes basses et somme des bornes hautes de la dernière estimation publique de chaque fiche. Ce qui n’est pas évalué n’est pas compté zéro\u{a0}: lisez la couverture avec la somme. Méthode, année et tables de chaque estimation sont dans sa fiche.",
    );
    section.links = vec![
        Link::new(
            "Empreintes par politique publique (CSV)",
            "/statistiques/impacts.csv",
        ),
        Link::new(
            "Ce que la mesure dit des estimations",
            crate::routes::estimate::gaps::PATH,
        ),
    ];
    section.table = Some(ProseTable {
        caption: "Électricité et gaz à effet de serre d’une année".to_owned(),
        headers: [
            "Politique publique",
            "Électricité",
            "Gaz à effet de serre",
            "Couverture",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: found
            .impacts
            .iter()
            .map(|one| {
                vec![
                    one.theme.clone(),
                    range(one.energy, "kWh"),
                    range(one.gwp, "kg CO₂e"),
                    format!(
                        "{} sur {}",
                        locale::integer(one.evaluated),
                        locale::integer(one.records)
                    ),
                ]
            })
            .collect(),
    });
    section
}

/// What making again the components that are reused would have taken, over the reuses where it is known.
pub(super) fn remade(found: &Statistics) -> (u64, Option<Amount>, Option<Amount>) {
    let builds: Vec<Build> = found.reused.iter().filter_map(|(.., build)| *build).collect();
    let energy = builds.iter().fold(None, |sum, build| plus(sum, build.energy_kwh));
    // A sum that leaves one out would be read as the whole.
    let every: Option<Vec<Amount>> = builds.iter().map(|build| build.gwp_kg).collect();
    let gwp = every.unwrap_or_default().into_iter().fold(None, plus);
    (u64::try_from(builds.len()).unwrap_or(u64::MAX), energy, gwp)
}

/// What reuse and use avoid: a bound where the component that is reused says what it took to make, and no figure that
/// nobody declared elsewhere.
pub(super) fn avoided(found: &Statistics) -> ProseSection {
    let reuse = if found.reuse.declarations == 0 {
        "Aucune organisation n’a encore déclaré utiliser le projet d’une autre.".to_owned()
    } else {
        format!(
            "{} par d’autres organisations, pour {}.",
            locale::counted(
                found.reuse.declarations,
                "réutilisation est déclarée",
                "réutilisations sont déclarées"
            ),
            locale::counted(found.reuse.records, "projet", "projets")
        )
    };
    let (known, energy, gwp) = remade(found);
    let links = u64::try_from(found.reused.len()).unwrap_or(u64::MAX);
    let bound = match energy {
        None => format!(
            "{} une brique à une autre fiche, et aucune de ces briques n’a d’estimation publique de sa construction\u{a0}: rien n’est déduit du nombre de réutilisations.",
            locale::counted(links, "fiche emprunte", "fiches empruntent")
        ),
        Some(energy) => format!(
            "{} une brique à une autre fiche\u{202f}; pour {}, la fiche d’origine estime ce que sa construction a demandé, données et essais compris\u{a0}: **{}**{}. C’est ce que le réemploi a évité au plus, si la brique avait été refaite entière\u{202f}; au moins zéro, si elle ne l’avait pas été.",
            locale::counted(links, "fiche emprunte", "fiches empruntent"),
            locale::counted(known, "réemploi", "réemplois"),
            range(Some(energy), "kWh"),
            gwp.map(|gwp| format!(" et {}", range(Some(gwp), "kg CO₂e")))
                .unwrap_or_default()
        ),
    };
    let mut section = ProseSection::new(
        "evites",
        "Évité par le réemploi et par l’usage",
        &format!(
            "Hors de tous les totaux. {reuse}\n\n{bound}\n\nEffets évités décrits en mots\u{a0}: {} sur {}\u{202f}; aucune ne donne de valeur avec sa source, la bibliothèque n’en affiche donc aucune.",
            locale::counted(found.avoided, "auto-évaluation", "auto-évaluations"),
            locale::integer(found.assessed)
        ),
    );
    if energy.is_some() {
        section.table = Some(ProseTable {
            caption: "Ce que la construction de la brique a demandé, d’après la fiche d’origine".to_owned(),
            headers: [
                "Fiche qui emprunte",
                "Fiche d’origine",
                "Électricité",
                "Gaz à effet de serre",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: found
                .reused
                .iter()
                .filter_map(|(by, of, build)| {
                    let build = (*build)?;
                    Some(vec![
                        by.clone(),
                        of.clone(),
                        range(Some(build.energy_kwh), "kWh"),
                        range(build.gwp_kg, "kg CO₂e"),
                    ])
                })
                .take(SHOWN)
                .collect(),
        });
    }
    section.links = vec![Link::new(
        "Évité par le réemploi et par l’usage (CSV)",
        "/statistiques/evites.csv",
    )];
    if energy.is_some() {
        section.links.push(Link::new(
            "Briques empruntées, une à une (CSV)",
            "/statistiques/reemplois.csv",
        ));
    }
    section
}
