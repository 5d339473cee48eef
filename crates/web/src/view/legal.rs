//! Texts of the legal pages, from the facts that the operator gave.

/// Facts that the legal pages ask for; a blank one is said to be missing.
#[derive(Debug, Clone, Default)]
pub struct LegalFacts {
    /// Publisher: name, form, address.
    pub publisher: String,
    /// Publication director.
    pub director: String,
    /// Host: name, address, telephone.
    pub host: String,
    /// Controller of personal data.
    pub controller: String,
    /// How to reach the data protection officer.
    pub dpo: String,
    /// "non conforme", "partiellement conforme" or "totalement conforme".
    pub conformity: String,
    /// Share of criteria met, when an audit gave one: "62 %".
    pub rate: Option<String>,
    /// Day of the accessibility statement: "12 mars 2026".
    pub statement_date: String,
}
