//! Codes of errors, warnings and notices, and the sentence that says each one to a person.

use std::borrow::Cow;

/// A stable code, such as `model-not-registered` or `out-of-range:output_tokens`.
pub type Code = Cow<'static, str>;

/// Longest part of an unknown name that a code repeats, in bytes.
const NAME_LIMIT: usize = 64;

/// The code of something found in a field.
pub(crate) fn of_field(kind: &'static str, prefix: &str, field: &str) -> Code {
    let end = field
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= NAME_LIMIT)
        .last()
        .unwrap_or(0);
    Cow::Owned(format!("{kind}:{prefix}{}", field.get(..end).unwrap_or_default()))
}

/// The sentence of a code, in French.
///
/// A code that nobody knows gives a sentence that names it.
///
/// ```
/// use sobria_estimate::sentence;
///
/// assert_eq!(
///     sentence("missing:runtime_h"),
///     "Il manque la durée du calcul, en heures (champ « runtime_h »).".replace("« ", "«\u{a0}").replace(" »", "\u{a0}»")
/// );
/// assert!(sentence("zone-not-registered").starts_with("Ce lieu n’est pas"));
/// ```
#[must_use]
pub fn sentence(code: &str) -> Cow<'static, str> {
    if let Some(words) = fixed(code) {
        return Cow::Borrowed(words);
    }
    if let Some((kind, field)) = code.split_once(':')
        && let Some(words) = of_kind(kind, field)
    {
        return Cow::Owned(words);
    }
    for (prefix, words) in [
        ("training.", "Entraînement\u{a0}: "),
        ("inference.", "Utilisation\u{a0}: "),
    ] {
        if let Some(rest) = code.strip_prefix(prefix) {
            return Cow::Owned(format!("{words}{}", lower_first(&sentence(rest))));
        }
    }
    if let Some((line, rest)) = of_line(code) {
        return Cow::Owned(format!("Ligne {line}\u{a0}: {}", lower_first(&sentence(rest))));
    }
    Cow::Owned(format!("Code inconnu\u{a0}: «\u{a0}{code}\u{a0}»."))
}

/// The number of a line counted from 1, and the code of what was found in it.
fn of_line(code: &str) -> Option<(usize, &str)> {
    let (at, rest) = code.strip_prefix("lines[")?.split_once("].")?;
    Some((at.parse::<usize>().ok()?.saturating_add(1), rest))
}

pub(crate) fn lower_first(words: &str) -> String {
    // An acronym keeps its capitals.
    if words.chars().nth(1).is_some_and(char::is_uppercase) {
        return words.to_owned();
    }
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}

fn of_kind(kind: &str, field: &str) -> Option<String> {
    let name = label(field);
    let named = match name {
        "" => format!("le champ «\u{a0}{field}\u{a0}»"),
        name => format!("{name} (champ «\u{a0}{field}\u{a0}»)"),
    };
    Some(match kind {
        "missing" => format!("Il manque {named}."),
        "out-of-range" => match accepted(field) {
            "" => format!("Valeur refusée pour {named}."),
            accepted => format!("Valeur refusée pour {named}\u{a0}: il faut {accepted}."),
        },
        "unknown-field" => {
            format!("Le champ «\u{a0}{field}\u{a0}» n’existe pas\u{a0}: vérifiez son nom ou retirez-le.")
        }
        "duplicate-field" => {
            format!("Le champ «\u{a0}{field}\u{a0}» est écrit deux fois\u{a0}: gardez-en un.")
        }
        "invalid-type" => format!("La valeur donnée pour {named} n’est pas de la bonne nature."),
        _ => return None,
    })
}

/// A field without what says where it stands.
fn leaf(field: &str) -> &str {
    let field = of_line(field).map_or(field, |(_, field)| field);
    field
        .trim_start_matches("source.")
        .trim_start_matches("training.")
        .trim_start_matches("inference.")
}

