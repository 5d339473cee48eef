//! Writing a strategy: its head, one objective, one measure. Each save is a version.

use axum::http::StatusCode;
use axum::response::Response;
use sobria_catalogue::access::Level;
use sobria_govern::procurement::Problem;
use sobria_govern::roadmap::committee::Tile;
use sobria_govern::roadmap::form::{
    cap_field, goal_fields, measure_fields, read_goal, read_measure, read_strategy, strategy_fields,
};
use sobria_govern::roadmap::sheet::{Axis, SHEETS};
use sobria_govern::roadmap::strategy::{MOST, Progress, Stage, Strategy, Theme};

use super::facts::records;
use super::{Filled, Roadmap, choices, error_of, show_forms};
use crate::app::App;
use crate::error::WebError;
use crate::posted::{Fields, SignedForm};
use crate::routes::account::see_other;
use crate::routes::govern::purchase::linked;
use crate::view::{Control, FormBlock, FormField, FormOption, RichText};

fn block(
    road: &Roadmap,
    part: &str,
    csrf: &str,
    title: &str,
    text: &str,
    fields: Vec<FormField>,
) -> FormBlock {
    FormBlock {
        id: part.to_owned(),
        title: title.to_owned(),
        text: RichText::parse(text),
        action: format!("{}/{part}", road.path()),
        csrf: csrf.to_owned(),
        fields,
        submit: "Enregistrer".to_owned(),
        ..FormBlock::default()
    }
}

fn after(road: &Roadmap, typed: Option<&Fields>) -> (String, String) {
    let after = typed.map_or_else(
        || road.version().to_string(),
        |fields| fields.get("apres").to_owned(),
    );
    ("apres".to_owned(), after)
}

/// The roadmap as somebody else left it meanwhile, with what was typed laid over its version, and what to say of it;
/// none when it was kept.
async fn overtaken(
    app: &App,
    road: &Roadmap,
    changed: &Strategy,
    form: &SignedForm,
) -> Result<Option<(Roadmap, Fields, Problem)>, WebError> {
    let saved = road
        .save(app, changed, form.fields.get("apres"), form.person.account.id)
        .await;
    match saved {
        Ok(()) => Ok(None),
        Err(WebError::Conflict(_)) => {
            let now = Roadmap::of(app, road.organisation.clone(), &form.reader).await?;
            let typed = form.fields.with("apres", now.version().to_string());
            let message = format!(
                "Quelqu’un a enregistré la version {} entre-temps. Votre saisie est gardée ici\u{a0}: relisez-la, puis enregistrez de nouveau pour faire la version suivante.",
                now.version()
            );
            Ok(Some((now, typed, Problem::new("", message))))
        }
        Err(error) => Err(error),
    }
}

/// The head of the strategy.
pub fn strategy(
    app: &App,
    road: &Roadmap,
    csrf: &str,
    typed: Option<&Fields>,
    problems: &[Problem],
    status: StatusCode,
) -> Result<Response, WebError> {
    let mut known = road.strategy.clone();
    if known.population.is_none() {
        known.population = road.organisation.population;
    }
    let kept = Fields::from(strategy_fields(&known));
    let form = Filled {
        fields: typed.unwrap_or(&kept),
        problems,
    };
    let number = |name: &str, label: &str, hint: &str| form.line(name, label).hint(hint);
    let mut fields = vec![
        form.line("titre", "Titre").required(),
        form.select("etat", "État", choices(&Stage::ALL, Stage::code, Stage::label)),
        number("adoptee", "Date d’adoption", "Par exemple 2025-01-30."),
        form.line("deliberation", "Délibération"),
        number("debut", "Première année", ""),
        number("fin", "Dernière année", ""),
        number(
            "population",
            "Population",
            "Le bilan est dû au-delà de 50\u{202f}000 habitants. Proposée d’après la fiche de l’organisation.",
        ),
        number("millesime", "Millésime de la population", "Par exemple 2023."),
        number(
            "agents",
            "Agents qui utilisent le numérique",
            "Sert à la part formée.",
        ),
        number("elus", "Élus", ""),
        form.lines("moyens", "Périmètre et moyens"),
        number(
            "empreinte",
            "Empreinte annuelle du numérique, en kg CO₂e",
            "Total d’un autre outil, par exemple OeNRT\u{202f}; il n’est pas recalculé.",
        ),
        number("annee_empreinte", "Année de cette empreinte", ""),
        number("cadence", "Mois entre deux réunions du comité", "6 par défaut."),
    ];
    for tile in Tile::ALL {
        let what = if tile.rises() {
            "Objectif minimal"
        } else {
            "Plafond annuel"
        };
        fields.push(form.line(
            &cap_field(tile),
            &format!("{what}\u{a0}: {} ({})", tile.label().to_lowercase(), tile.unit()),
        ));
    }
    fields.extend([
        number("programme_le", "Programme de travail rendu public le", ""),
        form.lines("impact", "Impact environnemental du numérique sur le territoire"),
        form.lines("usages", "Usages du numérique sur le territoire"),
        form.lines("engagees", "Actions déjà engagées"),
        form.lines("acteurs", "Acteurs publics et privés associés"),
        form.check(
            "publique",
            "Rendre la feuille de route publique, une fois relue par la modération",
        ),
    ]);
    let mut block = block(
        road,
        "strategie",
        csrf,
        "Cadre de la stratégie",
        "Aucun objectif chiffré n’est proposé\u{a0}: la loi n’en fixe pas pour chaque collectivité.",
        fields,
    );
    block.hidden = vec![after(road, typed)];
    let page = road.page(app, "Cadre de la stratégie", &road.organisation.name, "strategie");
    show_forms(page, vec![block], problems, status)
}

