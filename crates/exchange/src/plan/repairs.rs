//! What an import mended or doubts in a row, as proposals that a person accepts or refuses one by one.
//!
//! Only what may change the meaning of an answer is asked: spaces, commas and known synonyms are in the report.

use sobria_catalogue::content::{Content, Value};
use sobria_catalogue::draft::{InputName, Part};
use sobria_catalogue::field::Field;
use sobria_catalogue::import::{Issue, PlannedRow};
use sobria_catalogue::partial_date::PartialDate;
use sobria_catalogue::proposal::{Change, Proposal};
use sobria_catalogue::text::{clean_line, excerpt};
use sobria_catalogue::vocabulary::{Term, Vocabularies};

use super::HashMap;
use super::lists::{self, Item};
use crate::report::explain;

/// Most proposals of one row.
const MOST: usize = 30;
/// Longest text shown of the source, in characters.
const SHOWN: usize = 200;

/// What accepting and what refusing changes, and what is proposed in words.
struct Choice {
    proposed: String,
    accept: Change,
    refuse: Change,
}

/// Most unknown words whose nearest term is remembered.
const REMEMBERED: usize = 10_000;

/// Makes the proposals of the rows of one file.
pub struct Proposer<'v> {
    vocabularies: &'v Vocabularies,
    source: String,
    /// Unknown words repeat, and the nearest term of each is long to find.
    near: HashMap<Field, HashMap<String, Option<&'v Term>>>,
}

impl<'v> Proposer<'v> {
    /// Proposals that say that they come from this source.
    pub fn new(vocabularies: &'v Vocabularies, source: &str) -> Self {
        Self {
            vocabularies,
            source: source.to_owned(),
            near: HashMap::default(),
        }
    }

    /// The proposals of a row, in the order in which they were found.
    pub fn of(&mut self, row: &PlannedRow) -> Vec<Proposal> {
        let mut found: Vec<Proposal> = Vec::new();
        for issue in &row.issues {
            let Some(field) = issue.field.as_deref().and_then(Field::by_id) else {
                continue;
            };
            let choice = match issue.code {
                "enum_unknown" => self.nearest(field, issue, &row.content),
                _ => choice(field, issue, &row.content, self.vocabularies),
            };
            let Some(choice) = choice else {
                continue;
            };
            let proposal = Proposal {
                field,
                code: issue.code.to_owned(),
                origin: format!("{} ({}, ligne {})", explain(issue.code), self.source, row.line),
                found: excerpt(issue.before.as_deref().unwrap_or(""), SHOWN),
                proposed: choice.proposed,
                accept: choice.accept,
                refuse: choice.refuse,
            };
            if found.len() < MOST && !found.contains(&proposal) {
                found.push(proposal);
            }
        }
        found
    }

    /// The term that an unknown word was probably meant for.
    fn nearest(&mut self, field: Field, issue: &Issue, content: &Content) -> Option<Choice> {
        let before = issue.before.as_deref().unwrap_or("");
        let near = self.term_near(field, before)?;
        let own = InputName::value(field).to_string();
        let mut accept = Change::default();
        match content.get(field) {
            Some(Value::Code(code)) => accept = accept.swap(own, code.clone(), near.code),
            _ => accept = accept.put(own, [near.code.to_owned()]),
        }
        let tag = clean_line(before);
        if matches!(content.get(Field::Tags), Some(Value::Names(tags)) if tags.contains(&tag)) {
            accept = accept.take(InputName::value(Field::Tags).to_string(), [tag]);
        }
        Some(Choice {
            proposed: near.label.to_owned(),
            accept,
            refuse: Change::default(),
        })
    }

    fn term_near(&mut self, field: Field, written: &str) -> Option<&'v Term> {
        if let Some(known) = self.near.get(&field).and_then(|words| words.get(written)) {
            return *known;
        }
        let list = self.vocabularies.get(field.spec().kind.vocabulary()?);
        let near = lists::terms(list, written)
            .into_iter()
            .find_map(|item| match item {
                Item::Unknown(_, near) => near,
                Item::Known(..) => None,
            });
        let words = self.near.entry(field).or_default();
        if words.len() < REMEMBERED {
            words.insert(written.to_owned(), near);
        }
        near
    }
}