/// What a field of a request is, in French with its article; empty for a field that nobody knows.
///
/// ```
/// use sobria_estimate::code::label;
///
/// assert_eq!(label("inference.memory_gb"), "la mémoire réservée, en Go");
/// ```
#[must_use]
pub fn label(field: &str) -> &'static str {
    match leaf(field) {
        "provider" => "le fournisseur",
        "model" => "le modèle",
        "output_tokens" => "le nombre de jetons produits",
        "input_tokens" => "le nombre de jetons envoyés",
        "cached_tokens" => "le nombre de jetons relus en mémoire",
        "request_latency_s" => "la durée mesurée de la réponse, en secondes",
        "zone" => "le lieu de l’électricité",
        "active_params_b" => "le nombre de paramètres actifs, en milliards",
        "total_params_b" => "le nombre total de paramètres, en milliards",
        "pue" => "l’efficacité énergétique du centre de données (PUE)",
        "wue_l_kwh" => "l’eau consommée sur place (WUE), en litres par kWh",
        "mix" => "les facteurs de l’électricité",
        "mix.gwp" => "les gaz à effet de serre d’un kWh, en kg CO₂e",
        "mix.adpe" => "les métaux d’un kWh, en kg Sb eq",
        "mix.pe" => "l’énergie primaire d’un kWh, en MJ",
        "mix.water" => "l’eau d’un kWh, en litres",
        "tps" => "le débit, en jetons par seconde",
        "ttft_s" => "le délai avant le premier jeton, en secondes",
        "quantization_bits" => "le nombre de bits par paramètre",
        "batch_size" => "le nombre de requêtes traitées ensemble",
        "gpu_memory_gb" => "la mémoire d’une carte graphique, en Go",
        "gpus_per_server" => "le nombre de cartes graphiques par serveur",
        "server_lifetime_s" => "la durée de vie du serveur, en secondes",
        "server_power_kw" => "la puissance du serveur sans ses cartes, en kW",
        "runtime_h" => "la durée du calcul, en heures",
        "n_cpu_cores" => "le nombre de cœurs",
        "cpu_model" => "le processeur",
        "cpu_tdp_per_core_w" => "la puissance d’un cœur, en watts",
        "cpu_usage" => "le taux d’usage des cœurs",
        "n_gpus" => "le nombre de cartes graphiques",
        "gpu_model" => "la carte graphique",
        "gpu_tdp_w" => "la puissance d’une carte graphique, en watts",
        "gpu_usage" => "le taux d’usage des cartes graphiques",
        "memory_gb" => "la mémoire réservée, en Go",
        "platform" => "le type de machine",
        "region" => "la région du centre de données",
        "carbon_intensity_g_per_kwh" => "l’intensité carbone, en grammes par kWh",
        "psf" => "le nombre de répétitions du calcul",
        "training" => "la description de l’entraînement",
        "inference" => "la description de l’utilisation",
        "rd_factor" => "la part de recherche et de mise au point",
        "n_retrainings" => "le nombre de réentraînements",
        "retraining_factor" => "la taille d’un réentraînement",
        "continuous" => "l’indication d’utilisation continue",
        "input_period_unit" => "l’unité de la période décrite",
        "input_period_value" => "la longueur de la période décrite",
        "reporting_period_unit" => "l’unité de la période du bilan",
        "reporting_period_value" => "la longueur de la période du bilan",
        "calendar" => "le calendrier",
        "method" => "la méthode",
        "input" => "la description du calcul",
        "id" => "l’identifiant de la demande",
        "request" => "la demande",
        "requests" => "le nombre de requêtes",
        "title" => "le titre",
        "maturity" => "l’avancement du projet",
        "lifetime_years" => "la durée de vie du service, en années",
        "period" => "la période",
        "period.start" => "le début de la période",
        "period.end" => "la fin de la période",
        "functional_unit" => "l’unité fonctionnelle",
        "functional_unit.kind" => "la nature de l’unité fonctionnelle",
        "functional_unit.label" => "le libellé de l’unité fonctionnelle",
        "functional_unit.quantity_per_year" => "le nombre d’unités par an",
        "lines" => "la liste des lignes",
        "report" => "le compte rendu",
        "report.version" => "la version de l’évaluation",
        "report.author" => "l’auteur de l’évaluation",
        "report.date" => "la date de l’évaluation",
        "report.goal" => "le but de l’évaluation",
        "report.limits" => "les limites",
        "report.reviewer" => "le relecteur",
        "report.evidence" => "la liste des preuves",
        "report.data_quality" => "la qualité des données",
        "exclusions" => "la liste des exclusions",
        "phase" => "la phase",
        "tier" => "le lieu des machines",
        "frequency" => "la fréquence de la dépense",
        "label" => "le libellé de la ligne",
        "count" => "le nombre de fois",
        "source" => "l’origine des valeurs",
        "kind" => "la nature de l’origine",
        "who" => "l’auteur de la déclaration",
        "date" => "la date de la déclaration",
        "document" => "le document de la déclaration",
        "includes_manufacture" => "l’indication de la fabrication",
        "indicators" => "les indicateurs",
        "indicators.energy" => "l’énergie, en kWh",
        "indicators.gwp" => "les gaz à effet de serre, en kg CO₂e",
        "indicators.adpe" => "les métaux, en kg Sb eq",
        "indicators.pe" => "l’énergie primaire, en MJ",
        "indicators.water" => "l’eau, en litres",
        "energy_kwh" => "l’énergie mesurée, en kWh",
        "energy_range_kwh" => "la fourchette de l’énergie mesurée, en kWh",
        "carbon_kg" => "les gaz à effet de serre déclarés, en kg CO₂e",
        "year" => "l’année de la mesure",
        "tool" => "l’outil de mesure",
        "mark" => "la mention de couverture",
        "reason" => "la raison",
        "phases" => "les phases",
        "tiers" => "les lieux des machines",
        _ => "",
    }
}