/// Keeps the head of the strategy.
pub async fn post_strategy(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    let mut changed = road.strategy.clone();
    let problems = read_strategy(&mut changed, |name| form.fields.get(name));
    if !problems.is_empty() {
        let csrf = form.reader.csrf();
        return strategy(
            app,
            road,
            csrf,
            Some(&form.fields),
            &problems,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    if let Some((now, typed, told)) = overtaken(app, road, &changed, form).await? {
        let csrf = form.reader.csrf();
        return strategy(app, &now, csrf, Some(&typed), &[told], StatusCode::CONFLICT);
    }
    Ok(see_other(&road.path()))
}

/// One objective.
pub fn goal(
    app: &App,
    road: &Roadmap,
    csrf: &str,
    asked: &Fields,
    typed: Option<&Fields>,
    problems: &[Problem],
    status: StatusCode,
) -> Result<Response, WebError> {
    if road.kept.is_empty() {
        return Ok(see_other(&format!("{}/strategie", road.path())));
    }
    let id = asked.get("id");
    let known = road.strategy.goal(id);
    if known.is_none() && !id.is_empty() {
        return Err(WebError::NotFound);
    }
    let kept = Fields::from(known.map(goal_fields).unwrap_or_default());
    let form = Filled {
        fields: typed.unwrap_or(&kept),
        problems,
    };
    let computed = std::iter::once((
        String::new(),
        "Non, les valeurs sont saisies ou importées".to_owned(),
    ))
    .chain(SHEETS.iter().filter(|sheet| sheet.computed).map(|sheet| {
        let label = sheet.indicators.first().map_or("", |one| one.label);
        (sheet.id.to_owned(), format!("{} · {label}", sheet.id))
    }));
    let fields = vec![
        form.line("libelle", "Objectif").required(),
        form.select("theme", "Thème du décret", choices(&Theme::ALL, Theme::code, Theme::label)),
        form.select("axe", "Axe", choices(&Axis::ALL, Axis::code, Axis::label)),
        form.select("calcule", "Indicateur calculé par la bibliothèque", computed)
            .hint("Il donne alors l’indicateur, l’unité et le sens."),
        form.line("indicateur", "Indicateur").hint("Par exemple\u{a0}: empreinte annuelle."),
        form.line("unite", "Unité").hint("Par exemple\u{a0}: tCO2e, kWh, %."),
        form.select(
            "sens",
            "Le mieux est",
            [("baisse", "de baisser"), ("hausse", "de monter")].map(|(code, label)| (code.to_owned(), label.to_owned())),
        ),
        form.line("annee_base", "Année de base").required(),
        form.line("base", "Valeur de base")
            .hint("Laissez vide si elle n’est pas connue\u{a0}: une cible en % ne se calcule alors pas."),
        form.line("perimetre", "Périmètre de la base"),
        form.line("methode", "Méthode de la base")
            .hint("Changer l’année, la valeur, le périmètre ou la méthode fait une nouvelle base\u{202f}; l’ancienne courbe reste visible, en pointillé."),
        form.line("annee_cible", "Année de la cible").required(),
        form.select(
            "mode",
            "La cible est",
            [
                ("relatif", "une évolution en %"),
                ("absolu", "une valeur"),
                ("seuil", "un seuil à tenir chaque année"),
            ].map(|(code, label)| (code.to_owned(), label.to_owned())),
        ),
        form.line("cible", "Cible").required().hint("Par exemple −30 pour une baisse de 30\u{a0}%."),
        form.line("jalons", "Jalons").hint("Par exemple 2026\u{a0}: 110\u{202f}; 2028\u{a0}: 95. Sans jalon, la trajectoire est droite."),
        form.line("responsable", "Responsable").hint("Un service plutôt qu’une personne."),
    ];
    let title = if id.is_empty() {
        "Nouvel objectif"
    } else {
        "Modifier un objectif"
    };
    let mut block = block(road, "objectif", csrf, title, "", fields);
    block.hidden = vec![after(road, typed), ("id".to_owned(), id.to_owned())];
    if !id.is_empty() {
        block.others = vec![("retirer".to_owned(), "Retirer cet objectif".to_owned())];
    }
    let page = road.page(app, title, &road.organisation.name, "objectif");
    show_forms(page, vec![block], problems, status)
}

/// Keeps an objective.
pub async fn post_goal(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    let fields = &form.fields;
    let id = fields.get("id");
    let mut changed = road.strategy.clone();
    let refused = |problems: &[Problem]| {
        let csrf = form.reader.csrf();
        goal(
            app,
            road,
            csrf,
            fields,
            Some(fields),
            problems,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
    };
    if !id.is_empty() && changed.goal(id).is_none() {
        return Err(WebError::NotFound);
    }
    if fields.get("action") == "retirer" {
        // Measures of an objective that goes would be about nothing.
        if changed.measures.iter().any(|measure| measure.goal == id) {
            return refused(&[Problem::new(
                "",
                "Des mesures servent cet objectif\u{a0}: rattachez-les à un autre avant de le retirer.",
            )]);
        }
        changed.goals.retain(|goal| goal.id != id);
    } else {
        let mut read = match read_goal(|name| fields.get(name)) {
            Ok(read) => read,
            Err(problems) => return refused(&problems),
        };
        if id.is_empty() {
            if changed.goals.len() >= MOST {
                return refused(&[Problem::new("", format!("{MOST} objectifs au plus."))]);
            }
            read.id = format!("o{}", changed.next_number());
            changed.goals.push(read);
        } else if let Some(known) = changed.goals.iter_mut().find(|goal| goal.id == id) {
            read.id = id.to_owned();
            read.keep_baselines(known);
            *known = read;
        }
    }
    if let Some((now, typed, told)) = overtaken(app, road, &changed, form).await? {
        let csrf = form.reader.csrf();
        return goal(
            app,
            &now,
            csrf,
            &typed,
            Some(&typed),
            &[told],
            StatusCode::CONFLICT,
        );
    }
    Ok(see_other(&road.path()))
}

/// One measure.
pub async fn measure(
    app: &App,
    road: &Roadmap,
    csrf: &str,
    asked: &Fields,
    typed: Option<&Fields>,
    problems: &[Problem],
    status: StatusCode,
) -> Result<Response, WebError> {
    if road.strategy.goals.is_empty() {
        return Ok(see_other(&format!("{}/objectif", road.path())));
    }
    let id = asked.get("id");
    let known = road.strategy.measures.iter().find(|measure| measure.id == id);
    if known.is_none() && !id.is_empty() {
        return Err(WebError::NotFound);
    }
    let kept = Fields::from(known.map(measure_fields).unwrap_or_default());
    let form = Filled {
        fields: typed.unwrap_or(&kept),
        problems,
    };
    let goals = road
        .strategy
        .goals
        .iter()
        .map(|goal| (goal.id.clone(), goal.label.clone()));
    let sheets = std::iter::once((String::new(), "Une autre action".to_owned())).chain(
        SHEETS
            .iter()
            .map(|sheet| (sheet.id.to_owned(), format!("{} · {}", sheet.id, sheet.label))),
    );
    let projects: Vec<FormOption> = records(app, road, Level::Organisation)
        .await?
        .iter()
        .map(|item| {
            let id = item.record().id.to_string();
            let chosen = form.fields.all("projets").any(|one| one == id);
            FormOption::new(id, item.content().title(), chosen)
        })
        .collect();
    let mut fields = vec![
        form.line("libelle", "Mesure").required(),
        form.select("objectif", "Objectif", goals),
        form.select("fiche_action", "Action locale", sheets),
        form.lines("detail", "En détail"),
        form.line("responsable", "Responsable")
            .hint("Un service plutôt qu’une personne."),
        form.line("debut", "Première année"),
        form.line("fin", "Dernière année"),
        form.line("budget", "Budget, en euros hors taxes"),
        form.line("temps", "Temps, en équivalents temps plein"),
        form.select(
            "etat",
            "État",
            choices(&Progress::ALL, Progress::code, Progress::label),
        ),
        form.line("avancement", "Avancement, en %"),
        form.lines("motif", "Motif d’abandon")
            .hint("Demandé pour une mesure abandonnée."),
        form.lines("effet", "Effet attendu"),
    ];
    if !projects.is_empty() {
        fields.push(
            FormField::new("projets", "Fiches concernées", "", Control::Checks(projects))
                .hint("La page de chaque fiche le dit.")
                .error(error_of(problems, "projets")),
        );
    }
    let purchases: Vec<FormOption> = linked(app, road.organisation.id)
        .await?
        .into_iter()
        .map(|purchase| {
            let chosen = form.fields.all("achats").any(|one| one == purchase.id);
            let words = format!("{} ({})", purchase.title, purchase.stage.to_lowercase());
            FormOption::new(purchase.id, words, chosen)
        })
        .collect();
    if !purchases.is_empty() {
        fields.push(
            FormField::new("achats", "Achats qui la portent", "", Control::Checks(purchases))
                .hint("Le dossier de chaque achat le dit. Ils ne sont montrés qu’à votre organisation."),
        );
    }
    let title = if id.is_empty() {
        "Nouvelle mesure"
    } else {
        "Modifier une mesure"
    };
    let mut block = block(road, "mesure", csrf, title, "", fields);
    block.hidden = vec![after(road, typed), ("id".to_owned(), id.to_owned())];
    if !id.is_empty() {
        block.others = vec![("retirer".to_owned(), "Retirer cette mesure".to_owned())];
    }
    if id.is_empty() && !road.strategy.measures.is_empty() {
        block.links = road
            .strategy
            .measures
            .iter()
            .map(|measure| {
                crate::view::library::Link::new(
                    format!("Modifier «\u{a0}{}\u{a0}»", measure.label),
                    format!("{}/mesure?id={}", road.path(), measure.id),
                )
            })
            .collect();
    }
    let page = road.page(app, title, &road.organisation.name, "mesure");
    show_forms(page, vec![block], problems, status)
}

/// Keeps a measure.
pub async fn post_measure(app: &App, road: &Roadmap, form: &SignedForm) -> Result<Response, WebError> {
    let fields = &form.fields;
    let id = fields.get("id");
    let mut changed = road.strategy.clone();
    if !id.is_empty() && !changed.measures.iter().any(|measure| measure.id == id) {
        return Err(WebError::NotFound);
    }
    let csrf = form.reader.csrf();
    let wrong = StatusCode::UNPROCESSABLE_ENTITY;
    if fields.get("action") == "retirer" {
        changed.measures.retain(|measure| measure.id != id);
    } else {
        let mut read = match read_measure(&changed, |name| fields.get(name)) {
            Ok(read) => read,
            Err(problems) => return measure(app, road, csrf, fields, Some(fields), &problems, wrong).await,
        };
        // Only records and purchases of this organisation may be named.
        let own = records(app, road, Level::Organisation).await?;
        read.projects = fields
            .all("projets")
            .filter(|id| own.iter().any(|item| item.record().id.to_string() == *id))
            .map(str::to_owned)
            .collect();
        let bought = linked(app, road.organisation.id).await?;
        read.purchases = fields
            .all("achats")
            .filter(|id| bought.iter().any(|purchase| purchase.id == *id))
            .map(str::to_owned)
            .collect();
        if id.is_empty() {
            if changed.measures.len() >= MOST {
                let problem = [Problem::new("", format!("{MOST} mesures au plus."))];
                return measure(app, road, csrf, fields, Some(fields), &problem, wrong).await;
            }
            read.id = format!("m{}", changed.next_number());
            changed.measures.push(read);
        } else if let Some(known) = changed.measures.iter_mut().find(|measure| measure.id == id) {
            read.id = id.to_owned();
            *known = read;
        }
    }
    if let Some((now, typed, told)) = overtaken(app, road, &changed, form).await? {
        return measure(
            app,
            &now,
            csrf,
            &typed,
            Some(&typed),
            &[told],
            StatusCode::CONFLICT,
        )
        .await;
    }
    Ok(see_other(&road.path()))
}
