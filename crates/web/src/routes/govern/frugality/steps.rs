//! The steps of the assessment: which questions each one asks, with what is proposed.

use sobria_catalogue::vocabulary::VocabularyId;
use sobria_estimate::service::{Coverage, Phase, Tier};
use sobria_govern::frugality::coverage::{Cell, Coverings, key};
use sobria_govern::frugality::form::{ALTERNATIVES, TEXT_MAX};
use sobria_govern::frugality::{Pillar, Practice, Proposal, Scope, Sort, level_name, table};

use super::UNSEEN;
use crate::posted::Fields;
use crate::view::{Control, FormField, FormOption};
use crate::words::in_use;

/// Begins the code of a phase that is answered indicator by indicator.
const DETAIL: &str = "detail-";

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The need.
    Need,
    /// The limits of use.
    Limits,
    /// What is known of the footprint.
    Coverage,
    /// The same for a phase, indicator by indicator; reached from the step before, never in its way.
    Detail(Phase),
    /// A group of practices.
    Practices(Pillar),
    /// The practices of an organisation.
    Organisation,
}

impl Step {
    /// The steps of a project.
    pub const PROJECT: [Self; 8] = [
        Self::Need,
        Self::Limits,
        Self::Coverage,
        Self::Practices(Pillar::Hardware),
        Self::Practices(Pillar::Software),
        Self::Practices(Pillar::Data),
        Self::Practices(Pillar::Evaluation),
        Self::Practices(Pillar::Governance),
    ];

    /// Code in forms.
    pub fn code(self) -> String {
        match self {
            Self::Need => "besoin".to_owned(),
            Self::Limits => "limites".to_owned(),
            Self::Coverage => "couverture".to_owned(),
            Self::Detail(phase) => format!("{DETAIL}{}", phase.id()),
            Self::Practices(pillar) => pillar.code().to_owned(),
            Self::Organisation => "organisation".to_owned(),
        }
    }

    /// The phase that a code asks to see indicator by indicator.
    pub fn detail(code: &str) -> Option<Self> {
        let id = code.strip_prefix(DETAIL)?;
        Phase::ALL
            .iter()
            .find(|phase| phase.id() == id)
            .map(|phase| Self::Detail(*phase))
    }

    /// Title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Need => "Avons-nous besoin d’IA\u{202f}?",
            Self::Limits => "L’usage reste-t-il soutenable\u{202f}?",
            Self::Coverage => "Que sait-on de l’empreinte\u{202f}?",
            Self::Detail(phase) => phase.label(),
            Self::Practices(pillar) => pillar.label(),
            Self::Organisation => "Pratiques de l’organisation",
        }
    }

    /// The practices that it asks.
    pub fn practices(self) -> Vec<&'static Practice> {
        table::PRACTICES
            .iter()
            .filter(|practice| match self {
                Self::Practices(pillar) => practice.pillar == pillar,
                Self::Organisation => practice.scope == Scope::Organisation,
                _ => false,
            })
            .collect()
    }
}

/// What a step is asked with.
pub struct Asked<'a> {
    /// What was sent or kept.
    pub fields: &'a Fields,
    /// What the record answers.
    pub proposals: &'a [Proposal],
    /// Coverage with what estimates give.
    pub coverings: &'a Coverings,
    /// Whether there is no record: what it would say is asked.
    pub alone: bool,
    /// What is wrong, by field.
    pub errors: &'a [(String, String)],
}

