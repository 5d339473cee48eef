//! Options of `sobria estimate compute`, and the request that they make.

use std::borrow::Cow;

use clap::Args;
use sobria_estimate::compute::{Ai, Input, Job};

use super::Common;

/// Options of `estimate compute`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exemples :\n  sobria estimate compute --hours 12 --cores 12 --cpu-model \"Xeon E5-2683 v4\" --memory-gb 64 --zone FRA\n  sobria estimate compute --hours 4 --gpu-model \"NVIDIA Tesla V100\" --memory-gb 32 --zone FRA --pue 1.3 --json\n  sobria estimate compute --hours 200 --gpus 2 --gpu-model \"NVIDIA Tesla V100\" --memory-gb 64 --zone FRA --rd-factor 3 --inference-hours 2 --inference-gpus 1 --inference-gpu-model \"NVIDIA Tesla V100\" --inference-memory-gb 16 --inference-zone FRA --continuous --input-period-unit day"
)]
pub struct Compute {
    /// Durée du calcul, en heures
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    hours: Option<f64>,
    /// Cœurs employés
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    cores: Option<f64>,
    /// Processeur, nom exact de la table
    #[arg(long, value_name = "NOM")]
    cpu_model: Option<String>,
    /// Watts par cœur
    #[arg(long, value_name = "W", allow_negative_numbers = true)]
    cpu_watts: Option<f64>,
    /// Usage moyen des cœurs, de 0 à 1
    #[arg(long, value_name = "PART", allow_negative_numbers = true)]
    cpu_usage: Option<f64>,
    /// Cartes graphiques employées ; 1 quand --gpu-model est donné seul
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    gpus: Option<f64>,
    /// Carte graphique, nom exact de la table
    #[arg(long, value_name = "NOM")]
    gpu_model: Option<String>,
    /// Watts par carte
    #[arg(long, value_name = "W", allow_negative_numbers = true)]
    gpu_watts: Option<f64>,
    /// Usage moyen des cartes, de 0 à 1
    #[arg(long, value_name = "PART", allow_negative_numbers = true)]
    gpu_usage: Option<f64>,
    /// Mémoire réservée, en Go
    #[arg(long, value_name = "GO", allow_negative_numbers = true)]
    memory_gb: Option<f64>,
    /// Machine : personal-computer, local-server ou cloud
    #[arg(long, value_name = "TYPE")]
    platform: Option<String>,
    /// Fournisseur de serveurs, avec --platform cloud
    #[arg(long, value_name = "NOM")]
    provider: Option<String>,
    /// Région du fournisseur
    #[arg(long, value_name = "NOM")]
    region: Option<String>,
    /// Lieu de l’électricité : FRA, FR-COR, RE…
    #[arg(long, value_name = "CODE")]
    zone: Option<String>,
    /// Efficacité énergétique du centre de données
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pue: Option<f64>,
    /// Grammes de CO₂e par kWh, à la place de ceux du lieu
    #[arg(long, value_name = "G", allow_negative_numbers = true)]
    carbon_intensity: Option<f64>,
    /// Exécutions identiques
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    runs: Option<f64>,
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    inference: Inference,
    #[command(flatten)]
    pub(super) common: Common,
}

/// What surrounds a training, and how often its use comes again.
#[derive(Debug, Args)]
#[command(next_help_heading = "Entraînement puis utilisation (le calcul décrit est alors l’entraînement)")]
struct Training {
    /// Recherche et mise au point, en multiple de l’entraînement
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    rd_factor: Option<f64>,
    /// Nombre de réentraînements
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    retrainings: Option<f64>,
    /// Taille d’un réentraînement, en multiple de l’entraînement
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    retraining_factor: Option<f64>,
    /// L’utilisation revient : elle décrit une période, comptée autant de fois que le bilan en contient
    #[arg(long)]
    continuous: bool,
    /// Période décrite : day, week, month ou year
    #[arg(long, value_name = "UNITE")]
    input_period_unit: Option<String>,
    /// Longueur de la période décrite
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    input_period_value: Option<f64>,
    /// Bilan : month ou year
    #[arg(long, value_name = "UNITE")]
    reporting_period_unit: Option<String>,
    /// Longueur du bilan
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    reporting_period_value: Option<f64>,
    /// Calendrier : civil (365,25 jours) ou green-algorithms (360 jours)
    #[arg(long, value_name = "NOM")]
    calendar: Option<String>,
}

