//! What an address of the page asks: one job, a training with what follows it, or a use that comes again.

use std::borrow::Cow;

use sobria_estimate::compute::{Ai, Input, Job};

use super::super::form::Form;

/// Before the name of each field that describes the use of a trained model.
const USE: &str = "u_";
/// Fields of that use, after their prefix.
const USE_FIELDS: [&str; 10] = [
    "heures",
    "coeurs",
    "processeur",
    "cartes",
    "carte",
    "memoire",
    "executions",
    "usage_coeurs",
    "usage_cartes",
    "lieu",
];
/// Fields that only a training has.
const TRAINING_FIELDS: [&str; 3] = ["recherche", "reentrainements", "reentrainement_part"];
/// Fields that only a use that comes again has.
const PERIOD_FIELDS: [&str; 5] = ["rythme", "tous_les", "bilan", "bilan_unite", "calendrier"];

/// Fields that everyone fills.
pub const MAIN: [&str; 8] = [
    "heures",
    "coeurs",
    "processeur",
    "cartes",
    "carte",
    "memoire",
    "lieu",
    "executions",
];

/// Whether a field is in the part for models that are trained, then used.
pub fn is_of_model(field: &str) -> bool {
    field.starts_with(USE) || TRAINING_FIELDS.contains(&field) || PERIOD_FIELDS.contains(&field)
}

/// Before the name of a value of the training, and of one of the use.
pub const OF_TRAINING: &str = "Entraînement\u{a0}: ";
/// The same for the use.
pub const OF_USE: &str = "Utilisation\u{a0}: ";

/// What the first fields of the form describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    Job,
    Training,
    Use,
}

/// The computation that an address of this page describes.
pub fn read(form: &mut Form) -> Input<'static> {
    let job = job(form);
    let nature = nature(form);
    if nature == Nature::Job {
        return Input::Job(Box::new(job));
    }
    let used = use_of(form, &job);
    let own = |text: Option<&str>| text.map(|text| Cow::Owned(text.to_owned()));
    let rhythm = own(form.text("rythme"));
    let comes_again = rhythm.is_some() && (nature == Nature::Use || used.is_some());
    if rhythm.is_some() && !comes_again {
        form.refuse(
            "u_heures",
            "Décrivez l’utilisation qui revient\u{a0}: sa durée, sa mémoire.",
        );
    }
    if rhythm.is_none() {
        for name in PERIOD_FIELDS {
            if form.text(name).is_some() {
                form.refuse("rythme", "Dites à quel rythme l’utilisation revient.");
            }
        }
    }
    let (training, inference) = match nature {
        Nature::Use => (None, Some(job)),
        _ => (Some(job), used),
    };
    let share = |percent: Option<f64>| percent.map(|percent| percent / 100.0);
    Input::Ai(Box::new(Ai {
        training,
        rd_factor: form.number("recherche"),
        n_retrainings: form.number("reentrainements"),
        retraining_factor: share(form.number("reentrainement_part")),
        inference,
        continuous: comes_again.then_some(true),
        input_period_unit: rhythm.filter(|_| comes_again),
        input_period_value: form.number("tous_les"),
        reporting_period_unit: own(form.text("bilan_unite")),
        reporting_period_value: form.number("bilan"),
        calendar: own(form.text("calendrier")),
    }))
}

/// What was chosen; what the further fields suppose when nothing was.
fn nature(form: &mut Form) -> Nature {
    let filled = |names: &[&str]| names.iter().any(|name| form.text(name).is_some());
    let training = filled(&TRAINING_FIELDS)
        || USE_FIELDS
            .iter()
            .any(|name| form.text(&format!("{USE}{name}")).is_some());
    let again = filled(&PERIOD_FIELDS);
    match form.text("nature") {
        Some("entrainement") => Nature::Training,
        Some("utilisation") => {
            if training {
                form.refuse(
                    "nature",
                    "Des essais ou une utilisation sont décrits plus bas\u{a0}: le calcul du haut est alors l’entraînement.",
                );
            }
            Nature::Use
        }
        Some(_) => {
            form.refuse("nature", "Choisissez dans la liste.");
            Nature::Job
        }
        None if training => Nature::Training,
        None if again => Nature::Use,
        None => Nature::Job,
    }
}

