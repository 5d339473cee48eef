//! What an address of the page asks: one request to a model, and how many in a year.

use std::borrow::Cow;

use sobria_estimate::llm::{self, Scaling};

use super::super::form::Form;
use super::fields::{AGENTS, DAYS, TASK, TASKS, USES};

/// What an address asks: one request, and how many in a year.
pub struct Asked {
    /// One request.
    pub input: llm::Input<'static>,
    /// How many in a year.
    pub scaling: Scaling,
}

/// Reads the fields of this page, from its own address or from one pasted into another page.
pub fn read(form: &mut Form) -> Asked {
    let task = form.text("tache").unwrap_or(TASK).to_owned();
    let preset = TASKS.iter().find(|(code, ..)| *code == task);
    if preset.is_none() {
        form.refuse("tache", "Choisissez un usage de la liste.");
    }
    let given = form.number("jetons");
    let tokens = given.or_else(|| preset.map(|(.., tokens)| *tokens).filter(|tokens| *tokens > 0.0));
    let model = form
        .text("modele_autre")
        .or(form.text("modele"))
        .map(str::to_owned);
    let own = model.as_deref() == Some("propre");
    let (provider, model) = match model.filter(|_| !own) {
        None => (None, None),
        Some(name) => match name.split_once('/') {
            Some((provider, model)) => (Some(provider.to_owned()), Some(model.to_owned())),
            None => {
                form.refuse(
                    "modele_autre",
                    "Écrivez le fournisseur, une barre, puis le modèle\u{a0}: par exemple openai/gpt-4o.",
                );
                (None, None)
            }
        },
    };
    let place = form.text("lieu_autre").or(form.text("lieu")).map(str::to_owned);
    let total_params_b = form.bounds("parametres");
    let active_params_b = form.bounds("parametres_actifs");
    if model.is_none() && !form.is_wrong() {
        if total_params_b.is_none() {
            if own {
                form.refuse(
                    "parametres",
                    "Donnez le nombre de paramètres de votre modèle, en milliards.",
                );
            } else {
                form.refuse("modele", "Choisissez un modèle.");
            }
        } else if place.is_none() {
            form.refuse("lieu", "Dites où votre modèle est hébergé.");
        }
    }
    let input = llm::Input {
        provider: provider.map(Cow::Owned),
        model: model.map(Cow::Owned),
        output_tokens: tokens,
        input_tokens: form.number("jetons_envoyes"),
        zone: place.map(Cow::Owned),
        request_latency_s: form.number("duree"),
        active_params_b,
        total_params_b,
        pue: form.bounds("pue"),
        wue_l_kwh: form.bounds("wue"),
        quantization_bits: form.number("bits"),
        batch_size: form.number("lot"),
        gpu_memory_gb: form.number("memoire_carte"),
        ..llm::Input::default()
    };
    let mut count = |name: &'static str, default: &str, most: f64, words: &str| {
        let number = if form.value(name).is_empty() {
            default.parse().ok()
        } else {
            form.number(name)
        };
        match number {
            Some(number) if (0.0..=most).contains(&number) => number,
            Some(_) => {
                form.refuse(name, words);
                0.0
            }
            None => 0.0,
        }
    };
    let scaling = Scaling {
        users: count(
            "agents",
            AGENTS,
            1e8,
            "Un nombre de personnes, de 0 à 100 millions.",
        ),
        uses_per_day: count(
            "usages",
            USES,
            1e6,
            "Un nombre d’usages par jour, de 0 à un million.",
        ),
        days_per_year: count("jours", DAYS, 366.0, "Un nombre de jours, de 0 à 366."),
    };
    Asked { input, scaling }
}

/// Fields that everyone fills.
pub const MAIN: [&str; 6] = ["tache", "modele", "lieu", "agents", "usages", "jours"];

/// The field of the page that a code speaks of.
pub fn field_of_code(code: &str) -> Option<&'static str> {
    let field = code.split_once(':').map_or(code, |(_, field)| field);
    Some(match field {
        "model-not-registered" | "model" | "provider" => "modele",
        "zone-not-registered" | "zone" => "lieu",
        other => {
            let name = field_of(other);
            if name.is_empty() {
                return None;
            }
            name
        }
    })
}

/// The field of the page that changes a value.
pub fn field_of(field: &str) -> &'static str {
    match field {
        "provider" | "model" => "modele",
        "zone" | "mix.gwp" | "mix.adpe" | "mix.pe" | "mix.water" => "lieu",
        "output_tokens" => "jetons",
        "input_tokens" => "jetons_envoyes",
        "request_latency_s" => "duree",
        "total_params_b" => "parametres",
        "active_params_b" => "parametres_actifs",
        "pue" => "pue",
        "wue_l_kwh" => "wue",
        "quantization_bits" => "bits",
        "batch_size" => "lot",
        "gpu_memory_gb" => "memoire_carte",
        _ => "",
    }
}

/// The name of a value, for pages; the field itself when it has none.
pub fn name_of(field: &str) -> String {
    match field {
        "provider" => "Fournisseur",
        "model" => "Modèle",
        "output_tokens" => "Longueur de la réponse",
        "total_params_b" => "Paramètres en tout",
        "active_params_b" => "Paramètres actifs",
        "tps" => "Débit",
        "ttft_s" => "Délai avant la réponse",
        "pue" => "Efficacité du centre de données (PUE)",
        "wue_l_kwh" => "Eau sur place (WUE)",
        "zone" => "Lieu de l’électricité",
        "mix.gwp" => "Gaz à effet de serre d’un kWh",
        "mix.adpe" => "Métaux d’un kWh",
        "mix.pe" => "Énergie primaire d’un kWh",
        "mix.water" => "Eau d’un kWh",
        "quantization_bits" => "Bits par paramètre",
        "batch_size" => "Requêtes traitées ensemble",
        "gpu_memory_gb" => "Mémoire d’une carte",
        "gpus_per_server" => "Cartes par serveur",
        "server_power_kw" => "Puissance du serveur, cartes à part",
        "server_lifetime_s" => "Durée de vie du serveur",
        "request_latency_s" => "Durée mesurée",
        "input_tokens" => "Jetons envoyés",
        other => other,
    }
    .to_owned()
}
