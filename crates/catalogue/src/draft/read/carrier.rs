//! The carrier: one of the library, which the form may complete but not contradict, or a proposed one.

use sobria_territory::Directory;
use sobria_territory::siren::{Number, SiretError, parse_siret};

use super::{NAME_MAX, Reader};
use crate::draft::{Carrier, InputName, ORGANISATION, Part, Surroundings};
use crate::field::{Field, FieldKind};
use crate::organisation::Organisation;
use crate::text::excerpt;
use crate::vocabulary::VocabularyId;

impl Reader<'_> {
    /// The carrier: one of the library, which the form may complete but not contradict, or a proposed one.
    pub(super) fn organisation(&mut self, around: &Surroundings<'_>) -> (Organisation, Carrier) {
        let name = self
            .line(InputName::value(Field::OrganisationName), NAME_MAX)
            .unwrap_or_default();
        let chosen = !self.draft.first(ORGANISATION).trim().is_empty();
        let known = around
            .organisation
            .filter(|known| Some(known.id) == self.draft.organisation());
        let mut typed = Organisation::named(around.new_organisation, &name);
        self.number(&mut typed);
        typed.kind = self.code(
            InputName::value(Field::OrganisationKind),
            VocabularyId::OrganisationKind,
        );
        typed.latitude = self.degrees(Field::OrganisationLatitude);
        typed.longitude = self.degrees(Field::OrganisationLongitude);
        complete_from_directory(&mut typed);
        match known {
            Some(known) => {
                let mut completed = known.clone();
                complete(&mut completed, typed);
                let carrier = if completed == *known {
                    Carrier::Known
                } else {
                    Carrier::Completed
                };
                (completed, carrier)
            }
            None => {
                if chosen {
                    self.wrong(
                        InputName::part(Field::OrganisationName, Part::Chosen),
                        "unknown",
                        "L’organisation choisie n’est plus dans la liste. Choisissez-la de nouveau, ou écrivez son nom, \
                         par exemple « Ville de Brest »."
                            .to_owned(),
                    );
                }
                (typed, Carrier::New)
            }
        }
    }

    fn number(&mut self, organisation: &mut Organisation) {
        let name = InputName::value(Field::OrganisationSiret);
        let Some(text) = self.single(name) else { return };
        match parse_siret(text).map(|written| written.number) {
            Ok(Number::Siret(siret)) => {
                organisation.siret = Some(siret.as_str().to_owned());
                organisation.siren = Some(siret.siren().as_str().to_owned());
            }
            Ok(Number::SirenOnly(siren)) => {
                organisation.siren = Some(siren.as_str().to_owned());
                self.doubt(
                    name,
                    "siren_only",
                    "Ces neuf chiffres sont un SIREN. Le SIRET en compte quatorze, par exemple 217 500 016 00019."
                        .to_owned(),
                );
            }
            Err(error) => self.wrong(name, siret_code(error), siret_message(error)),
        }
    }

    fn degrees(&mut self, field: Field) -> Option<f64> {
        let name = InputName::value(field);
        let text = self.single(name)?;
        let FieldKind::Decimal { min, max } = field.spec().kind else {
            return None;
        };
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| match c {
                ',' => '.',
                '\u{2212}' => '-',
                other => other,
            })
            .collect();
        let digits = plain
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
        match plain
            .parse::<f64>()
            .ok()
            .filter(|value| digits && (min..=max).contains(value))
        {
            Some(value) => Some((value * 1e6).round() / 1e6),
            None => {
                let label = field.spec().label;
                self.wrong(
                    name,
                    "number",
                    format!(
                        "« {} » n’est pas un nombre de degrés pour « {label} », de {min} à {max}. Exemple : 48,390394.",
                        excerpt(text, 40)
                    ),
                );
                None
            }
        }
    }
}

/// What the form says of a carrier that the library knows less of.
fn complete(known: &mut Organisation, typed: Organisation) {
    if known.point().is_none() && typed.point().is_some() {
        known.latitude = typed.latitude;
        known.longitude = typed.longitude;
    }
    // A number of another organisation is not a complement: a person decides which one is right.
    if known.siren.is_none() || known.siren == typed.siren {
        known.siret = known.siret.take().or(typed.siret);
        known.siren = known.siren.take().or(typed.siren);
    }
    known.kind = known.kind.take().or(typed.kind);
}

/// What the directory says of an organisation recognised by its SIREN.
fn complete_from_directory(organisation: &mut Organisation) {
    let Some(authority) = organisation
        .siren
        .as_deref()
        .and_then(|siren| Directory::embedded().by_siren(siren))
    else {
        return;
    };
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    if organisation.kind.is_none() {
        organisation.kind = given(authority.kind);
    }
    if organisation.point().is_none() {
        organisation.latitude = Some(authority.latitude);
        organisation.longitude = Some(authority.longitude);
    }
    organisation.departement = given(authority.departement);
    organisation.region = given(authority.region);
    organisation.population = authority.population;
}

const fn siret_code(error: SiretError) -> &'static str {
    match error {
        SiretError::Rounded => "siret_rounded",
        SiretError::Checksum => "siret_checksum",
        SiretError::InvalidCharacters | SiretError::Length { .. } | SiretError::LeadingZeroLost { .. } => {
            "siret"
        }
    }
}

fn siret_message(error: SiretError) -> String {
    const EXAMPLE: &str = "Exemple\u{a0}: 217 500 016 00019.";
    match error {
        SiretError::InvalidCharacters => format!("Le SIRET ne contient que des chiffres. {EXAMPLE}"),
        SiretError::Length { digits } => format!("Le SIRET compte 14 chiffres, {digits} donnés. {EXAMPLE}"),
        SiretError::LeadingZeroLost { digits } => format!(
            "Le SIRET compte 14 chiffres, {digits} donnés : un tableur a peut-être retiré le premier zéro. {EXAMPLE}"
        ),
        SiretError::Rounded => {
            format!("Ce SIRET a été arrondi par un tableur. Recopiez les 14 chiffres. {EXAMPLE}")
        }
        SiretError::Checksum => {
            format!("Un chiffre de ce SIRET est faux : la clé de contrôle ne correspond pas. {EXAMPLE}")
        }
    }
}
