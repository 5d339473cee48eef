//! `robots.txt`, as far as a checker of links needs it (RFC 9309): whether one path may be asked.

/// Name that rules may give us, in lower case.
pub const NAME: &str = "sobria";
/// Most rules read.
const RULES: usize = 2000;

/// Whether the rules of a site let us ask for a path with its query.
pub fn allows(text: &str, path: &str) -> bool {
    let own = rules(text, |agent| agent.eq_ignore_ascii_case(NAME));
    let rules = if own.is_empty() {
        rules(text, |agent| agent == "*")
    } else {
        own
    };
    // The longest rule that fits wins; of two of one length, the one that allows.
    rules
        .iter()
        .filter(|(_, pattern)| fits(pattern, path))
        .max_by_key(|(allow, pattern)| (pattern.len(), *allow))
        .is_none_or(|(allow, _)| *allow)
}

/// The rules of the groups that name an agent: whether each allows, and its pattern.
fn rules(text: &str, names: impl Fn(&str) -> bool) -> Vec<(bool, &str)> {
    let mut found = Vec::new();
    let (mut ours, mut in_rules) = (false, false);
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or("");
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        match key.as_str() {
            "user-agent" => {
                // Names that follow one another share the rules below them.
                ours = (ours && !in_rules) || names(value);
                in_rules = false;
            }
            "allow" | "disallow" => {
                in_rules = true;
                if ours && !value.is_empty() && found.len() < RULES {
                    found.push((key == "allow", value));
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a pattern with `*` and a final `$` fits the beginning of a path; linear in both but for the stars, which are
/// taken greedily from the left.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut rest = path;
    let mut pieces = pattern.split('*').peekable();
    let Some(first) = pieces.next() else {
        return true;
    };
    let Some(after) = rest.strip_prefix(first) else {
        return false;
    };
    rest = after;
    while let Some(piece) = pieces.next() {
        if whole && pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = rest.get(at + piece.len()..).unwrap_or("");
    }
    !whole || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rule_of_our_group_decides() {
        let text = "User-agent: *\nDisallow: /prive # rien ici\nAllow: /prive/ouvert\n\nUser-agent: autre\nDisallow: /\n";
        for (path, allowed) in [
            ("/", true),
            ("/prive", false),
            ("/prive/x", false),
            ("/prive/ouvert/a", true),
            ("/public", true),
        ] {
            assert_eq!(allows(text, path), allowed, "{path}");
        }
        let ours = "User-agent: autre\nUser-agent: Sobria\nDisallow: /\n\nUser-agent: *\nAllow: /\n";
        assert!(!allows(ours, "/x"));
        assert!(allows("", "/x") && allows("Disallow: /", "/x") && allows("User-agent: *\nDisallow:", "/x"));
    }

    #[test]
    fn stars_and_ends_are_understood() {
        for (pattern, path, fit) in [
            ("/*.pdf$", "/a/b.pdf", true),
            ("/*.pdf$", "/a/b.pdf?x", false),
            ("/a*c", "/abbc/d", true),
            ("/a$", "/a", true),
            ("/a$", "/ab", false),
            ("/é*", "/école", true),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }
}