/// The use of a model, with the options of a job.
#[derive(Debug, Args)]
#[command(next_help_heading = "Utilisation du modèle")]
struct Inference {
    /// Utilisation : durée du calcul, en heures
    #[arg(long = "inference-hours", value_name = "H", allow_negative_numbers = true)]
    inference_hours: Option<f64>,
    /// Utilisation : cœurs employés
    #[arg(long = "inference-cores", value_name = "N", allow_negative_numbers = true)]
    inference_cores: Option<f64>,
    /// Utilisation : processeur, nom exact de la table
    #[arg(long = "inference-cpu-model", value_name = "NOM")]
    inference_cpu_model: Option<String>,
    /// Utilisation : watts par cœur
    #[arg(long = "inference-cpu-watts", value_name = "W", allow_negative_numbers = true)]
    inference_cpu_watts: Option<f64>,
    /// Utilisation : usage moyen des cœurs, de 0 à 1
    #[arg(
        long = "inference-cpu-usage",
        value_name = "PART",
        allow_negative_numbers = true
    )]
    inference_cpu_usage: Option<f64>,
    /// Utilisation : cartes graphiques employées ; 1 quand --inference-gpu-model est donné seul
    #[arg(long = "inference-gpus", value_name = "N", allow_negative_numbers = true)]
    inference_gpus: Option<f64>,
    /// Utilisation : carte graphique, nom exact de la table
    #[arg(long = "inference-gpu-model", value_name = "NOM")]
    inference_gpu_model: Option<String>,
    /// Utilisation : watts par carte
    #[arg(long = "inference-gpu-watts", value_name = "W", allow_negative_numbers = true)]
    inference_gpu_watts: Option<f64>,
    /// Utilisation : usage moyen des cartes, de 0 à 1
    #[arg(
        long = "inference-gpu-usage",
        value_name = "PART",
        allow_negative_numbers = true
    )]
    inference_gpu_usage: Option<f64>,
    /// Utilisation : mémoire réservée, en Go
    #[arg(
        long = "inference-memory-gb",
        value_name = "GO",
        allow_negative_numbers = true
    )]
    inference_memory_gb: Option<f64>,
    /// Utilisation : machine : personal-computer, local-server ou cloud
    #[arg(long = "inference-platform", value_name = "TYPE")]
    inference_platform: Option<String>,
    /// Utilisation : fournisseur de serveurs, avec --inference-platform cloud
    #[arg(long = "inference-provider", value_name = "NOM")]
    inference_provider: Option<String>,
    /// Utilisation : région du fournisseur
    #[arg(long = "inference-region", value_name = "NOM")]
    inference_region: Option<String>,
    /// Utilisation : lieu de l’électricité : FRA, FR-COR, RE…
    #[arg(long = "inference-zone", value_name = "CODE")]
    inference_zone: Option<String>,
    /// Utilisation : efficacité énergétique du centre de données
    #[arg(long = "inference-pue", value_name = "N", allow_negative_numbers = true)]
    inference_pue: Option<f64>,
    /// Utilisation : grammes de CO₂e par kWh, à la place de ceux du lieu
    #[arg(
        long = "inference-carbon-intensity",
        value_name = "G",
        allow_negative_numbers = true
    )]
    inference_carbon_intensity: Option<f64>,
    /// Utilisation : exécutions identiques
    #[arg(long = "inference-runs", value_name = "N", allow_negative_numbers = true)]
    inference_runs: Option<f64>,
}

fn text(value: &Option<String>) -> Option<Cow<'static, str>> {
    value.clone().map(Cow::Owned)
}

impl Compute {
    /// The request that these options describe: one job, or a training and its use when an option of theirs is given.
    pub fn input(&self) -> Input<'static> {
        let (job, used) = (self.job(), self.inference.job());
        let given = |job: &Job<'_>| *job != Job::default();
        if !self.training.is_given() && !given(&used) {
            return Input::Job(Box::new(job));
        }
        let around = &self.training;
        Input::Ai(Box::new(Ai {
            training: Some(job).filter(given),
            rd_factor: around.rd_factor,
            n_retrainings: around.retrainings,
            retraining_factor: around.retraining_factor,
            inference: Some(used).filter(given),
            continuous: around.continuous.then_some(true),
            input_period_unit: text(&around.input_period_unit),
            input_period_value: around.input_period_value,
            reporting_period_unit: text(&around.reporting_period_unit),
            reporting_period_value: around.reporting_period_value,
            calendar: text(&around.calendar),
        }))
    }

    fn job(&self) -> Job<'static> {
        Job {
            runtime_h: self.hours,
            n_cpu_cores: self.cores,
            cpu_model: text(&self.cpu_model),
            cpu_tdp_per_core_w: self.cpu_watts,
            cpu_usage: self.cpu_usage,
            n_gpus: self.gpus.or(self.gpu_model.as_ref().map(|_| 1.0)),
            gpu_model: text(&self.gpu_model),
            gpu_tdp_w: self.gpu_watts,
            gpu_usage: self.gpu_usage,
            memory_gb: self.memory_gb,
            platform: text(&self.platform),
            provider: text(&self.provider),
            region: text(&self.region),
            zone: text(&self.zone),
            pue: self.pue,
            carbon_intensity_g_per_kwh: self.carbon_intensity,
            psf: self.runs,
        }
    }
}

impl Training {
    fn is_given(&self) -> bool {
        let numbers = [
            self.rd_factor,
            self.retrainings,
            self.retraining_factor,
            self.input_period_value,
            self.reporting_period_value,
        ];
        let texts = [
            &self.input_period_unit,
            &self.reporting_period_unit,
            &self.calendar,
        ];
        self.continuous || numbers.iter().any(Option::is_some) || texts.iter().any(|text| text.is_some())
    }
}

impl Inference {
    fn job(&self) -> Job<'static> {
        Job {
            runtime_h: self.inference_hours,
            n_cpu_cores: self.inference_cores,
            cpu_model: text(&self.inference_cpu_model),
            cpu_tdp_per_core_w: self.inference_cpu_watts,
            cpu_usage: self.inference_cpu_usage,
            n_gpus: self
                .inference_gpus
                .or(self.inference_gpu_model.as_ref().map(|_| 1.0)),
            gpu_model: text(&self.inference_gpu_model),
            gpu_tdp_w: self.inference_gpu_watts,
            gpu_usage: self.inference_gpu_usage,
            memory_gb: self.inference_memory_gb,
            platform: text(&self.inference_platform),
            provider: text(&self.inference_provider),
            region: text(&self.inference_region),
            zone: text(&self.inference_zone),
            pue: self.inference_pue,
            carbon_intensity_g_per_kwh: self.inference_carbon_intensity,
            psf: self.inference_runs,
        }
    }
}
