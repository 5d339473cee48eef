//! Who a provider says somebody is.

use serde_json::{Map, Value};

use super::config::ProviderConfig;

/// Longest text kept of a claim, in characters.
const LONGEST: usize = 200;

/// Who a provider says somebody is: `(issuer, subject)` names the person, nothing else does.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Key of the provider in the configuration.
    pub provider: String,
    /// Issuer that vouches.
    pub issuer: String,
    /// The person at that issuer.
    pub subject: String,
    /// Mail address.
    pub email: Option<String>,
    /// Whether the provider says that it checked the address; without it, no account may be linked by address.
    pub email_verified: bool,
    /// First name.
    pub given_name: Option<String>,
    /// Family name, or the name in use.
    pub family_name: Option<String>,
    /// Establishment of the employer: fourteen figures.
    pub siret: Option<String>,
    /// Employer as the configured claim writes it.
    pub organisation: Option<String>,
    /// Ways in which the person was authenticated.
    pub amr: Vec<String>,
    /// Level of the authentication.
    pub acr: Option<String>,
    /// Whether that level means a second factor, by the list of the configuration.
    pub second_factor: bool,
    /// The identity token, needed to sign out at the provider; keep it on the server only.
    pub id_token: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("provider", &self.provider)
            .field("acr", &self.acr)
            .field("amr", &self.amr)
            .field("second_factor", &self.second_factor)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads what was signed (`token`) and what was told on demand (`told`), which goes first where both speak.
    ///
    /// How the person was authenticated is read in the token only; an address and the word on its check come from
    /// the same side.
    pub(super) fn read(
        config: &ProviderConfig,
        subject: String,
        id_token: String,
        token: &Map<String, Value>,
        told: &Map<String, Value>,
    ) -> Self {
        let names = &config.claims;
        let find = |name: &str| text(told, name).or_else(|| text(token, name));
        let first = |names: &[String]| names.iter().find_map(|name| find(name));
        let (email, email_verified) = match text(told, &names.email) {
            Some(email) => (Some(email), is_true(told, &names.email_verified)),
            None => (text(token, &names.email), is_true(token, &names.email_verified)),
        };
        let acr = token.get("acr").and_then(Value::as_str);
        Self {
            provider: config.key.clone(),
            issuer: config.issuer.clone(),
            subject,
            email_verified: email_verified && email.is_some(),
            email,
            given_name: first(&names.given_name),
            family_name: first(&names.family_name),
            siret: find(&names.siret)
                .filter(|siret| siret.len() == 14 && siret.bytes().all(|byte| byte.is_ascii_digit())),
            organisation: config.organisation_claim.as_deref().and_then(find),
            amr: match token.get("amr") {
                Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).map(clean).collect(),
                Some(Value::String(value)) => vec![clean(value)],
                _ => Vec::new(),
            },
            second_factor: acr.is_some_and(|acr| config.acr_values.iter().any(|strong| strong == acr)),
            acr: acr.map(clean),
            id_token,
        }
    }
}

fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let value = match claims.get(name)? {
        Value::String(value) => clean(value),
        Value::Array(values) => clean(values.first()?.as_str()?),
        _ => return None,
    };
    (!value.is_empty()).then_some(value)
}

fn is_true(claims: &Map<String, Value>, name: &str) -> bool {
    match claims.get(name) {
        Some(Value::Bool(value)) => *value,
        Some(Value::String(value)) => value == "true",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(token: Value, told: Value) -> Identity {
        let config = serde_json::from_value(json!({
            "key": "p", "name": "P", "issuer": "https://p.fr", "client_id": "c", "client_secret": "s",
            "organisation_claim": "groups"
        }))
        .unwrap();
        Identity::read(
            &config,
            "s".to_owned(),
            String::new(),
            token.as_object().unwrap(),
            told.as_object().unwrap(),
        )
    }

    #[test]
    fn an_address_and_the_word_on_its_check_come_from_the_same_side() {
        let mixed = read(
            json!({"email": "a@p.fr", "email_verified": true}),
            json!({"email": "b@p.fr"}),
        );
        assert_eq!(
            (mixed.email.as_deref(), mixed.email_verified),
            (Some("b@p.fr"), false)
        );
        let orphan = read(json!({"email": "a@p.fr"}), json!({"email_verified": true}));
        assert_eq!(
            (orphan.email.as_deref(), orphan.email_verified),
            (Some("a@p.fr"), false)
        );
        let whole = read(json!({}), json!({"email": "b@p.fr", "email_verified": "true"}));
        assert!(whole.email_verified);
    }

    #[test]
    fn the_way_of_authentication_is_read_in_the_signed_token_only() {
        let told = read(json!({"amr": ["pwd"]}), json!({"acr": "eidas3", "amr": ["mfa"]}));
        assert_eq!((told.acr, told.second_factor), (None, false));
        assert_eq!(told.amr, ["pwd"]);
        for (acr, strong) in [
            ("eidas2", true),
            ("eidas1", false),
            ("EIDAS2", false),
            ("eidas2 ", false),
        ] {
            assert_eq!(
                read(json!({"acr": acr}), json!({})).second_factor,
                strong,
                "{acr}"
            );
        }
    }

    #[test]
    fn names_and_employers_are_read_by_the_table_of_the_configuration() {
        let person = read(
            json!({"family_name": "Durand"}),
            json!({"usual_name": "Martin\u{0} ", "given_name": "Léa", "siret": "213502388 00019", "groups": ["Rennes"]}),
        );
        assert_eq!(person.family_name.as_deref(), Some("Martin"));
        assert_eq!(person.given_name.as_deref(), Some("Léa"));
        assert_eq!(person.siret, None);
        assert_eq!(person.organisation.as_deref(), Some("Rennes"));
        assert_eq!(
            read(json!({}), json!({"siret": "21350238800019"}))
                .siret
                .as_deref(),
            Some("21350238800019")
        );
    }
}