fn job(form: &mut Form) -> Job<'static> {
    let own = |text: Option<&str>| text.map(|text| Cow::Owned(text.to_owned()));
    let cpu_model = own(form.text("processeur_autre").or(form.text("processeur")));
    let gpu_model = own(form.text("carte"));
    let zone = own(form.text("lieu_autre").or(form.text("lieu")));
    let platform = own(form.text("machine"));
    let provider = own(form.text("fournisseur"));
    let region = own(form.text("region"));
    let n_gpus = form.number("cartes").or(gpu_model.as_ref().map(|_| 1.0));
    let share = |percent: Option<f64>| percent.map(|percent| percent / 100.0);
    Job {
        runtime_h: form.number("heures"),
        n_cpu_cores: form.number("coeurs"),
        cpu_model,
        cpu_tdp_per_core_w: form.number("watts_coeur"),
        cpu_usage: share(form.number("usage_coeurs")),
        n_gpus,
        gpu_model,
        gpu_tdp_w: form.number("watts_carte"),
        gpu_usage: share(form.number("usage_cartes")),
        memory_gb: form.number("memoire"),
        platform,
        provider,
        region,
        zone,
        pue: form.number("pue"),
        carbon_intensity_g_per_kwh: form.number("intensite"),
        psf: form.number("executions"),
    }
}

/// The use of the trained model, on the machines of its training where nothing else is said.
fn use_of(form: &mut Form, training: &Job<'static>) -> Option<Job<'static>> {
    let named = |name: &str| format!("{USE}{name}");
    if USE_FIELDS.iter().all(|name| form.text(&named(name)).is_none()) {
        return None;
    }
    let own = |form: &Form, name: &str| form.text(&named(name)).map(|text| Cow::Owned(text.to_owned()));
    let mut number = |name: &str| form.number(&named(name));
    let share = |percent: Option<f64>| percent.map(|percent| percent / 100.0);
    let (runtime_h, n_cpu_cores, n_gpus) = (number("heures"), number("coeurs"), number("cartes"));
    let (memory_gb, psf) = (number("memoire"), number("executions"));
    let (cpu_usage, gpu_usage) = (share(number("usage_coeurs")), share(number("usage_cartes")));
    let (cpu, gpu) = (own(form, "processeur"), own(form, "carte"));
    let (own_cpu, own_gpu) = (cpu.is_some(), gpu.is_some());
    let place = own(form, "lieu");
    let elsewhere = place.is_some();
    Some(Job {
        runtime_h,
        n_cpu_cores,
        cpu_model: cpu.or_else(|| training.cpu_model.clone()),
        cpu_tdp_per_core_w: training.cpu_tdp_per_core_w.filter(|_| !own_cpu),
        cpu_usage,
        n_gpus: n_gpus.or(own_gpu.then_some(1.0)),
        gpu_model: gpu.or_else(|| training.gpu_model.clone()),
        gpu_tdp_w: training.gpu_tdp_w.filter(|_| !own_gpu),
        gpu_usage,
        memory_gb,
        zone: place.or_else(|| training.zone.clone()),
        carbon_intensity_g_per_kwh: training.carbon_intensity_g_per_kwh.filter(|_| !elsewhere),
        psf,
        ..training.clone()
    })
}

/// Every job of a request, with the prefix of its fields in the answer.
pub fn jobs<'i, 'a>(input: &'i Input<'a>) -> Vec<(&'static str, &'i Job<'a>)> {
    match input {
        Input::Job(job) => vec![("", job)],
        Input::Ai(ai) => [("training.", &ai.training), ("inference.", &ai.inference)]
            .into_iter()
            .filter_map(|(prefix, job)| Some((prefix, job.as_ref()?)))
            .collect(),
    }
}

/// The same request with each of its jobs changed.
pub fn changed(input: &Input<'static>, mut change: impl FnMut(&mut Job<'static>)) -> Input<'static> {
    let mut input = input.clone();
    match &mut input {
        Input::Job(job) => change(job),
        Input::Ai(ai) => ai
            .training
            .iter_mut()
            .chain(ai.inference.iter_mut())
            .for_each(change),
    }
    input
}

