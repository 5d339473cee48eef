//! Carriers: one organisation for all the rows that mean it.

use std::collections::HashSet;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use sobria_catalogue::id::OrganisationId;
use sobria_catalogue::import::{Existing, Issue, PlannedOrganisation, Severity};
use sobria_catalogue::organisation::{Organisation, OrganisationStatus};
use sobria_catalogue::text::{clean_line, fold_key};
use sobria_territory::map::departement_at;
use sobria_territory::siren::{Number, SiretError, parse_siret};
use sobria_territory::{Authority, Departement, Directory};

use super::{HashMap, PlanOptions, issue};
use crate::aliases::Target;
use crate::read::{Sheet, SheetRow};
use sobria_catalogue::field::Field;

/// What a row says of its carrier.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Carrier {
    /// Name as written.
    pub name: String,
    /// SIRET as written.
    pub siret: String,
    /// SIREN as written.
    pub siren: String,
    /// Kind, as a code.
    pub kind: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Inhabitants.
    pub population: Option<u32>,
}

impl Carrier {
    /// A hash of the words that lead to the carrier.
    fn key(&self) -> u64 {
        FixedState::default().hash_one((&self.name, &self.siret, &self.siren, &self.kind))
    }
}

/// The carriers of an import: those of the library, and new ones.
pub struct Carriers {
    list: Vec<PlannedOrganisation>,
    /// What became of each so far.
    states: Vec<State>,
    by_id: HashMap<OrganisationId, usize>,
    by_siren: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// The only valid SIRET of each folded name in the file.
    by_name_in_file: HashMap<String, Option<String>>,
    directory: &'static Directory,
    /// What each name means: rows repeat their carrier.
    resolved: HashMap<String, Option<&'static Authority>>,
    /// Known carriers that the file has spoken of.
    spoken_of: HashSet<usize>,
    /// Rows repeat their carrier: the same words lead to the same one, with the same remarks.
    last: HashMap<u64, (Carrier, OrganisationId, Vec<Issue>)>,
}

/// What became of a carrier so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    /// A row that was kept names it.
    is_used: bool,
    /// It changed after the first such row.
    is_late: bool,
}

/// The numbers of a row, and what the directory knows under them.
#[derive(Default)]
struct Identity {
    siret: Option<String>,
    siren: Option<String>,
    authority: Option<&'static Authority>,
}

/// Farthest that a written point may be from the authority that its name means, in degrees.
const NEAR: f64 = 0.8;

impl Carriers {
    /// Starts from what the library and the file hold.
    pub fn new(sheet: &Sheet, rows: &[SheetRow], existing: &Existing, directory: &'static Directory) -> Self {
        let mut carriers = Self {
            list: Vec::new(),
            states: Vec::new(),
            by_id: HashMap::default(),
            by_siren: HashMap::default(),
            by_name: HashMap::default(),
            by_name_in_file: HashMap::default(),
            directory,
            resolved: HashMap::default(),
            spoken_of: HashSet::new(),
            last: HashMap::default(),
        };
        for organisation in &existing.organisations {
            carriers.push(PlannedOrganisation {
                organisation: organisation.clone(),
                is_new: false,
                is_changed: false,
            });
        }
        let name = sheet.position(Target::Field(Field::OrganisationName));
        let siret = sheet.position(Target::Field(Field::OrganisationSiret));
        if let (Some(name), Some(siret)) = (name, siret) {
            for row in rows {
                let (Some(name), Some(cell)) = (row.cells.get(name), row.cells.get(siret)) else {
                    continue;
                };
                if let Ok(written) = parse_siret(cell)
                    && let Number::Siret(siret) = written.number
                {
                    carriers
                        .by_name_in_file
                        .entry(fold_key(name))
                        .and_modify(|known| {
                            if known
                                .as_deref()
                                .is_some_and(|other| other.get(..9) != siret.as_str().get(..9))
                            {
                                *known = None;
                            }
                        })
                        .or_insert_with(|| Some(siret.as_str().to_owned()));
                }
            }
        }
        carriers
    }

