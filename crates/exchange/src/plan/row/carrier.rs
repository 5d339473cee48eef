//! The cells of a row that speak of its carrier.

use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Issue, Severity};
use sobria_catalogue::text::clean_line;
use sobria_catalogue::vocabulary::VocabularyId;
use sobria_territory::map::{is_plausible, swapped};

use super::Reader;
use super::remarks::{flag_hidden, flag_spaces, flag_synonym};
use crate::plan::organisations::Carrier;
use crate::plan::{issue, lists};

impl Reader<'_> {
    pub(super) fn carrier(&self, field: Field, cell: &str, carrier: &mut Carrier, issues: &mut Vec<Issue>) {
        let id = field.spec().id;
        match field {
            Field::OrganisationName => {
                // A marker of nothing is no name.
                if !self.sheet.native && lists::is_nothing(cell) {
                    return;
                }
                let clean = clean_line(cell);
                flag_hidden(id, cell, &clean, issues);
                flag_spaces(id, cell, &clean, issues);
                carrier.name = self.cut(field, clean, cell, issues);
            }
            Field::OrganisationSiret => cell.trim_matches(['\n', '\r']).clone_into(&mut carrier.siret),
            Field::OrganisationKind => {
                let list = self.vocabularies.get(VocabularyId::OrganisationKind);
                if lists::is_nothing(cell) {
                    return;
                }
                match list.recognise(cell) {
                    Some((term, how)) => {
                        flag_synonym(id, cell, term.code, how, issues);
                        carrier.kind = Some(term.code.to_owned());
                    }
                    None => issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        suggestion: Some("Type inconnu\u{a0}: choisissez-en un dans la liste.".to_owned()),
                        ..issue(Some(id), "enum_unknown", Severity::Warn)
                    }),
                }
            }
            _ => {
                let number = decimal(cell);
                if cell.contains(',') && number.is_some() {
                    issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        after: number.map(|n| n.to_string()),
                        ..issue(Some(id), "decimal_comma", Severity::Info)
                    });
                }
                if number.is_none() && !lists::is_nothing(cell) {
                    issues.push(Issue {
                        before: Some(cell.trim().to_owned()),
                        suggestion: Some("Ce n’est pas un nombre de degrés, par exemple 48.8566.".to_owned()),
                        ..issue(Some(id), "coord_invalid", Severity::Warn)
                    });
                }
                if field == Field::OrganisationLatitude {
                    carrier.latitude = number;
                } else {
                    carrier.longitude = number;
                }
            }
        }
    }

    pub(super) fn place(&self, carrier: &mut Carrier, issues: &mut Vec<Issue>) {
        let Some((latitude, longitude)) = carrier.latitude.zip(carrier.longitude) else {
            return;
        };
        let before = || Some(format!("{latitude}, {longitude}"));
        if swapped(latitude, longitude) {
            (carrier.latitude, carrier.longitude) = (Some(longitude), Some(latitude));
            issues.push(Issue {
                before: before(),
                after: Some(format!("{longitude}, {latitude}")),
                ..issue(Some("organisation.latitude"), "coord_swapped", Severity::Warn)
            });
        } else if !is_plausible(latitude, longitude) {
            (carrier.latitude, carrier.longitude) = (None, None);
            issues.push(Issue {
                before: before(),
                suggestion: Some(
                    "Ce point n’est ni en métropole, ni outre-mer\u{a0}: position à corriger.".to_owned(),
                ),
                ..issue(Some("organisation.latitude"), "coord_outside", Severity::Warn)
            });
        }
        for (id, slot) in [
            ("organisation.latitude", &mut carrier.latitude),
            ("organisation.longitude", &mut carrier.longitude),
        ] {
            let rounded = slot.map(|degrees| (degrees * 1e6).round() / 1e6);
            if let (Some(before), Some(after)) = (*slot, rounded)
                && (before - after).abs() > 1e-9
            {
                issues.push(Issue {
                    before: Some(before.to_string()),
                    after: Some(after.to_string()),
                    ..issue(Some(id), "coord_rounded", Severity::Info)
                });
            }
            *slot = rounded;
        }
    }
}

/// A number with a comma or a point, thin spaces removed.
fn decimal(cell: &str) -> Option<f64> {
    let text: String = cell
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}