/// The job that the first fields of the form describe.
pub fn first<'i>(input: &'i Input<'static>) -> Option<&'i Job<'static>> {
    jobs(input).first().map(|(_, job)| *job)
}

/// Whether the first fields describe a use, which then has no fields of its own.
pub fn is_use_alone(input: &Input<'static>) -> bool {
    matches!(input, Input::Ai(ai) if ai.training.is_none())
}

/// The field of the page that a code speaks of.
pub fn field_of_code(input: &Input<'static>, code: &str) -> Option<String> {
    let (kind, place) = match code.split_once(':') {
        Some((_, place)) => ("", place),
        None => code
            .rsplit_once('.')
            .map_or((code, ""), |(place, kind)| (kind, place)),
    };
    let alone = is_use_alone(input);
    let name = match kind {
        "" => field_of(place, alone),
        "unknown-processor" if place == "inference" && !alone => return Some("u_processeur".to_owned()),
        "unknown-processor" => "processeur_autre".into(),
        "unknown-provider" => "fournisseur".into(),
        "unknown-region" => "region".into(),
        "unknown-zone" if place == "inference" && !alone => return Some("u_lieu".to_owned()),
        "unknown-zone" => "lieu".into(),
        _ => Cow::Borrowed(""),
    };
    Some(name.into_owned()).filter(|name| !name.is_empty())
}

/// The field of the page that changes a value; blank when none does.
pub fn field_of(field: &str, use_alone: bool) -> Cow<'static, str> {
    if let Some(rest) = field.strip_prefix("inference.").filter(|_| !use_alone) {
        let name = own_field(rest);
        let of_use = match name {
            "lieu" | "intensite" => "lieu",
            "watts_coeur" => "processeur",
            "watts_carte" => "carte",
            other => other,
        };
        return if USE_FIELDS.contains(&of_use) {
            format!("{USE}{of_use}").into()
        } else {
            name.into()
        };
    }
    let own = field
        .strip_prefix("training.")
        .or_else(|| field.strip_prefix("inference."))
        .unwrap_or(field);
    own_field(own).into()
}

fn own_field(field: &str) -> &'static str {
    match field {
        "runtime_h" => "heures",
        "n_cpu_cores" => "coeurs",
        "cpu_model" => "processeur",
        "cpu_tdp_per_core_w" => "watts_coeur",
        "cpu_usage" => "usage_coeurs",
        "n_gpus" => "cartes",
        "gpu_model" => "carte",
        "gpu_tdp_w" => "watts_carte",
        "gpu_usage" => "usage_cartes",
        "memory_gb" => "memoire",
        "platform" => "machine",
        "provider" => "fournisseur",
        "region" => "region",
        "zone" => "lieu",
        "pue" => "pue",
        "carbon_intensity_g_per_kwh" => "intensite",
        "psf" => "executions",
        "rd_factor" => "recherche",
        "n_retrainings" => "reentrainements",
        "retraining_factor" => "reentrainement_part",
        "input_period_unit" => "rythme",
        "input_period_value" => "tous_les",
        "reporting_period_unit" => "bilan_unite",
        "reporting_period_value" => "bilan",
        "calendar" => "calendrier",
        _ => "",
    }
}