    fn push(&mut self, planned: PlannedOrganisation) -> usize {
        let at = self.list.len();
        let organisation = &planned.organisation;
        self.by_id.insert(organisation.id, at);
        if let Some(siren) = &organisation.siren {
            self.by_siren.entry(siren.clone()).or_insert(at);
        }
        for name in std::iter::once(&organisation.name).chain(&organisation.aliases) {
            self.by_name.entry(fold_key(name)).or_insert(at);
        }
        self.list.push(planned);
        self.states.push(State::default());
        at
    }

    /// The carrier with this identifier.
    pub fn get(&self, id: OrganisationId) -> &Organisation {
        static NOBODY: std::sync::LazyLock<Organisation> =
            std::sync::LazyLock::new(|| Organisation::named(OrganisationId::new(uuid::Uuid::nil()), ""));
        self.by_id
            .get(&id)
            .and_then(|at| self.list.get(*at))
            .map(|planned| &planned.organisation)
            .unwrap_or(&NOBODY)
    }

    /// Takes note that a row which is kept names this carrier. Answers with the carrier when it is a new one, and the
    /// row the first.
    pub fn used(&mut self, id: OrganisationId) -> Option<&Organisation> {
        let at = *self.by_id.get(&id)?;
        let is_first = !std::mem::replace(&mut self.states.get_mut(at)?.is_used, true);
        let planned = self.list.get(at)?;
        (is_first && planned.is_new).then_some(&planned.organisation)
    }

    /// The carriers that rows which are kept name.
    pub fn planned(self) -> Vec<PlannedOrganisation> {
        self.list
            .into_iter()
            .zip(self.states)
            .filter(|(_, state)| state.is_used)
            .map(|(planned, _)| planned)
            .collect()
    }

    /// How many there are, with those that changed: carriers of the library, and new ones after their first row.
    pub fn changed(self) -> (usize, Vec<PlannedOrganisation>) {
        let count = self.states.iter().filter(|state| state.is_used).count();
        let changed = self
            .list
            .into_iter()
            .zip(self.states)
            .filter(|(planned, state)| {
                state.is_used && (planned.is_changed || (planned.is_new && state.is_late))
            })
            .map(|(planned, _)| planned)
            .collect();
        (count, changed)
    }

    /// Finds or makes the carrier of a row. Nothing when the row names none.
    pub fn attach(
        &mut self,
        carrier: &Carrier,
        options: &mut PlanOptions<'_>,
        issues: &mut Vec<Issue>,
    ) -> Option<OrganisationId> {
        let key = carrier.key();
        if let Some((_, id, remarks)) = self.last.get(&key).filter(|(same, ..)| same == carrier) {
            issues.extend(remarks.iter().cloned());
            return Some(*id);
        }
        let from = issues.len();
        let found = self.attach_new(carrier, options, issues)?;
        let remarks = issues.get(from..).unwrap_or(&[]);
        // What is said once for all is not repeated.
        let is_once = |issue: &Issue| {
            matches!(
                issue.code,
                "org_conflict" | "organisation_changed" | "siren_from_directory"
            )
        };
        if !remarks.iter().any(is_once) {
            self.last.insert(key, (carrier.clone(), found, remarks.to_vec()));
        }
        Some(found)
    }

    fn attach_new(
        &mut self,
        carrier: &Carrier,
        options: &mut PlanOptions<'_>,
        issues: &mut Vec<Issue>,
    ) -> Option<OrganisationId> {
        let name = clean_line(&carrier.name);
        if name.is_empty() {
            return None;
        }
        let folded = fold_key(&name);
        let mut identity = self.identify(&name, &folded, carrier, options, issues);
        identity.authority = identity
            .siren
            .as_deref()
            .and_then(|siren| self.directory.by_siren(siren));
        if let Some(authority) = identity.authority {
            self.compare(&name, carrier, authority, issues);
        }
        let siren = &identity.siren;
        let position = siren
            .as_ref()
            .and_then(|siren| self.by_siren.get(siren))
            .or_else(|| {
                let by_name = self.by_name.get(&folded)?;
                let known = self
                    .list
                    .get(*by_name)
                    .and_then(|planned| planned.organisation.siren.as_ref());
                // Two different numbers under one name are two organisations.
                (siren.is_none() || known.is_none()).then_some(by_name)
            })
            .copied();
        let at = match position {
            Some(at) => at,
            None => {
                if siren.is_some() && self.by_name.contains_key(&folded) {
                    issues.push(Issue {
                        before: Some(name.clone()),
                        suggestion: Some(
                            "Ce nom porte déjà un autre SIREN\u{a0}: deux organisations sont gardées."
                                .to_owned(),
                        ),
                        ..issue(Some("organisation.name"), "org_conflict", Severity::Warn)
                    });
                }
                let id = OrganisationId::new((options.new_id)());
                self.push(PlannedOrganisation {
                    organisation: Organisation::named(id, &name),
                    is_new: true,
                    is_changed: false,
                })
            }
        };
        self.complete(
            at,
            (&name, &folded),
            carrier,
            identity,
            options.prefer_source,
            issues,
        );
        self.list.get(at).map(|planned| planned.organisation.id)
    }