fn accepted(field: &str) -> &'static str {
    match leaf(field) {
        "output_tokens" | "input_tokens" | "cached_tokens" => {
            "un nombre de 0 à 1\u{202f}000\u{202f}000\u{202f}000\u{202f}000\u{202f}000\u{202f}000"
        }
        "n_cpu_cores" | "n_gpus" | "n_retrainings" => "un nombre entier, 0 ou plus",
        "cpu_usage" | "gpu_usage" => "un nombre de 0 à 1",
        "pue" => "un nombre supérieur ou égal à 1",
        "psf" => "un nombre supérieur ou égal à 1",
        "platform" => "«\u{a0}personal-computer\u{a0}», «\u{a0}local-server\u{a0}» ou «\u{a0}cloud\u{a0}»",
        "input_period_unit" => {
            "«\u{a0}day\u{a0}», «\u{a0}week\u{a0}», «\u{a0}month\u{a0}» ou «\u{a0}year\u{a0}»"
        }
        "reporting_period_unit" => "«\u{a0}month\u{a0}» ou «\u{a0}year\u{a0}»",
        "calendar" => "«\u{a0}civil\u{a0}» ou «\u{a0}green-algorithms\u{a0}»",
        "active_params_b"
        | "total_params_b"
        | "tps"
        | "quantization_bits"
        | "batch_size"
        | "gpu_memory_gb"
        | "gpus_per_server"
        | "server_lifetime_s"
        | "input_period_value"
        | "lifetime_years"
        | "reporting_period_value" => "un nombre supérieur à 0",
        "functional_unit.quantity_per_year" => "un nombre supérieur à 0, et 1 pour le service pendant un an",
        "maturity" => {
            "«\u{a0}reflexion\u{a0}», «\u{a0}construction\u{a0}», «\u{a0}experimentation\u{a0}», «\u{a0}deploiement\u{a0}», «\u{a0}termine\u{a0}» ou «\u{a0}abandonne\u{a0}»"
        }
        "period" => "deux dates dans l’ordre, écrites AAAA-MM-JJ ou AAAA",
        "functional_unit.kind" => {
            "«\u{a0}per_request\u{a0}», «\u{a0}per_user_year\u{a0}», «\u{a0}per_object\u{a0}» ou «\u{a0}service_year\u{a0}»"
        }
        "lines" => "1\u{202f}000 lignes au plus",
        "phase" | "phases" => {
            "«\u{a0}data\u{a0}», «\u{a0}training\u{a0}», «\u{a0}validation\u{a0}», «\u{a0}deployment\u{a0}», «\u{a0}operation\u{a0}», «\u{a0}retraining\u{a0}», «\u{a0}end_of_life\u{a0}» ou «\u{a0}base_model_training\u{a0}»"
        }
        "tier" | "tiers" => "«\u{a0}terminal\u{a0}», «\u{a0}network\u{a0}» ou «\u{a0}datacenter\u{a0}»",
        "frequency" => "«\u{a0}once\u{a0}» ou «\u{a0}per_year\u{a0}»",
        "kind" => {
            "«\u{a0}estimate\u{a0}», «\u{a0}supplier\u{a0}», «\u{a0}measured\u{a0}» ou «\u{a0}coverage\u{a0}»"
        }
        "mark" => "«\u{a0}negligible\u{a0}», «\u{a0}not_covered\u{a0}» ou «\u{a0}not_applicable\u{a0}»",
        "report.goal" => "«\u{a0}decide\u{a0}», «\u{a0}compare\u{a0}» ou «\u{a0}publish\u{a0}»",
        "indicators" => {
            "«\u{a0}energy\u{a0}», «\u{a0}gwp\u{a0}», «\u{a0}adpe\u{a0}», «\u{a0}pe\u{a0}» ou «\u{a0}water\u{a0}»"
        }
        "year" => "une année",
        "" => "",
        _ => "un nombre, 0 ou plus",
    }
}