/// The name of a value, for pages; the field itself when it has none.
pub fn name_of(field: &str) -> String {
    if let Some(rest) = field.strip_prefix("training.") {
        return format!("{OF_TRAINING}{}", name_of(rest));
    }
    if let Some(rest) = field.strip_prefix("inference.") {
        return format!("{OF_USE}{}", name_of(rest));
    }
    match field {
        "runtime_h" => "Durée",
        "n_cpu_cores" => "Cœurs",
        "cpu_model" => "Processeur",
        "cpu_tdp_per_core_w" => "Puissance d’un cœur",
        "cpu_usage" => "Usage des cœurs",
        "n_gpus" => "Cartes graphiques",
        "gpu_model" => "Carte graphique",
        "gpu_tdp_w" => "Puissance d’une carte",
        "gpu_usage" => "Usage des cartes",
        "memory_gb" => "Mémoire réservée",
        "memory_w_per_gb" => "Puissance de la mémoire",
        "platform" => "Type de machine",
        "provider" => "Fournisseur",
        "region" => "Région",
        "zone" => "Lieu de l’électricité",
        "pue" => "Efficacité du centre de données (PUE)",
        "carbon_intensity_g_per_kwh" => "Gaz à effet de serre d’un kWh",
        "psf" => "Exécutions identiques",
        "rd_factor" => "Recherche et mise au point, en entraînements",
        "n_retrainings" => "Réentraînements",
        "retraining_factor" => "Taille d’un réentraînement",
        "input_period_unit" => "Unité de la période décrite",
        "input_period_value" => "Longueur de la période décrite",
        "reporting_period_unit" => "Unité du bilan",
        "reporting_period_value" => "Longueur du bilan",
        "calendar" => "Calendrier",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_address_describes_one_job() {
        let mut form = Form::read("heures=2&memoire=8&lieu=FRA&carte=A100");
        let input = read(&mut form);
        let Input::Job(job) = &input else {
            panic!("one job")
        };
        assert_eq!((job.runtime_h, job.n_gpus), (Some(2.0), Some(1.0)));
        assert!(!form.is_wrong());
    }

    #[test]
    fn a_use_takes_the_place_and_machines_of_its_training_where_nothing_else_is_said() {
        let mut form = Form::read(
            "heures=100&coeurs=4&processeur=Xeon%20E5-2683%20v4&memoire=32&lieu=FRA&pue=1,3&recherche=2&reentrainements=3&reentrainement_part=50&u_heures=8&u_coeurs=2&u_memoire=4&rythme=week&bilan=6&bilan_unite=month",
        );
        let Input::Ai(ai) = read(&mut form) else {
            panic!("training and use")
        };
        assert!(!form.is_wrong());
        let (training, inference) = (ai.training.unwrap(), ai.inference.unwrap());
        assert_eq!(training.runtime_h, Some(100.0));
        assert_eq!(inference.runtime_h, Some(8.0));
        assert_eq!(inference.cpu_model, training.cpu_model);
        assert_eq!(
            (inference.zone.as_deref(), inference.pue),
            (Some("FRA"), Some(1.3))
        );
        assert_eq!(inference.n_gpus, None);
        assert_eq!(
            (ai.rd_factor, ai.n_retrainings, ai.retraining_factor),
            (Some(2.0), Some(3.0), Some(0.5))
        );
        assert_eq!(
            (ai.continuous, ai.input_period_unit.as_deref()),
            (Some(true), Some("week"))
        );
        assert_eq!(ai.reporting_period_value, Some(6.0));
    }

    #[test]
    fn a_rhythm_alone_makes_the_job_a_use_and_contradictions_are_said() {
        let mut form = Form::read("heures=1&memoire=2&lieu=FRA&rythme=day");
        let Input::Ai(ai) = read(&mut form) else {
            panic!("a use")
        };
        assert!(ai.training.is_none() && ai.inference.is_some() && !form.is_wrong());
        for wrong in [
            "nature=utilisation&recherche=1",
            "nature=autre",
            "nature=entrainement&rythme=day",
            "nature=utilisation&bilan=2",
        ] {
            let mut form = Form::read(wrong);
            read(&mut form);
            assert!(form.is_wrong(), "{wrong}");
        }
    }

    #[test]
    fn codes_lead_to_the_field_that_they_speak_of() {
        let both = Input::Ai(Box::new(Ai {
            training: Some(Job::default()),
            inference: Some(Job::default()),
            ..Ai::default()
        }));
        let alone = Input::Ai(Box::new(Ai {
            inference: Some(Job::default()),
            ..Ai::default()
        }));
        for (input, code, field) in [
            (&both, "missing:training.runtime_h", "heures"),
            (&both, "missing:inference.memory_gb", "u_memoire"),
            (&alone, "missing:inference.memory_gb", "memoire"),
            (&both, "inference.unknown-processor", "u_processeur"),
            (&alone, "inference.unknown-zone", "lieu"),
            (&both, "out-of-range:inference.pue", "pue"),
            (&both, "missing:retraining_factor", "reentrainement_part"),
        ] {
            assert_eq!(field_of_code(input, code).as_deref(), Some(field), "{code}");
        }
        assert_eq!(field_of_code(&both, "result-too-large"), None);
    }
}