    /// The number of a row; without a valid one, the number that its name leads to.
    fn identify(
        &mut self,
        name: &str,
        folded: &str,
        carrier: &Carrier,
        options: &PlanOptions<'_>,
        issues: &mut Vec<Issue>,
    ) -> Identity {
        let (siret, siren) = Self::number(carrier, issues);
        if siren.is_some() {
            return Identity {
                siret,
                siren,
                authority: None,
            };
        }
        let written = carrier.siret.trim();
        let is_written = !super::lists::is_nothing(written);
        // A wrong number never makes a second organisation of a known name.
        let in_file = self.by_name_in_file.get(folded).cloned().flatten();
        let known = self
            .by_name
            .get(folded)
            .and_then(|at| self.list.get(*at))
            .map(|planned| &planned.organisation);
        let right = in_file.or_else(|| known.and_then(|known| known.siret.clone()));
        if let Some(right) = right {
            if is_written {
                issues.push(Issue {
                    before: Some(written.to_owned()),
                    after: options.apply_suggestions.then(|| right.clone()),
                    suggestion: Some(right.clone()),
                    ..issue(Some("organisation.siret"), "siret_suggested", Severity::Info)
                });
            }
            return Identity {
                siren: right.get(..9).map(str::to_owned),
                siret: options.apply_suggestions.then_some(right),
                authority: None,
            };
        }
        if let Some(known) = known {
            return Identity {
                siren: known.siren.clone(),
                ..Identity::default()
            };
        }
        let Some(authority) = self.by_directory(name, carrier) else {
            return Identity::default();
        };
        issues.push(Issue {
            before: Some(name.to_owned()),
            after: Some(authority.siren.to_owned()),
            suggestion: Some(format!(
                "SIREN trouvé dans l’annuaire\u{a0}: {}.",
                authority.label()
            )),
            ..issue(Some("organisation.siret"), "siren_from_directory", Severity::Info)
        });
        Identity {
            siren: Some(authority.siren.to_owned()),
            ..Identity::default()
        }
    }

