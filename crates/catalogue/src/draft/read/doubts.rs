//! What may be wrong without being so: it is said, and keeps nothing from being handed in.

use sobria_territory::map::{is_plausible, swapped};

use super::Reader;
use crate::content::{Content, Value};
use crate::draft::{InputName, Part};
use crate::field::Field;
use crate::organisation::Organisation;

impl Reader<'_> {
    /// What may be wrong without being so.
    pub(super) fn doubts(&mut self, content: &Content, organisation: &Organisation) {
        if let Some((latitude, longitude)) = organisation.point() {
            let name = InputName::value(Field::OrganisationLatitude);
            if swapped(latitude, longitude) {
                self.doubt(
                    name,
                    "coord_swapped",
                    "Latitude et longitude semblent inversées : en France hexagonale, la latitude va de 41 à 51,5."
                        .to_owned(),
                );
            } else if !is_plausible(latitude, longitude) {
                self.doubt(
                    name,
                    "coord_outside",
                    "Ce point n’est pas en France. Vérifiez la latitude et la longitude du siège.".to_owned(),
                );
            }
        }
        let maturity = content.code(Field::Maturity);
        if content.get(Field::AbandonmentReason).is_some() && maturity != Some("abandonne") {
            self.doubt(
                InputName::value(Field::AbandonmentReason),
                "not_abandoned",
                "Les raisons de l’abandon sont remplies, et le projet n’est pas déclaré abandonné."
                    .to_owned(),
            );
        }
        if matches!(maturity, Some("termine" | "abandonne")) && content.get(Field::EndDate).is_none() {
            self.doubt(
                InputName::value(Field::EndDate),
                "end_date_missing",
                "Le projet est terminé ou abandonné : donnez la date de fin, par exemple 2025.".to_owned(),
            );
        }
        if let Some(Value::Contact(contact)) = content.get(Field::Contact)
            && contact.email.as_deref().is_some_and(looks_like_a_person)
        {
            self.doubt(
                InputName::part(Field::Contact, Part::Email),
                "personal_address",
                "Cette adresse semble être celle d’une personne. Préférez une boîte de service, par exemple \
                 innovation@ville.fr."
                    .to_owned(),
            );
        }
    }
}

/// Whether the part before the `@` reads as a first and a family name.
fn looks_like_a_person(email: &str) -> bool {
    let local = email.split('@').next().unwrap_or("");
    let Some((first, last)) = local.split_once('.') else {
        return false;
    };
    let name = |part: &str| part.chars().count() >= 2 && part.chars().all(|c| c.is_alphabetic() || c == '-');
    const SERVICES: [&str; 12] = [
        "service",
        "direction",
        "mission",
        "contact",
        "pole",
        "dsi",
        "mairie",
        "accueil",
        "secretariat",
        "projet",
        "cellule",
        "equipe",
    ];
    name(first) && name(last) && !SERVICES.contains(&first) && !SERVICES.contains(&last)
}
