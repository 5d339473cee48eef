//! The values of fields: texts, codes of a list, dates, numbers, rows.

use super::{NAME_MAX, Reader};
use crate::account::Email;
use crate::content::{CodesText, Contact, Link, Partner, Value};
use crate::draft::{InputName, Part};
use crate::field::{Field, FieldKind};
use crate::partial_date::PartialDate;
use crate::text::{clean_block, clean_line, excerpt};
use crate::validate::is_web_address;
use crate::vocabulary::VocabularyId;

/// Longest text beside codes, in characters.
const BESIDE_MAX: usize = 3000;

impl Reader<'_> {
    pub(super) fn value(&mut self, field: Field) -> Option<Value> {
        let name = InputName::value(field);
        match field.spec().kind {
            FieldKind::Text { .. } | FieldKind::Siret | FieldKind::Decimal { .. } => {
                Some(Value::Text(clean_line(self.single(name)?)))
            }
            FieldKind::Block { .. } => Some(Value::Text(clean_block(self.single(name)?))),
            FieldKind::Code(list) => self.code(name, list).map(Value::Code),
            FieldKind::Codes(list) | FieldKind::CodesMax(list, _) => {
                Some(Value::Codes(self.codes(name, list)))
            }
            FieldKind::CodesText(list) => {
                let codes = self.codes(name, list);
                let beside = InputName::part(field, Part::Text);
                let text = self.single(beside).map(clean_block);
                let text = text.and_then(|text| self.short(beside, text, BESIDE_MAX));
                Some(Value::CodesText(CodesText { codes, text }))
            }
            FieldKind::Date => self.date(name),
            FieldKind::Integer => self.integer(name),
            FieldKind::Names { .. } => Some(self.names(name)),
            FieldKind::Partners => Some(self.partners(field)),
            FieldKind::Links | FieldKind::Resources => Some(self.links(field)),
            FieldKind::Contact => Some(self.contact(field)),
        }
    }

    /// A code of a list.
    pub(super) fn code(&mut self, name: InputName, list: VocabularyId) -> Option<String> {
        let code = self.single(name)?;
        self.known(name, list, code)
    }

    fn known(&mut self, name: InputName, list: VocabularyId, code: &str) -> Option<String> {
        match self.vocabularies.get(list).by_code(code) {
            Some(term) => Some(term.code.to_owned()),
            None => {
                let label = name.field.spec().label;
                let first = self
                    .vocabularies
                    .get(list)
                    .terms()
                    .first()
                    .map_or("", |term| term.label);
                self.wrong(
                    name,
                    "invalid",
                    format!(
                        "« {label} » ne connaît pas « {} ». Choisissez une valeur de la liste, par exemple « {first} ».",
                        excerpt(code, 60)
                    ),
                );
                None
            }
        }
    }

    fn codes(&mut self, name: InputName, list: VocabularyId) -> Vec<String> {
        let mut codes = Vec::new();
        for code in self.filled(name) {
            if let Some(code) = self.known(name, list, code)
                && !codes.contains(&code)
            {
                codes.push(code);
            }
        }
        codes
    }

    fn date(&mut self, name: InputName) -> Option<Value> {
        let text = self.single(name)?;
        let date = read_date(text);
        if date.is_none() {
            let label = name.field.spec().label;
            self.wrong(
                name,
                "date",
                format!(
                    "« {} » n’est pas une date pour « {label} ». Exemples : 2024, 03/2024 ou 15/03/2024.",
                    excerpt(text, 40)
                ),
            );
        }
        date.map(Value::Date)
    }

    fn integer(&mut self, name: InputName) -> Option<Value> {
        let text = self.single(name)?;
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        match digits
            .parse::<u64>()
            .ok()
            .filter(|number| plain && *number <= 1_000_000_000_000)
        {
            Some(number) => Some(Value::Integer(number)),
            None => {
                let label = name.field.spec().label;
                self.wrong(
                    name,
                    "number",
                    format!(
                        "« {} » n’est pas un nombre entier pour « {label} ». Exemple : 12 000.",
                        excerpt(text, 40)
                    ),
                );
                None
            }
        }
    }

    fn names(&mut self, name: InputName) -> Value {
        let mut names = Vec::new();
        for value in self.filled(name) {
            for line in value.lines() {
                if let Some(text) = self.short(name, clean_line(line), NAME_MAX)
                    && !names.contains(&text)
                {
                    names.push(text);
                }
            }
        }
        Value::Names(names)
    }

    fn partners(&mut self, field: Field) -> Value {
        let mut partners = Vec::new();
        for row in self.draft.rows(field) {
            let named = InputName::row(field, row, Part::Name);
            let name = self.line(named, NAME_MAX);
            let role = self.code(InputName::row(field, row, Part::Role), VocabularyId::PartnerRole);
            match name {
                Some(name) => partners.push(Partner { name, role }),
                None if role.is_some() && self.filled(named).is_empty() => self.wrong(
                    named,
                    "required",
                    "Donnez le nom du partenaire, par exemple « Université de Rennes », ou videz la ligne."
                        .to_owned(),
                ),
                None => {}
            }
        }
        Value::Partners(partners)
    }

    fn links(&mut self, field: Field) -> Value {
        let mut links = Vec::new();
        for row in self.draft.rows(field) {
            let address = InputName::row(field, row, Part::Url);
            let url = self.url(address);
            let label = self.line(InputName::row(field, row, Part::Label), NAME_MAX);
            let access = self.code(InputName::row(field, row, Part::Access), VocabularyId::LinkAccess);
            let kind = match field.spec().kind {
                FieldKind::Resources => {
                    self.code(InputName::row(field, row, Part::Kind), VocabularyId::ResourceKind)
                }
                _ => None,
            };
            let restricted = matches!(access.as_deref(), Some("internal" | "on_request"));
            if url.is_some() || restricted {
                links.push(Link {
                    url,
                    label,
                    access,
                    kind,
                });
            } else if (label.is_some() || access.is_some() || kind.is_some())
                && self.filled(address).is_empty()
            {
                self.wrong(
                    address,
                    "required",
                    "Donnez l’adresse, par exemple https://www.ville.example/projet, ou indiquez un accès interne."
                        .to_owned(),
                );
            }
        }
        Value::Links(links)
    }

    fn url(&mut self, name: InputName) -> Option<String> {
        let text = self.single(name)?;
        if is_web_address(text) {
            return Some(text.to_owned());
        }
        let message = if text.starts_with("www.") && is_web_address(&format!("https://{text}")) {
            format!("Écrivez l’adresse en entier : https://{}", excerpt(text, 80))
        } else {
            format!(
                "« {} » n’est pas une adresse du web. Exemple : https://www.ville.example/projet.",
                excerpt(text, 80)
            )
        };
        self.wrong(name, "url", message);
        None
    }

    fn contact(&mut self, field: Field) -> Value {
        let name = InputName::part(field, Part::Email);
        let email = self.single(name).and_then(|text| match Email::parse(text) {
            Ok(email) => Some(email.as_str().to_owned()),
            Err(_) => {
                self.wrong(
                    name,
                    "email",
                    "L’adresse électronique du contact est incomplète. Exemple : innovation@ville.fr."
                        .to_owned(),
                );
                None
            }
        });
        let role = self.line(InputName::part(field, Part::Role), NAME_MAX);
        Value::Contact(Contact { email, role })
    }
}

/// Dates as forms and as people write them.
fn read_date(text: &str) -> Option<PartialDate> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let number = |part: &str, longest: usize| -> Option<i16> {
        let plain = !part.is_empty() && part.len() <= longest && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse().ok())?
    };
    let small = |part: &str| number(part, 2).and_then(|n| i8::try_from(n).ok());
    let year = |part: &str| number(part, 4).filter(|_| part.len() == 4);
    match parts.as_slice() {
        [month, y] => PartialDate::from_month(year(y)?, small(month)?),
        [day, month, y] => PartialDate::from_day(year(y)?, small(month)?, small(day)?),
        _ => None,
    }
}
