//! What an import found, for people and for scripts.

use std::fmt::Write as _;
use std::io;

use serde_json::json;
use sobria_catalogue::field::FIELDS;
use sobria_catalogue::import::{ImportEnd, ImportPlan, PlannedRow, Severity};
use sobria_catalogue::text::count;

use crate::export::harmless;

/// Writes one JSON object per row.
///
/// # Errors
/// When the output cannot be written.
pub fn write_jsonl(plan: &ImportPlan, out: &mut impl io::Write) -> io::Result<()> {
    plan.rows.iter().try_for_each(|row| write_line(row, out))
}

/// Writes one row as a JSON object on a line of its own.
///
/// # Errors
/// When the output cannot be written.
pub fn write_line(row: &PlannedRow, out: &mut impl io::Write) -> io::Result<()> {
    let line = json!({
        "row": row.row,
        "line": row.line,
        "outcome": row.outcome,
        "key": row.key,
        "record": row.record,
        "repaired": row.repaired,
        "issues": row.issues,
    });
    writeln!(out, "{line}")
}

/// Writes one CSV line per remark, and one for each row without any: for spreadsheets.
///
/// # Errors
/// When the output cannot be written.
pub fn write_csv(plan: &ImportPlan, out: &mut impl io::Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "row",
        "outcome",
        "key",
        "repaired",
        "field",
        "code",
        "severity",
        "remark",
        "before",
        "after",
        "suggestion",
    ])?;
    for row in &plan.rows {
        let (number, key) = (row.row.to_string(), harmless(&row.key));
        let start = [
            number.as_str(),
            row.outcome.code(),
            &key,
            if row.repaired { "true" } else { "false" },
        ];
        if row.issues.is_empty() {
            csv.write_record(start.into_iter().chain([""; 7]))?;
        }
        for issue in &row.issues {
            let [field, before, after, suggestion] =
                [&issue.field, &issue.before, &issue.after, &issue.suggestion]
                    .map(|text| harmless(text.as_deref().unwrap_or("")));
            csv.write_record(start.into_iter().chain([
                field.as_str(),
                issue.code,
                issue.severity.code(),
                explain(issue.code),
                &before,
                &after,
                &suggestion,
            ]))?;
        }
    }
    csv.flush()
}