    /// The one authority that a name means, when neither the kind nor the point of the row speak against it.
    fn by_directory(&mut self, name: &str, carrier: &Carrier) -> Option<&'static Authority> {
        let found = self.resolve(name).filter(|found| !found.siren.is_empty())?;
        let is_same_kind = carrier
            .kind
            .as_deref()
            .is_none_or(|kind| same_kind(kind, found.kind));
        let is_near = carrier
            .latitude
            .zip(carrier.longitude)
            .is_none_or(|(latitude, longitude)| {
                (latitude - found.latitude).abs() < NEAR && (longitude - found.longitude).abs() < NEAR
            });
        (is_same_kind && is_near).then_some(found)
    }

    /// What the directory takes a name for, beyond doubt.
    fn resolve(&mut self, name: &str) -> Option<&'static Authority> {
        if let Some(known) = self.resolved.get(name) {
            return *known;
        }
        let found = self.directory.recognise(name);
        self.resolved.insert(name.to_owned(), found);
        found
    }

    /// The number of a row, checked: SIRET and SIREN.
    fn number(carrier: &Carrier, issues: &mut Vec<Issue>) -> (Option<String>, Option<String>) {
        let written = if carrier.siret.trim().is_empty() {
            &carrier.siren
        } else {
            &carrier.siret
        };
        if super::lists::is_nothing(written) {
            return (None, None);
        }
        let field = Some("organisation.siret");
        match parse_siret(written) {
            Ok(found) => {
                let (siret, siren) = match found.number {
                    Number::Siret(siret) => {
                        (Some(siret.as_str().to_owned()), siret.siren().as_str().to_owned())
                    }
                    Number::SirenOnly(siren) => {
                        issues.push(Issue {
                            before: Some(written.trim().to_owned()),
                            suggestion: Some(
                                "Le SIREN seul est accepté\u{202f}; complétez les 14 chiffres.".to_owned(),
                            ),
                            ..issue(field, "siren_only", Severity::Warn)
                        });
                        (None, siren.as_str().to_owned())
                    }
                };
                if found.had_separators {
                    issues.push(Issue {
                        before: Some(written.clone()),
                        after: Some(siret.clone().unwrap_or_else(|| siren.clone())),
                        ..issue(field, "siret_spaces", Severity::Info)
                    });
                }
                (siret, Some(siren))
            }
            Err(error) => {
                let code = match error {
                    SiretError::Rounded => "siret_rounded",
                    SiretError::Checksum => "siret_checksum",
                    SiretError::LeadingZeroLost { .. } => "siret_leading_zero",
                    SiretError::InvalidCharacters | SiretError::Length { .. } => "siret_invalid",
                };
                let suggestion = match error {
                    SiretError::LeadingZeroLost { .. } => {
                        "Il manque un chiffre\u{a0}: un zéro de tête a pu être perdu."
                    }
                    SiretError::Rounded => {
                        "Le numéro a été arrondi par un tableur\u{a0}: demandez les 14 chiffres."
                    }
                    SiretError::Checksum => {
                        "La clé de contrôle est fausse\u{a0}: un des chiffres n’est pas le bon."
                    }
                    _ => "Un SIRET compte 14 chiffres.",
                };
                issues.push(Issue {
                    before: Some(written.clone()),
                    suggestion: Some(suggestion.to_owned()),
                    ..issue(field, code, Severity::Warn)
                });
                (None, None)
            }
        }
    }

    /// Says when number, name and kind do not mean the same authority.
    fn compare(
        &mut self,
        name: &str,
        carrier: &Carrier,
        authority: &'static Authority,
        issues: &mut Vec<Issue>,
    ) {
        let by_name = self.resolve(name);
        if let Some(by_name) = by_name.filter(|by_name| by_name.siren != authority.siren) {
            issues.push(Issue {
                before: Some(name.to_owned()),
                suggestion: Some(format!(
                    "Le SIREN {} est celui de «\u{a0}{}\u{a0}»\u{202f}; le nom désigne «\u{a0}{}\u{a0}» ({}). Laquelle\u{202f}?",
                    authority.siren, authority.name, by_name.name, by_name.siren
                )),
                ..issue(Some("organisation.name"), "siren_name_conflict", Severity::Warn)
            });
        }
        if let Some(kind) = carrier.kind.as_deref()
            && !same_kind(kind, authority.kind)
        {
            issues.push(Issue {
                before: Some(kind.to_owned()),
                suggestion: Some(format!(
                    "L’annuaire connaît ce SIREN comme «\u{a0}{}\u{a0}».",
                    authority.kind
                )),
                ..issue(Some("organisation.kind"), "siret_kind_mismatch", Severity::Info)
            });
        }
    }

    fn complete(
        &mut self,
        at: usize,
        (name, folded): (&str, &str),
        carrier: &Carrier,
        identity: Identity,
        prefer_source: bool,
        issues: &mut Vec<Issue>,
    ) {
        let Identity {
            siret,
            siren,
            authority,
        } = identity;
        let is_first = self.spoken_of.insert(at);
        let Some(planned) = self.list.get_mut(at) else {
            return;
        };
        let organisation = &mut planned.organisation;
        let before = organisation.clone();
        if fold_key(&organisation.name) != folded
            && !organisation.aliases.iter().any(|alias| fold_key(alias) == folded)
        {
            organisation.aliases.push(name.to_owned());
        }
        differences(
            organisation,
            carrier,
            siret.as_deref(),
            prefer_source && is_first,
            issues,
        );
        let fill = |slot: &mut Option<String>, value: Option<String>| {
            if slot.is_none() {
                *slot = value;
            }
        };
        fill(&mut organisation.siren, siren);
        fill(&mut organisation.siret, siret);
        fill(
            &mut organisation.kind,
            carrier
                .kind
                .clone()
                .or_else(|| authority.map(|authority| authority.kind.to_owned())),
        );
        if organisation.latitude.is_none() || organisation.longitude.is_none() {
            let point = carrier.latitude.zip(carrier.longitude);
            let point =
                point.or_else(|| authority.map(|authority| (authority.latitude, authority.longitude)));
            organisation.latitude = point.map(|(latitude, _)| latitude);
            organisation.longitude = point.map(|(_, longitude)| longitude);
        }
        if organisation.departement.is_none() && organisation.region.is_none() {
            match authority {
                Some(authority) => {
                    organisation.departement =
                        Some(authority.departement.to_owned()).filter(|code| !code.is_empty());
                    organisation.region = Some(authority.region.to_owned()).filter(|code| !code.is_empty());
                }
                // A point that leads nowhere is not looked up again for each row.
                None if before.point().is_none() => {
                    let code = organisation
                        .point()
                        .and_then(|(latitude, longitude)| departement_at(latitude, longitude));
                    let is_region = organisation.kind.as_deref() == Some("region");
                    organisation.region = code
                        .and_then(Departement::by_code)
                        .map(|departement| departement.region.to_owned());
                    organisation.departement = code.filter(|_| !is_region).map(str::to_owned);
                }
                None => {}
            }
        }
        if organisation.population.is_none() {
            organisation.population = carrier
                .population
                .or_else(|| authority.and_then(|authority| authority.population));
        }
        if authority.is_some() {
            organisation.status = OrganisationStatus::Confirmed;
        }
        let differs = planned.organisation != before;
        planned.is_changed = planned.is_changed || (!planned.is_new && differs);
        if let Some(state) = self.states.get_mut(at) {
            state.is_late = state.is_late || (state.is_used && differs);
        }
        let siren = planned.organisation.siren.clone();
        if let Some(siren) = siren {
            self.by_siren.entry(siren).or_insert(at);
        }
        self.by_name.entry(folded.to_owned()).or_insert(at);
    }
}

