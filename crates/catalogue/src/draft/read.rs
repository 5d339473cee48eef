//! From the values of a form to a record, and what is wrong on the way.

use sobria_territory::Directory;
use sobria_territory::map::{is_plausible, swapped};
use sobria_territory::siren::{Number, SiretError, parse_siret};

use crate::account::Email;
use crate::completeness::completeness;
use crate::content::{CodesText, Contact, Content, Link, Partner, Value};
use crate::draft::{
    Carrier, Checked, DraftInput, FieldErrors, InputError, InputName, ORGANISATION, Part, Surroundings,
};
use crate::field::{FIELDS, Field, FieldKind};
use crate::organisation::Organisation;
use crate::partial_date::PartialDate;
use crate::text::{clean_block, clean_line, count, excerpt, looks_like_html};
use crate::validate::{self, Stage, is_web_address};
use crate::vocabulary::{Vocabularies, VocabularyId};

/// Longest name of a partner, a supplier or a link, in characters.
const NAME_MAX: usize = 200;
/// Longest text beside codes, in characters.
const BESIDE_MAX: usize = 3000;

impl DraftInput {
    /// Reads the form and applies the rules of a stage.
    ///
    /// # Errors
    /// Everything that keeps the record from the stage, each with its input and a French sentence.
    pub fn check(&self, stage: Stage, around: &Surroundings<'_>) -> Result<Checked, FieldErrors> {
        let mut reader = Reader {
            draft: self,
            vocabularies: around.vocabularies,
            errors: Vec::new(),
            warnings: Vec::new(),
        };
        let mut content = Content::default();
        for spec in FIELDS.iter().filter(|spec| !spec.field.is_of_organisation()) {
            if let Some(value) = reader.value(spec.field) {
                content.set(spec.field, value);
            }
        }
        validate::normalise(&mut content);
        let (organisation, carrier) = reader.organisation(around);
        reader.rules(&content, &organisation, stage, around);
        reader.doubts(&content, &organisation);
        let Reader {
            mut errors, warnings, ..
        } = reader;
        errors.sort_by_key(|error| InputName::parse(&error.name));
        match FieldErrors::new(errors) {
            Some(errors) => Err(errors),
            None => Ok(Checked {
                completeness: completeness(&content, &organisation),
                content,
                organisation,
                carrier,
                stage,
                warnings,
            }),
        }
    }

    /// What the form says so far, leaving out what cannot be read: for previews.
    pub fn read(&self, around: &Surroundings<'_>) -> (Content, Organisation) {
        let mut reader = Reader {
            draft: self,
            vocabularies: around.vocabularies,
            errors: Vec::new(),
            warnings: Vec::new(),
        };
        let mut content = Content::default();
        for spec in FIELDS.iter().filter(|spec| !spec.field.is_of_organisation()) {
            if let Some(value) = reader.value(spec.field) {
                content.set(spec.field, value);
            }
        }
        validate::normalise(&mut content);
        let (organisation, _) = reader.organisation(around);
        (content, organisation)
    }
}

struct Reader<'a> {
    draft: &'a DraftInput,
    vocabularies: &'a Vocabularies,
    errors: Vec<InputError>,
    warnings: Vec<InputError>,
}

impl<'a> Reader<'a> {
    fn wrong(&mut self, name: InputName, code: &'static str, message: String) {
        self.errors.push(InputError {
            name: name.to_string(),
            field: name.field,
            code,
            message,
        });
    }

    fn doubt(&mut self, name: InputName, code: &'static str, message: String) {
        self.warnings.push(InputError {
            name: name.to_string(),
            field: name.field,
            code,
            message,
        });
    }

    /// The values of an input that hold something.
    fn filled(&self, name: InputName) -> Vec<&'a str> {
        self.draft
            .all(&name.to_string())
            .iter()
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// The value of an input that takes one.
    fn single(&mut self, name: InputName) -> Option<&'a str> {
        let mut values = self.filled(name);
        values.dedup();
        if values.len() > 1 {
            let label = name.field.spec().label;
            self.wrong(
                name,
                "several",
                format!(
                    "« {label} » n’accepte qu’une valeur, {} données. Gardez-en une.",
                    values.len()
                ),
            );
            return None;
        }
        values.first().copied()
    }

    /// A line of at most `max` characters.
    fn line(&mut self, name: InputName, max: usize) -> Option<String> {
        let text = clean_line(self.single(name)?);
        self.short(name, text, max)
    }

    fn short(&mut self, name: InputName, text: String, max: usize) -> Option<String> {
        let label = name.field.spec().label;
        let length = text.chars().count();
        if length > max {
            self.wrong(
                name,
                "too_long",
                format!(
                    "« {label} » compte {} caractères, {} au plus. Raccourcissez le texte.",
                    count(length),
                    count(max)
                ),
            );
            return None;
        }
        if looks_like_html(&text) {
            self.wrong(
                name,
                "html",
                format!("« {label} » contient une balise HTML. Écrivez du texte simple."),
            );
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// A code of a list.
    fn code(&mut self, name: InputName, list: VocabularyId) -> Option<String> {
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

    fn value(&mut self, field: Field) -> Option<Value> {
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

    /// The carrier: one of the library, which the form may complete but not contradict, or a proposed one.
    fn organisation(&mut self, around: &Surroundings<'_>) -> (Organisation, Carrier) {
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

    fn rules(
        &mut self,
        content: &Content,
        organisation: &Organisation,
        stage: Stage,
        around: &Surroundings<'_>,
    ) {
        for error in validate::check(content, organisation, stage, around.today, self.vocabularies) {
            // What could not be read was said already, with its reason.
            if self.errors.iter().any(|said| said.field == error.field) {
                continue;
            }
            let mut name = InputName::main(error.field);
            if let Some(row) = name.row {
                name.row = Some(self.draft.rows(error.field).first().copied().unwrap_or(row));
            }
            self.wrong(name, error.code, error.message);
        }
    }

    /// What may be wrong without being so.
    fn doubts(&mut self, content: &Content, organisation: &Organisation) {
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