/// Every code that an import may give, with what it says to a person.
pub const CODES: &[(&str, &str)] = &[
    ("siret_spaces", "SIRET écrit avec des espaces, retirés"),
    ("siret_checksum", "SIRET dont la clé est fausse, non repris"),
    ("siret_rounded", "SIRET arrondi par un tableur, non repris"),
    (
        "siret_leading_zero",
        "SIRET à 13 chiffres\u{a0}: zéro de tête perdu\u{202f}?",
    ),
    ("siret_invalid", "SIRET illisible, non repris"),
    ("siren_only", "SIREN seul"),
    ("siret_suggested", "SIRET trouvé par le nom de l’organisation"),
    ("siret_kind_mismatch", "type différent de celui de l’annuaire"),
    (
        "siren_name_conflict",
        "le SIREN et le nom désignent deux organisations",
    ),
    ("org_conflict", "même nom, plusieurs SIREN"),
    (
        "fill_series",
        "valeur incrémentée ligne après ligne par un tableur",
    ),
    ("date_excel_serial", "date en numéro de série Excel, convertie"),
    ("date_order_inferred", "ordre jour et mois déduit de la colonne"),
    ("date_order_assumed", "ordre jour et mois supposé"),
    ("date_implausible", "date peu plausible"),
    ("date_invalid", "date non comprise"),
    (
        "date_changed_by_source",
        "date de démarrage changée par la source",
    ),
    ("decimal_comma", "virgule décimale"),
    (
        "coord_swapped",
        "latitude et longitude inversées, remises en ordre",
    ),
    ("coord_outside", "position hors de France, non reprise"),
    ("coord_invalid", "position illisible"),
    ("coord_rounded", "position arrondie à six décimales"),
    ("enum_synonym", "valeur reconnue sous un autre nom"),
    ("enum_unknown", "valeur inconnue, gardée en mot-clé"),
    (
        "theme_multiple",
        "plusieurs politiques publiques, la première est gardée",
    ),
    ("value_multiple", "plusieurs valeurs, la première est gardée"),
    (
        "subtheme_other_theme",
        "sous-thème d’une autre politique publique",
    ),
    ("subtheme_too_many", "plus de deux sous-thèmes"),
    (
        "list_split_ambiguous",
        "trait d’union entre deux partenaires, ou dans un nom\u{202f}?",
    ),
    (
        "partners_none_marker",
        "«\u{a0}aucun\u{a0}» à la place des partenaires",
    ),
    (
        "partners_is_build_mode",
        "«\u{a0}développé en régie\u{a0}» à la place des partenaires",
    ),
    ("url_is_note", "remarque à la place d’une adresse"),
    ("url_invalid", "adresse inutilisable"),
    ("url_scheme_added", "adresse complétée par https://"),
    ("name_whitespace", "espaces en trop dans un nom"),
    ("text_truncated", "texte trop long, coupé"),
    ("merged_cell", "cellule fusionnée avec celle du dessus"),
    ("link_in_cell", "cellule dont le texte mène à une autre adresse"),
    ("formula_error", "erreur du tableur à la place d’une valeur"),
    (
        "formula_unresolved",
        "formules sans résultat, lues comme des cellules vides",
    ),
    ("quotes_doubtful", "guillemet fermé avant la fin d’une cellule"),
    (
        "row_concealed",
        "ligne masquée dans le classeur, lue comme les autres",
    ),
    (
        "columns_concealed",
        "colonnes masquées dans le classeur, lues comme les autres",
    ),
    ("sheet_hidden", "feuilles masquées, laissées de côté"),
    ("html_in_text", "balise HTML dans un texte"),
    ("cell_count", "nombre de cellules différent des en-têtes"),
    ("required_missing", "champ obligatoire vide"),
    ("possible_duplicate", "doublon possible"),
    ("hidden_column", "colonne inconnue, gardée sans être montrée"),
    ("edited_here", "champ modifié ici, gardé"),
    ("absent_from_file", "fiche connue absente du fichier, gardée"),
    ("value_invalid", "valeur illisible"),
    ("siren_from_directory", "SIREN trouvé dans l’annuaire par le nom"),
    (
        "organisation_kept",
        "autre valeur pour une organisation connue, non prise",
    ),
    (
        "organisation_changed",
        "valeur de l’organisation remplacée par celle du fichier",
    ),
    ("kind_filled", "type d’organisation vide, connu par ailleurs"),
    (
        "date_year_assumed",
        "année écrite sur deux chiffres, prise dans les années 2000",
    ),
    ("date_partial", "texte dont seule la première année est gardée"),
    ("date_inverted", "date de fin avant la date de démarrage"),
    ("list_too_long", "trop de valeurs, les premières sont gardées"),
    ("hidden_characters", "caractères invisibles retirés"),
    ("title_lines", "texte au-dessus des en-têtes, laissé de côté"),
    ("header_repeated", "ligne d’en-têtes répétée, laissée de côté"),
    ("totals_row", "ligne de total, laissée de côté"),
    ("header_other", "en-têtes d’un autre tableau"),
    ("header_assumed", "sens d’une colonne supposé"),
    ("encoding_assumed", "fichier lu en Windows-1252"),
    ("encoding_damaged", "caractères illisibles remplacés par �"),
    ("encoding_doubtful", "accents déjà abîmés dans le fichier"),
];

/// A French sentence for a code.
pub fn explain(code: &str) -> &'static str {
    CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("autre remarque", |(_, text)| text)
}

/// A number with the word that agrees with it.
fn counted(number: usize, one: &str, other: &str) -> String {
    format!("{} {}", count(number), if number < 2 { one } else { other })
}

/// The name of a field as people know it; the column of the file, when it is no field.
fn named(field: &str) -> &str {
    let spec = FIELDS.iter().find(|spec| spec.id == field);
    spec.map_or(field, |spec| spec.label)
}

/// The summary that a person reads.
pub fn summary_text(end: &ImportEnd, committed: bool) -> String {
    let summary = &end.summary;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{}\u{a0}: {}, {}, {}, {}, {}.",
        counted(summary.rows, "ligne", "lignes"),
        counted(summary.created, "créée", "créées"),
        counted(summary.updated, "mise à jour", "mises à jour"),
        counted(summary.unchanged, "inchangée", "inchangées"),
        counted(summary.rejected, "refusée", "refusées"),
        counted(summary.blank, "vide", "vides"),
    );
    let _ = writeln!(
        text,
        "{}.",
        counted(end.organisations, "organisation", "organisations")
    );
    for (code, count) in &summary.issues {
        let _ = writeln!(text, "  {count:>5}  {code}\u{a0}: {}", explain(code));
    }
    for row in &end.refused {
        let why: Vec<String> = row
            .issues
            .iter()
            .filter(|issue| issue.severity == Severity::Error)
            .map(|issue| {
                let field = issue
                    .field
                    .as_deref()
                    .map(|field| format!(" ({})", named(field)))
                    .unwrap_or_default();
                format!("{}{field}", explain(issue.code))
            })
            .collect();
        let _ = writeln!(text, "Ligne {} refusée\u{a0}: {}.", row.line, why.join(" ; "));
    }
    text.push_str(if committed {
        "Enregistré."
    } else {
        "Essai à blanc\u{a0}: rien n’est enregistré. Relancez avec --commit pour écrire."
    });
    text
}