fn fixed(code: &str) -> Option<&'static str> {
    of_service(code).or_else(|| of_method(code))
}

/// Codes of the evaluation of a whole service.
fn of_service(code: &str) -> Option<&'static str> {
    Some(match code {
        "carbon_energy_mismatch" => {
            "Les gaz à effet de serre et l’énergie déclarés supposent un facteur très éloigné de ceux connus pour ce lieu\u{a0}: quel facteur a été employé, pour quel lieu, et la fabrication des machines est-elle comptée\u{a0}?"
        }
        "carbon-without-energy" => {
            "Des gaz à effet de serre sont déclarés sans énergie qui les explique\u{a0}: quelle énergie a été comptée\u{a0}?"
        }
        "zone-not-stated" => {
            "Le fournisseur déclare énergie et gaz à effet de serre sans dire le lieu\u{a0}: le facteur employé ne peut pas être vérifié, demandez-le."
        }
        "negligible-without-reason" => {
            "Une part est dite négligeable sans raison écrite\u{a0}: elle compte comme non couverte."
        }
        "not-applicable-without-reason" => {
            "Une part est dite sans objet sans raison écrite\u{a0}: écrivez pourquoi."
        }
        "training-and-use-in-one-line" => {
            "Entraînement et utilisation sont décrits ensemble\u{a0}: faites-en deux lignes pour qu’ils se lisent dans leurs phases."
        }
        "no-line" => "L’évaluation n’a pas encore de ligne.",
        "period-missing" => {
            "La période n’est pas dite\u{a0}: sans elle, aucun rebond ne pourra être calculé."
        }
        "base-model-training-not-covered" => {
            "Le modèle est partagé et son entraînement initial n’est pas couvert\u{a0}: demandez sa part au fournisseur. Elle n’est pas nulle."
        }
        "mark-contradicts-value" => {
            "Une part est dite sans objet alors qu’une ligne lui donne une valeur\u{a0}: la valeur est gardée."
        }
        "manufacture-not-counted" => {
            "La fabrication des machines manque dans une partie des gaz à effet de serre\u{a0}: seul l’usage y est compté."
        }
        "mixed-stages" => {
            "Un total ajoute des lignes qui comptent la fabrication des machines et d’autres qui ne la comptent pas."
        }
        "totals-partial" => "Au moins un total est partiel\u{a0}: des cases demandées ne sont pas couvertes.",
        "different-functional-units" => {
            "Les deux évaluations n’ont pas la même unité fonctionnelle\u{a0}: elles ne se comparent pas."
        }
        "different-phases" => {
            "Les deux évaluations ne couvrent pas les mêmes phases\u{a0}: elles ne se comparent pas."
        }
        "different-tiers" => {
            "Les deux évaluations ne couvrent pas les mêmes lieux (terminaux, réseaux, centre de données)\u{a0}: elles ne se comparent pas."
        }
        "different-indicators" => {
            "Les deux évaluations ne couvrent pas les mêmes indicateurs\u{a0}: elles ne se comparent pas."
        }
        "different-cells" => {
            "Les deux évaluations ne couvrent pas les mêmes cases de la grille\u{a0}: elles ne se comparent pas."
        }
        "compared-totals-partial" => "Les totaux comparés sont partiels, de la même façon des deux côtés.",
        "compared-lifetimes-differ" => {
            "Les durées de vie supposées diffèrent\u{a0}: une part de l’écart vient de là."
        }
        "compared-coverage-differs" => {
            "Des cases ne sont pas connues de la même façon des deux côtés, par exemple mesurées d’un côté et estimées de l’autre."
        }
        "rebound-period-missing" => {
            "Un rebond se calcule entre deux périodes\u{a0}: il en manque au moins une."
        }
        "periods-not-in-order" => "La seconde période doit commencer après la fin de la première.",
        "use-not-covered" => {
            "L’exploitation n’a pas de valeur pour cet indicateur\u{a0}: aucun rebond ne peut être calculé."
        }
        "no-expected-saving" => {
            "Une unité ne consomme pas moins qu’avant\u{a0}: sans économie attendue, le rebond n’est pas calculable."
        }
        _ => return None,
    })
}