fn choice(field: Field, issue: &Issue, content: &Content, vocabularies: &Vocabularies) -> Option<Choice> {
    let before = issue.before.as_deref().unwrap_or("");
    let after = issue.after.as_deref().unwrap_or("");
    let own = InputName::value(field).to_string();
    let keep = |proposed: String, refuse: Change| {
        Some(Choice {
            proposed,
            accept: Change::default(),
            refuse,
        })
    };
    match issue.code {
        "date_order_assumed" => {
            let date: PartialDate = after.parse().ok()?;
            let other = swapped(date)?;
            keep(
                after.to_owned(),
                Change::default().swap(own, after, other.to_string()),
            )
        }
        "date_excel_serial" | "date_year_assumed" | "date_partial" => {
            keep(after.to_owned(), Change::default().take(own, [after.to_owned()]))
        }
        "url_is_note" => {
            let (row, _) = link_rows(field, content)
                .into_iter()
                .find(|(_, link)| link.url.is_none() && link.label.as_deref() == Some(before))?;
            keep(
                format!("«\u{a0}{before}\u{a0}» sans adresse, accès restreint"),
                without_row(field, row, content),
            )
        }
        "url_scheme_added" => {
            let (row, _) = link_rows(field, content)
                .into_iter()
                .find(|(_, link)| link.url.as_deref() == Some(after))?;
            keep(after.to_owned(), without_row(field, row, content))
        }
        // A number that a spreadsheet counted on is no address: accepting takes it off.
        "fill_series" => {
            let (row, _) = link_rows(field, content)
                .into_iter()
                .find(|(_, link)| link.url.as_deref() == Some(before.trim()))?;
            Some(Choice {
                proposed: String::new(),
                accept: without_row(field, row, content),
                refuse: Change::default(),
            })
        }
        "theme_multiple" | "value_multiple" => keep(
            label(field, after, vocabularies),
            Change::default().take(own, [after.to_owned()]),
        ),
        "list_split_ambiguous" => partners(before, content),
        "partners_is_build_mode" => keep(
            label(Field::Delivery, "interne", vocabularies),
            Change::default()
                .take(
                    InputName::value(Field::Delivery).to_string(),
                    ["interne".to_owned()],
                )
                .put(
                    InputName::row(Field::Partners, 0, Part::Name).to_string(),
                    [clean_line(before)],
                ),
        ),
        // What was applied already has been written to the organisation.
        "siret_suggested" if issue.after.is_none() => {
            let right = issue.suggestion.clone()?;
            Some(Choice {
                proposed: right.clone(),
                accept: Change::default().put(own, [right]),
                refuse: Change::default(),
            })
        }
        _ => None,
    }
}

/// The other reading of a date whose day and month could be taken either way.
fn swapped(date: PartialDate) -> Option<PartialDate> {
    let text = date.to_string();
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    format!("{year}-{day}-{month}")
        .parse()
        .ok()
        .filter(|other| *other != date)
}

fn label(field: Field, code: &str, vocabularies: &Vocabularies) -> String {
    field.spec().kind.vocabulary().map_or_else(
        || code.to_owned(),
        |list| vocabularies.get(list).label(code).to_owned(),
    )
}

fn link_rows(field: Field, content: &Content) -> Vec<(usize, &sobria_catalogue::content::Link)> {
    match content.get(field) {
        Some(Value::Links(links)) => links.iter().enumerate().collect(),
        _ => Vec::new(),
    }
}

/// The form without one of its links.
fn without_row(field: Field, row: usize, content: &Content) -> Change {
    let mut change = Change::default();
    if let Some((_, link)) = link_rows(field, content).into_iter().nth(row) {
        for (part, text) in [
            (Part::Url, &link.url),
            (Part::Label, &link.label),
            (Part::Access, &link.access),
            (Part::Kind, &link.kind),
        ] {
            if let Some(text) = text {
                change = change.take(InputName::row(field, row, part).to_string(), [text.clone()]);
            }
        }
    }
    change
}

/// One name with a hyphen, or two names: refusing gives the other reading.
fn partners(cell: &str, content: &Content) -> Option<Choice> {
    let Some(Value::Partners(kept)) = content.get(Field::Partners) else {
        return None;
    };
    let input = |row: usize| InputName::row(Field::Partners, row, Part::Name).to_string();
    let whole = clean_line(cell);
    let names: Vec<&str> = kept.iter().map(|partner| partner.name.as_str()).collect();
    let refuse = match names.as_slice() {
        [one] => {
            let (first, second) = one.split_once('-')?;
            Change::default()
                .swap(input(0), *one, first.trim())
                .put(input(1), [second.trim().to_owned()])
        }
        [first, second] => Change::default()
            .swap(input(0), *first, whole)
            .take(input(1), [(*second).to_owned()]),
        _ => return None,
    };
    Some(Choice {
        proposed: names.join(" ; "),
        accept: Change::default(),
        refuse,
    })
}