impl Asked<'_> {
    fn error(&self, name: &str) -> Option<String> {
        self.errors
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, message)| message.clone())
    }

    fn field(&self, name: &str, label: &str, control: Control, max: usize) -> FormField {
        FormField::new(name, label, self.fields.get(name), control)
            .max(max)
            .error(self.error(name))
    }

    fn line(&self, name: &str, label: &str) -> FormField {
        self.field(name, label, Control::Line("text"), 300)
    }

    fn lines(&self, name: &str, label: &str) -> FormField {
        self.field(name, label, Control::Lines(3), TEXT_MAX)
    }

    fn choice(&self, name: &str, label: &str, options: &[(&str, &str)]) -> FormField {
        let given = self.fields.get(name);
        let options = options
            .iter()
            .map(|(value, words)| FormOption::new(*value, *words, *value == given))
            .collect();
        self.field(name, label, Control::Radios(options), 0)
    }

    /// The fields of a step.
    pub fn fields(&self, step: Step) -> Vec<FormField> {
        match step {
            Step::Need => self.need(),
            Step::Limits => self.limits(),
            Step::Coverage => self.coverage(),
            Step::Detail(phase) => self.detail(phase),
            Step::Practices(_) | Step::Organisation => step
                .practices()
                .into_iter()
                .flat_map(|practice| self.practice(practice))
                .collect(),
        }
    }

    fn need(&self) -> Vec<FormField> {
        let mut fields = vec![
            self.line("besoin", "Le besoin, en une phrase")
                .hint("Sans parler d’IA\u{a0}: «\u{a0}répondre aux habitants en deux jours\u{a0}»."),
        ];
        for at in 1..=ALTERNATIVES {
            let sort = format!("alt{at}_sorte");
            let given = self.fields.get(&sort);
            let default = if at == 2 { Sort::DoNothing } else { Sort::WithoutAi };
            let options = Sort::ALL
                .into_iter()
                .map(|one| {
                    let chosen = one.code() == given || (given.is_empty() && one == default);
                    FormOption::new(one.code(), one.label(), chosen)
                })
                .collect();
            fields.push(self.field(
                &sort,
                &format!("Solution écartée {at}"),
                Control::Select(options),
                0,
            ));
            fields.push(self.line(
                &format!("alt{at}_quoi"),
                &format!("Ce qu’aurait été la solution {at}"),
            ));
            fields.push(self.line(
                &format!("alt{at}_raison"),
                &format!("Pourquoi la solution {at} est écartée"),
            ));
        }
        fields.push(
            self.line("decideur", "Qui décide")
                .hint("Une fonction, pas un nom."),
        );
        fields.push(self.choice(
            "decision",
            "La décision",
            &[
                ("ia", "L’IA est nécessaire"),
                ("sans_ia", "Le besoin est traité sans IA"),
            ],
        ));
        fields.push(
            self.lines("retenue", "Ce qui répond au besoin, si c’est sans IA")
                .hint("La solution retenue et pourquoi elle suffit\u{a0}: ce renoncement argumenté peut être publié."),
        );
        fields.push(
            self.line("seuil", "La performance qui suffit")
                .hint("Avec un chiffre\u{a0}: «\u{a0}80\u{a0}% de réponses utiles\u{a0}»."),
        );
        fields.push(self.line("constat", "La performance constatée"));
        fields.push(self.choice(
            "producteur",
            "Le producteur du modèle ou du logiciel est-il connu\u{202f}?",
            &[("oui", "Oui"), ("non", "Non")],
        ));
        fields
    }

    fn limits(&self) -> Vec<FormField> {
        vec![
            self.line("plafond", "Volume maximal par an")
                .hint("Requêtes ou objets traités, par exemple 220 000."),
            self.line("usage", "Volume de l’année passée"),
            self.line("arret", "À quelle condition le service s’arrête"),
            self.line("rebond", "Indicateur qui surveille l’effet rebond")
                .hint("Le service devenant plus rapide, on s’en sert davantage\u{a0}: «\u{a0}requêtes par agent et par mois\u{a0}»."),
            self.lines("evites", "Effets indirects positifs")
                .hint("Ils sont déclarés à part, jamais soustraits de l’empreinte."),
            self.lines("causes", "Effets indirects négatifs"),
        ]
    }

    fn coverage(&self) -> Vec<FormField> {
        let mut fields = Vec::new();
        if self.alone {
            let given = self.fields.get("maturite");
            let options = in_use()
                .get(VocabularyId::Maturity)
                .terms()
                .iter()
                .map(|term| {
                    let chosen = term.code == given || (given.is_empty() && term.code == "experimentation");
                    FormOption::new(term.code, term.label, chosen)
                })
                .collect();
            fields.push(
                self.field("maturite", "Où en est le projet", Control::Select(options), 0)
                    .hint("Les cases demandées en dépendent\u{a0}: revenez sur cette étape après l’avoir changé."),
            );
        }
        let mut pairs: Vec<(Phase, Tier)> = Vec::new();
        for cell in &self.coverings.asked {
            if !pairs.contains(&(cell.phase, cell.tier)) {
                pairs.push((cell.phase, cell.tier));
            }
        }
        for (phase, tier) in pairs {
            let place = format!("{}.{}", phase.id(), tier.id());
            let name = format!("c_{place}");
            let label = format!("{}, {}", phase.label(), tier.label().to_lowercase());
            let field = self.field(
                &name,
                &label,
                Control::Select(self.coverages(&name, "Pas de réponse")),
                0,
            );
            let mut hints = self.known(phase, tier, self.fields.get(&name).is_empty());
            let reason = self.fields.get(&format!("cr_{place}"));
            if !reason.is_empty() {
                hints.push(format!("Raison\u{a0}: {reason}"));
            }
            fields.push(field.hint(hints.join(" ")));
        }
        fields.push(
            self.lines(
                "couverture_raison",
                "Pourquoi ce qui est négligeable ou sans objet l’est",
            )
            .hint("Sans raison écrite, la case compte comme non couverte."),
        );
        fields.push(self.lines("exclusions", "Ce qui est laissé de côté, et pourquoi"));
        fields.push(self.line("revue", "Qui, au dehors, a relu l’évaluation"));
        fields
    }

    /// What the indicators of a place say by themselves: told one by one, or by the estimates of the record.
    fn known(&self, phase: Phase, tier: Tier, silent: bool) -> Vec<String> {
        let cells = || {
            self.coverings
                .asked
                .iter()
                .filter(move |cell| cell.phase == phase && cell.tier == tier)
        };
        let told = |cell: &&Cell| {
            let name = format!("c_{}", key(cell.phase, cell.tier, cell.indicator));
            !self.fields.get(&name).is_empty()
        };
        let names = |cells: Vec<&Cell>| -> String {
            cells
                .iter()
                .map(|cell| {
                    format!(
                        "{} {}",
                        cell.indicator.label().to_lowercase(),
                        cell.coverage.label().to_lowercase()
                    )
                })
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut hints = Vec::new();
        let precise: Vec<&Cell> = cells().filter(told).collect();
        if !precise.is_empty() {
            hints.push(format!("Précisé par indicateur\u{a0}: {}.", names(precise)));
        }
        let estimated: Vec<&Cell> = cells()
            .filter(|cell| silent && cell.is_covered() && !told(cell))
            .collect();
        if !estimated.is_empty() {
            hints.push(format!(
                "Déjà couvert par les estimations de la fiche\u{a0}: {}.",
                names(estimated)
            ));
        }
        hints
    }

    fn coverages(&self, name: &str, blank: &str) -> Vec<FormOption> {
        let given = self.fields.get(name);
        let mut options = vec![FormOption::new("", blank, given.is_empty())];
        options.extend(
            Coverage::ALL
                .iter()
                .map(|one| FormOption::new(one.id(), one.label(), one.id() == given)),
        );
        options
    }

    fn detail(&self, phase: Phase) -> Vec<FormField> {
        let mut fields = Vec::new();
        for tier in Tier::ALL {
            let asked: Vec<&Cell> = self
                .coverings
                .asked
                .iter()
                .filter(|cell| cell.phase == phase && cell.tier == *tier)
                .collect();
            for cell in &asked {
                let name = format!("c_{}", key(phase, *tier, cell.indicator));
                fields.push(self.field(
                    &name,
                    &format!("{}, {}", tier.label(), cell.indicator.label().to_lowercase()),
                    Control::Select(self.coverages(&name, "Comme pour le lieu entier")),
                    0,
                ));
            }
            if !asked.is_empty() {
                fields.push(self.line(
                    &format!("cr_{}.{}", phase.id(), tier.id()),
                    &format!(
                        "Raison de ce qui est négligeable ou sans objet, {}",
                        tier.label().to_lowercase()
                    ),
                ));
            }
        }
        fields
    }

    fn practice(&self, practice: &Practice) -> Vec<FormField> {
        let code = practice.id.code();
        let given = self.fields.get(&code);
        let mut options = vec![FormOption::new("", "Pas encore de réponse", given.is_empty())];
        for level in 0..=4_u8 {
            let words = format!(
                "{level}, {}\u{a0}: {}",
                level_name(level).to_lowercase(),
                practice.level(level).unwrap_or("")
            );
            options.push(FormOption::new(
                level.to_string(),
                words,
                given == level.to_string(),
            ));
        }
        if practice.not_applicable.is_some() {
            options.push(FormOption::new("so", "Sans objet", given == "so"));
        }
        let number = practice.id.number();
        let mut hint = practice.why.to_owned();
        if let Some(proposal) = self.proposals.iter().find(|one| one.practice == practice.id) {
            let origins: Vec<String> = proposal
                .origins
                .iter()
                .map(sobria_govern::frugality::Origin::words)
                .collect();
            let base = self.fields.get(&format!("{code}_base"));
            let changed = !base.is_empty() && base != proposal.basis();
            let word = if changed {
                "Le fait a changé depuis votre réponse\u{202f}; niveau proposé"
            } else {
                "Niveau proposé"
            };
            hint.push_str(&format!(
                " {word}\u{a0}: {}, d’après {}.",
                proposal.suggested,
                origins.join(", ")
            ));
        } else if !self.fields.get(&format!("{code}_base")).is_empty() {
            hint.push_str(" Le fait a changé depuis votre réponse\u{a0}: il n’est plus connu.");
        }
        let mut fields = vec![
            self.field(
                &code,
                &format!("{number}. {}", practice.title),
                Control::Radios(options),
                0,
            )
            .hint(hint),
        ];
        if let Some(condition) = practice.not_applicable {
            fields.push(
                self.lines(&format!("{code}_raison"), &format!("Pratique {number} sans objet\u{a0}: pourquoi"))
                    .hint(format!("{condition} 80 caractères au moins\u{202f}; compte seulement si une autre personne est d’accord.")),
            );
        }
        fields.push(
            self.line(
                &format!("{code}_preuve"),
                &format!("Preuve de la pratique {number}"),
            )
            .hint(format!("Adresse ou référence. {}.", practice.evidence.join(", "))),
        );
        fields.push(self.field(
            &format!("{code}_date"),
            &format!("Date de la preuve {number}"),
            Control::Line("date"),
            0,
        ));
        let check = |name: String, label: String| {
            let ticked = self.fields.get(&name) == "oui";
            FormField::new(name, label, "", Control::Check(ticked))
        };
        fields.push(check(
            format!("{code}_mesure"),
            format!(
                "La preuve {number} est une mesure ou une évaluation (valable deux ans au lieu de trois)"
            ),
        ));
        if self.alone {
            fields.push(check(
                format!("{code}_relu"),
                format!("La preuve {number} a été relue par une autre personne"),
            ));
        }
        fields
    }
}

/// The phases that a project asks for.
pub fn phases(coverings: &Coverings) -> Vec<Phase> {
    let mut phases: Vec<Phase> = coverings.asked.iter().map(|cell| cell.phase).collect();
    phases.dedup();
    phases
}

/// Names of the fields of a step, those that are asked and those that it settles by itself.
pub fn names(step: Step, fields: &[FormField]) -> Vec<String> {
    let mut names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    names.extend(step.practices().iter().flat_map(|practice| {
        let code = practice.id.code();
        [format!("{code}_base"), format!("{code}{UNSEEN}")]
    }));
    names
}