/// Codes of the methods.
fn of_method(code: &str) -> Option<&'static str> {
    Some(match code {
        "invalid-json" => "La demande n’est pas du JSON valide.",
        "unknown-method" => {
            "Cette méthode n’existe pas\u{a0}: choisissez «\u{a0}llm_inference\u{a0}», «\u{a0}compute_job\u{a0}» ou «\u{a0}measurement\u{a0}»."
        }
        "method-not-available" => {
            "Cette méthode ne peut pas servir ici\u{a0}: elle ne donne pas de chiffre d’une année."
        }
        "unknown-kind" => {
            "Cette étape de mesure n’existe pas\u{a0}: les noms sont dans la page de la méthode."
        }
        "not-a-log" => {
            "Ces colonnes ne sont pas celles d’un journal de mesure\u{a0}: il faut au moins «\u{a0}timestamp\u{a0}», «\u{a0}duration\u{a0}», «\u{a0}emissions\u{a0}» et «\u{a0}energy_consumed\u{a0}»."
        }
        "zone-replaced-by-world" => {
            "CodeCarbon n’a pas de valeur pour ce pays dans cette version\u{a0}: la valeur mondiale a été prise."
        }
        "processor-not-known" => "Ce processeur n’est dans aucune table\u{a0}: donnez sa puissance.",
        "result-too-large" => {
            "Le résultat dépasse les plus grands nombres représentables\u{a0}: vérifiez les valeurs saisies."
        }
        "model-not-registered" => {
            "Ce modèle n’est pas dans la table pour ce fournisseur\u{a0}: choisissez un modèle de taille proche, ou saisissez son nombre de paramètres."
        }
        "provider-not-registered" => {
            "Ce fournisseur n’est pas dans la table\u{a0}: saisissez le PUE, le WUE et le lieu."
        }
        "zone-not-registered" => {
            "Ce lieu n’est pas dans la table\u{a0}: utilisez un code à trois lettres majuscules, comme FRA."
        }
        "unknown-processor" => {
            "Ce processeur ou cette carte n’est pas dans la table\u{a0}: vérifiez le nom exact, ou saisissez la puissance en watts."
        }
        "unknown-provider" => "Ce fournisseur de serveurs n’est pas dans la table.",
        "unknown-region" => "Cette région n’est pas dans la table pour ce fournisseur.",
        "unknown-zone" => {
            "L’intensité carbone de ce lieu n’est pas connue\u{a0}: choisissez un autre lieu, ou saisissez l’intensité."
        }
        "model-arch-not-released" => {
            "L’architecture du modèle n’est pas publiée\u{a0}: son nombre de paramètres est une supposition."
        }
        "model-arch-multimodal" => {
            "Le modèle traite aussi des images ou du son\u{a0}: seule la production de texte est comptée."
        }
        "electricity-mix-adpe-world" => {
            "Ce lieu n’a pas de facteur propre pour les métaux\u{a0}: celui du monde est employé."
        }
        "electricity-mix-pe-world" => {
            "Ce lieu n’a pas de facteur propre pour l’énergie primaire\u{a0}: celui du monde est employé."
        }
        "electricity-mix-wue-world" => {
            "Ce lieu n’a pas de facteur propre pour l’eau\u{a0}: celui du monde est employé."
        }
        "default-processor:cpu" => "Processeur non précisé\u{a0}: 12\u{a0}W par cœur sont supposés.",
        "default-processor:gpu" => "Carte graphique non précisée\u{a0}: 200\u{a0}W par carte sont supposés.",
        "usage-assumed-full:cpu" => "Taux d’usage des cœurs non précisé\u{a0}: 100\u{a0}% sont supposés.",
        "usage-assumed-full:gpu" => {
            "Taux d’usage des cartes graphiques non précisé\u{a0}: 100\u{a0}% sont supposés."
        }
        "default-pue" => "PUE non précisé\u{a0}: la moyenne mondiale de 1,56 est employée.",
        "provider-pue" => "PUE propre à la région inconnu\u{a0}: la moyenne du fournisseur est employée.",
        "world-intensity" => {
            "L’intensité carbone est celle du monde\u{a0}: précisez le lieu pour un résultat plus juste."
        }
        "memory-cliff" => {
            "La taille du modèle est à moins de 5\u{a0}% d’un seuil où le nombre de cartes graphiques double\u{a0}: le résultat peut varier du simple au double."
        }
        "extrapolated" => {
            "Le modèle dépasse 200 milliards de paramètres\u{a0}: la formule est employée au-delà des mesures qui l’ont établie."
        }
        "world-default-factors" => {
            "Une partie des facteurs de l’électricité est celle du monde, non celle du lieu."
        }
        "architecture-not-released" => "Le nombre de paramètres est une supposition.",
        "multimodal" => "Seule la production de texte est modélisée pour ce modèle multimodal.",
        "active-above-200b" => "Plus de 200 milliards de paramètres actifs\u{a0}: très au-delà des mesures.",
        "zone-assumed" => {
            "Le lieu du centre de données n’est pas connu\u{a0}: celui habituellement supposé pour ce fournisseur est employé."
        }
        "input-tokens-not-counted" => {
            "Les jetons envoyés et relus sont conservés, mais n’entrent pas encore dans le calcul."
        }
        "primary-energy-factor-suspect" => {
            "Le facteur d’énergie primaire est inférieur à 3,6\u{a0}MJ par kWh\u{a0}: une partie de l’énergie n’y est sans doute pas comptée."
        }
        "climate-factor-suspect" => {
            "Le facteur climat de ce lieu paraît être une valeur de remplissage\u{a0}: le résultat est à vérifier."
        }
        "gpu-power-above-rating" => {
            "Débit et énergie supposés ne s’accordent pas\u{a0}: ensemble, ils dépassent la puissance nominale d’une carte. Les parts du serveur et de la fabrication sont les moins sûres."
        }
        "undated-model-name" => {
            "Le nom du modèle désigne la «\u{a0}dernière\u{a0}» version\u{a0}: préférez un nom daté, la table peut être en retard."
        }
        "active-above-total" => {
            "Plus de paramètres actifs que de paramètres au total\u{a0}: vérifiez la saisie."
        }
        "single-request-floor" => {
            "Seule la production de la réponse est comptée, sans l’entraînement\u{a0}: c’est un minimum."
        }
        "different-perimeters" => {
            "Les deux résultats ne couvrent pas la même chose\u{a0}: ils ne se comparent pas."
        }
        "different-methods" => {
            "Les deux résultats viennent de méthodes différentes\u{a0}: ils ne se comparent pas."
        }
        "different-references" => {
            "Les deux résultats viennent de tables différentes\u{a0}: refaites le plus ancien avant de comparer."
        }
        "different-units" => {
            "Les deux résultats n’ont pas la même unité de compte\u{a0}: ils ne se comparent pas."
        }
        _ => return None,
    })
}