/// Whether a written kind is the one of the directory, or the general word for it.
fn same_kind(written: &str, known: &str) -> bool {
    written == known || (written == "epci" && matches!(known, "cc" | "ca" | "cu" | "metropole" | "ept"))
}

/// Says what a row tells otherwise of a known carrier. The known value stays, unless the source is preferred.
fn differences(
    organisation: &mut Organisation,
    carrier: &Carrier,
    siret: Option<&str>,
    take: bool,
    issues: &mut Vec<Issue>,
) {
    let mut say = |id: &str, known: String, written: String| {
        let (before, after, suggestion) = if take {
            (
                known,
                Some(written),
                "Valeur du fichier prise pour l’organisation.".to_owned(),
            )
        } else {
            let known = format!("L’organisation a déjà une autre valeur, gardée\u{a0}: {known}.");
            (written, None, known)
        };
        issues.push(Issue {
            before: Some(before),
            after,
            suggestion: Some(suggestion),
            ..issue(
                Some(id),
                if take {
                    "organisation_changed"
                } else {
                    "organisation_kept"
                },
                Severity::Info,
            )
        });
    };
    if let (Some(known), Some(written)) = (&mut organisation.siret, siret)
        && known != written
    {
        say("organisation.siret", known.clone(), written.to_owned());
        if take {
            written.clone_into(known);
        }
    }
    if let (Some(known), Some(written)) = (&mut organisation.kind, &carrier.kind)
        && known != written
    {
        say("organisation.kind", known.clone(), written.clone());
        if take {
            known.clone_from(written);
        }
    }
    if let (Some(known), Some(written)) = (organisation.point(), carrier.latitude.zip(carrier.longitude))
        && ((known.0 - written.0).abs() > 1e-6 || (known.1 - written.1).abs() > 1e-6)
    {
        say(
            "organisation.latitude",
            format!("{}, {}", known.0, known.1),
            format!("{}, {}", written.0, written.1),
        );
        if take {
            (organisation.latitude, organisation.longitude) = (Some(written.0), Some(written.1));
        }
    }
}