#[cfg(test)]
mod tests {
    use sobria_catalogue::content::{Link, Partner};
    use sobria_catalogue::draft::DraftInput;
    use sobria_catalogue::id::OrganisationId;
    use sobria_catalogue::import::{Outcome, Severity};
    use sobria_catalogue::organisation::Organisation;

    use super::*;
    use crate::plan::{issue, rejected};

    /// The proposals about one remark, and the form that the row fills.
    fn found(content: Content, remark: Issue) -> (Vec<Proposal>, DraftInput) {
        let organisation = Organisation::named(OrganisationId::new(uuid::Uuid::nil()), "Ville");
        let form = DraftInput::from_content(&content, &organisation);
        let row = PlannedRow {
            outcome: Outcome::Created,
            content,
            ..rejected(1, vec![remark])
        };
        (
            Proposer::new(Vocabularies::embedded(), "essai.csv").of(&row),
            form,
        )
    }

    fn remark(field: Field, code: &'static str, before: &str, after: Option<&str>) -> Issue {
        Issue {
            before: Some(before.to_owned()),
            after: after.map(str::to_owned),
            ..issue(Some(field.spec().id), code, Severity::Warn)
        }
    }

    #[test]
    fn each_repair_says_what_both_answers_change() {
        let mut content = Content::default();
        content.set(Field::StartDate, Value::Date("2024-04-03".parse().unwrap()));
        let (found_, form) = found(
            content,
            remark(
                Field::StartDate,
                "date_order_assumed",
                "03/04/2024",
                Some("2024-04-03"),
            ),
        );
        let [one] = found_.as_slice() else {
            panic!("{found_:?}")
        };
        assert!(one.accept.is_empty());
        assert_eq!(
            one.refuse.applied(&form).unwrap().first("start_date"),
            "2024-03-04"
        );

        let mut content = Content::default();
        let partner = |name: &str| Partner {
            name: name.to_owned(),
            role: None,
        };
        content.set(
            Field::Partners,
            Value::Partners(vec![partner("Exo"), partner("Dev")]),
        );
        let (found_, form) = found(
            content,
            remark(Field::Partners, "list_split_ambiguous", "Exo-Dev", None),
        );
        let after = found_[0].refuse.applied(&form).unwrap();
        assert_eq!(after.first("partners.0.name"), "Exo-Dev");
        assert!(after.all("partners.1.name").is_empty());

        let mut content = Content::default();
        let note = Link {
            label: Some("accès interne".to_owned()),
            access: Some("internal".to_owned()),
            ..Link::default()
        };
        content.set(Field::InfoLinks, Value::Links(vec![note]));
        let (found_, form) = found(
            content,
            remark(
                Field::InfoLinks,
                "url_is_note",
                "accès interne",
                Some("access=internal"),
            ),
        );
        let after = found_[0].refuse.applied(&form).unwrap();
        assert!(after.rows(Field::InfoLinks).is_empty());

        let mut content = Content::default();
        content.set(
            Field::Tags,
            Value::Names(vec!["Administrasion".to_owned(), "eau".to_owned()]),
        );
        let (found_, form) = found(
            content,
            remark(Field::Theme, "enum_unknown", "Administrasion", None),
        );
        if let [one] = found_.as_slice() {
            let after = one.accept.applied(&form).unwrap();
            assert!(!after.first("theme").is_empty());
            assert_eq!(after.all("tags"), ["eau"]);
        }

        let mut content = Content::default();
        let filled = Link {
            url: Some("https://a.example/logo?10".to_owned()),
            ..Link::default()
        };
        content.set(Field::InfoLinks, Value::Links(vec![filled]));
        let (found_, form) = found(
            content,
            remark(Field::InfoLinks, "fill_series", "https://a.example/logo?10", None),
        );
        assert!(found_[0].refuse.is_empty());
        assert!(
            found_[0]
                .accept
                .applied(&form)
                .unwrap()
                .rows(Field::InfoLinks)
                .is_empty()
        );
    }

    #[test]
    fn what_changes_no_meaning_is_not_asked() {
        let content = Content::default();
        for code in [
            "name_whitespace",
            "enum_synonym",
            "decimal_comma",
            "required_missing",
        ] {
            let (found, _) = found(content.clone(), remark(Field::Title, code, "a  b", Some("a b")));
            assert!(found.is_empty(), "{code}");
        }
    }
}
