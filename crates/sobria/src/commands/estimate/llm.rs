//! Options of `sobria estimate llm`, and the request that they make.

use std::borrow::Cow;

use clap::Args;
use sobria_estimate::llm::{Bounds, ElectricityFactors, Input};

use super::Common;

/// Options of `estimate llm`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria estimate llm --provider openai --model gpt-4o --output-tokens 400 --zone FRA\n  sobria estimate llm --provider mistralai --model mistral-large-2512 --output-tokens 400 --requests 154000\n  sobria estimate llm --total-params-b 24 --pue 1.2 --wue 0.5 --zone FRA --output-tokens 400 --json"
)]
pub struct Llm {
    /// Fournisseur, comme dans la table des modèles : openai, mistralai…
    #[arg(long, value_name = "NOM")]
    provider: Option<String>,
    /// Modèle, comme dans la table des modèles
    #[arg(long, value_name = "NOM")]
    model: Option<String>,
    /// Jetons produits par la réponse, raisonnement compris
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    output_tokens: f64,
    /// Jetons envoyés ; conservés, sans effet sur le calcul
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    input_tokens: Option<f64>,
    /// Lieu de l’électricité, code à trois lettres ; celui du fournisseur par défaut
    #[arg(long, value_name = "CODE")]
    zone: Option<String>,
    /// Nombre de requêtes : donne aussi le total
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(super) requests: Option<f64>,
    /// Paramètres actifs en milliards : 7, ou 7..14 pour une fourchette
    #[arg(long, value_name = "N", value_parser = bounds, allow_negative_numbers = true)]
    active_params_b: Option<Bounds>,
    /// Paramètres en tout, en milliards : 24, ou 24..70
    #[arg(long, value_name = "N", value_parser = bounds, allow_negative_numbers = true)]
    total_params_b: Option<Bounds>,
    /// Efficacité énergétique du centre de données : 1.2, ou 1.1..1.3
    #[arg(long, value_name = "N", value_parser = bounds, allow_negative_numbers = true)]
    pue: Option<Bounds>,
    /// Eau consommée sur place, en litres par kWh : 0.5, ou 0.1..1
    #[arg(long, value_name = "N", value_parser = bounds, allow_negative_numbers = true)]
    wue: Option<Bounds>,
    /// Durée mesurée de la réponse, en secondes
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    latency_s: Option<f64>,
    /// Bits par paramètre
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    quantization_bits: Option<f64>,
    /// Requêtes traitées ensemble
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    batch_size: Option<f64>,
    /// Mémoire d’une carte graphique, en Go
    #[arg(long, value_name = "GO", allow_negative_numbers = true)]
    gpu_memory_gb: Option<f64>,
    /// Cartes graphiques par serveur
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    gpus_per_server: Option<f64>,
    /// Puissance du serveur sans ses cartes, en kW
    #[arg(long, value_name = "KW", allow_negative_numbers = true)]
    server_power_kw: Option<f64>,
    /// Durée de vie du serveur, en secondes
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    server_lifetime_s: Option<f64>,
    /// Jetons par seconde
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    tps: Option<f64>,
    /// Délai avant le premier jeton, en secondes
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    ttft_s: Option<f64>,
    /// Facteurs d’un kWh à la place de ceux du lieu : kg CO₂e, kg Sb eq, MJ, litres
    #[arg(long, value_name = "CLIMAT,METAUX,PRIMAIRE,EAU", value_parser = mix)]
    mix: Option<ElectricityFactors>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// `7` or `7..14`, with a point or a comma.
fn bounds(text: &str) -> Result<Bounds, String> {
    let number = |part: &str| {
        part.trim()
            .replace(',', ".")
            .parse::<f64>()
            .map_err(|_error| format!("« {text} » n’est pas un nombre, ni une fourchette comme 7..14"))
    };
    match text.split_once("..") {
        Some((min, max)) => Ok(Bounds {
            min: number(min)?,
            max: number(max)?,
        }),
        None => number(text).map(Bounds::point),
    }
}

/// Four factors with commas between them.
fn mix(text: &str) -> Result<ElectricityFactors, String> {
    let wrong =
        || format!("« {text} » n’est pas quatre nombres séparés par des virgules, comme 0.04,5e-8,9.3,3.7");
    let numbers = text
        .split(',')
        .map(|part| part.trim().parse::<f64>().map_err(|_error| wrong()))
        .collect::<Result<Vec<f64>, String>>()?;
    let [gwp, adpe, pe, water] = numbers.try_into().map_err(|_numbers| wrong())?;
    Ok(ElectricityFactors { gwp, adpe, pe, water })
}

impl Llm {
    /// The request that these options describe.
    pub fn input(&self) -> Input<'static> {
        let text = |value: &Option<String>| value.clone().map(Cow::<'_, str>::Owned);
        Input {
            provider: text(&self.provider),
            model: text(&self.model),
            output_tokens: Some(self.output_tokens),
            input_tokens: self.input_tokens,
            zone: text(&self.zone),
            active_params_b: self.active_params_b,
            total_params_b: self.total_params_b,
            pue: self.pue,
            wue_l_kwh: self.wue,
            request_latency_s: self.latency_s,
            quantization_bits: self.quantization_bits,
            batch_size: self.batch_size,
            gpu_memory_gb: self.gpu_memory_gb,
            gpus_per_server: self.gpus_per_server,
            server_power_kw: self.server_power_kw,
            server_lifetime_s: self.server_lifetime_s,
            tps: self.tps,
            ttft_s: self.ttft_s,
            mix: self.mix,
            ..Input::default()
        }
    }
}
