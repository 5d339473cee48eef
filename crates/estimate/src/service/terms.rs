//! Words of an evaluation: each is an enumeration with the name that documents use and the label that pages show.

use serde::{Serialize, Serializer};

macro_rules! terms {
    ($($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $id:literal, $label:literal;)+ })+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item])* $variant,)+
        }

        impl $name {
            /// Every value, in the order of pages.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Name in documents.
            #[doc = concat!("\n```\nuse sobria_estimate::service::", stringify!($name), ";\n\n", "assert!(", stringify!($name), "::ALL.iter().all(|value| !value.id().contains(' ')));", "\n```")]
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)+
                }
            }

            /// Label for pages, in French.
            #[doc = concat!("\n```\nuse sobria_estimate::service::", stringify!($name), ";\n\n", "assert!(", stringify!($name), "::ALL.iter().all(|value| !value.label().is_empty()));", "\n```")]
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)+
                }
            }

            /// The value that a document names.
            #[doc = concat!("\n```\nuse sobria_estimate::service::", stringify!($name), ";\n\n", "let first = ", stringify!($name), "::ALL[0];\nassert_eq!(", stringify!($name), "::named(first.id()), Some(first));\nassert_eq!(", stringify!($name), "::named(\"\"), None);", "\n```")]
            #[must_use]
            pub fn named(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.id() == id)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.id())
            }
        }
    )+ };
}

terms! {
    /// What an evaluation is for.
    Goal {
        /// To choose.
        Decide = "decide", "Décider";
        /// To set options side by side.
        Compare = "compare", "Comparer";
        /// To tell the public.
        Publish = "publish", "Publier";
    }

    /// A side of the quality of data.
    Quality {
        /// How they were obtained.
        Reliability = "reliability", "Fiabilité";
        /// Whether all of them are there.
        Completeness = "completeness", "Complétude";
        /// How recent they are.
        Date = "date", "Date";
        /// Whether they are of the place.
        Place = "place", "Lieu";
        /// Whether they are of the technology.
        Technology = "technology", "Technologie";
    }

    /// A phase of the life of a service.
    Phase {
        /// Collection and preparation of data.
        Data = "data", "Collecte et préparation des données";
        /// Training, every attempt included.
        Training = "training", "Conception et entraînement";
        /// Tests.
        Validation = "validation", "Tests et validation";
        /// Integration and opening.
        Deployment = "deployment", "Intégration et mise en service";
        /// Use.
        Operation = "operation", "Exploitation";
        /// Supervision and training again.
        Retraining = "retraining", "Surveillance et réentraînement";
        /// Stop, archives, erasure.
        EndOfLife = "end_of_life", "Arrêt, archivage, effacement";
        /// First training of a model shared with others.
        BaseModelTraining = "base_model_training", "Entraînement initial du modèle mutualisé";
    }

    /// Where the machines stand.
    Tier {
        /// Terminals and sensors.
        Terminal = "terminal", "Terminaux et capteurs";
        /// Networks.
        Network = "network", "Réseaux";
        /// Data centre.
        Datacenter = "datacenter", "Centre de données";
    }

    /// What is counted.
    Indicator {
        /// Electricity, in kWh.
        Energy = "energy", "Énergie finale";
        /// Greenhouse gases, in kg CO₂e.
        Gwp = "gwp", "Changement climatique";
        /// Abiotic depletion of elements, in kg Sb eq.
        Adpe = "adpe", "Épuisement des métaux et minéraux";
        /// Primary energy, in MJ.
        Pe = "pe", "Énergie primaire";
        /// Water, in L.
        Water = "water", "Eau";
    }

    /// How a cell of the grid is known. From the surest to the least sure, then what has no number.
    Coverage {
        /// Read on an instrument.
        Measured = "measured", "Mesuré";
        /// Worked out from known quantities.
        Calculated = "calculated", "Calculé";
        /// Stated by the supplier.
        Supplier = "supplier", "Déclaré par le fournisseur";
        /// Given by a generic model.
        Estimated = "estimated", "Estimé";
        /// Too small to count, with a written reason.
        Negligible = "negligible", "Négligeable";
        /// Without object in this service.
        NotApplicable = "not_applicable", "Sans objet";
        /// Unknown.
        NotCovered = "not_covered", "Non couvert";
    }

    /// Where a project stands, with the codes of the catalogue.
    Maturity {
        /// Being thought of.
        Reflexion = "reflexion", "En réflexion";
        /// Being built.
        Construction = "construction", "En construction";
        /// Being tried.
        Experimentation = "experimentation", "En expérimentation";
        /// In use.
        Deploiement = "deploiement", "En déploiement";
        /// Finished.
        Termine = "termine", "Terminé";
        /// Given up.
        Abandonne = "abandonne", "Abandonné";
    }

    /// What the service gives, once.
    UnitKind {
        /// One request.
        PerRequest = "per_request", "Une sollicitation";
        /// One user for a year.
        PerUserYear = "per_user_year", "Un utilisateur pendant un an";
        /// One thing treated.
        PerObject = "per_object", "Un objet traité";
        /// The service for a year.
        ServiceYear = "service_year", "Le service pendant un an";
    }

    /// When the expense of a line is made.
    Frequency {
        /// Once; spread over the life of the service.
        Once = "once", "Une fois, réparti sur la durée de vie";
        /// Each year.
        PerYear = "per_year", "Chaque année";
    }

    /// What of the life of the machines a number counts.
    Stages {
        /// Their use alone.
        Use = "use", "Usage";
        /// Their use and their manufacture.
        UseAndManufacture = "use_and_manufacture", "Usage et fabrication";
    }
}

impl Indicator {
    /// Unit of the numbers.
    ///
    /// ```
    /// use sobria_estimate::service::Indicator;
    ///
    /// assert_eq!(Indicator::Energy.unit(), "kWh");
    /// ```
    #[must_use]
    pub const fn unit(self) -> &'static str {
        self.criterion().unit()
    }

    /// The criterion of equivalents that counts the same thing.
    ///
    /// ```
    /// use sobria_estimate::{reference::Criterion, service::Indicator};
    ///
    /// assert_eq!(Indicator::Gwp.criterion(), Criterion::Climate);
    /// ```
    #[must_use]
    pub const fn criterion(self) -> crate::reference::Criterion {
        use crate::reference::Criterion;
        match self {
            Self::Energy => Criterion::Energy,
            Self::Gwp => Criterion::Climate,
            Self::Adpe => Criterion::Metals,
            Self::Pe => Criterion::PrimaryEnergy,
            Self::Water => Criterion::Water,
        }
    }
}

impl Coverage {
    /// Whether a cell known in this way holds a number.
    ///
    /// ```
    /// use sobria_estimate::service::Coverage;
    ///
    /// assert!(Coverage::Estimated.has_number());
    /// assert!(!Coverage::Negligible.has_number());
    /// ```
    #[must_use]
    pub const fn has_number(self) -> bool {
        matches!(
            self,
            Self::Measured | Self::Calculated | Self::Supplier | Self::Estimated
        )
    }
}
