//! Expressions that mean the same, read once from the table beside this file.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::analyse::{Form, Stems};

const TABLE: &str = include_str!("synonyms.txt");

/// An expression: its words, each with its place in it.
pub type Expression = Vec<(u32, Form)>;

/// The groups of expressions, found by the stem that an expression begins with.
pub struct Synonyms {
    groups: Vec<Vec<Expression>>,
    by_first: HashMap<String, Vec<(usize, usize)>>,
}

impl Synonyms {
    /// The embedded table.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Synonyms> = LazyLock::new(|| Synonyms::parse(TABLE));
        &EMBEDDED
    }

    fn parse(table: &str) -> Self {
        let mut stems = Stems::default();
        let groups: Vec<Vec<Expression>> = table
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .map(|line| {
                line.split(',')
                    .map(|text| stems.forms(text))
                    .filter(|forms| !forms.is_empty())
                    .collect()
            })
            .collect();
        let mut by_first: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (group, expressions) in groups.iter().enumerate() {
            for (entry, expression) in expressions.iter().enumerate() {
                if let Some((_, first)) = expression.first() {
                    by_first
                        .entry(first.stem.clone())
                        .or_default()
                        .push((group, entry));
                }
            }
        }
        Self { groups, by_first }
    }

    /// The longest expression that these words begin with: how many words it takes, and the other expressions of
    /// its groups.
    pub fn of(&self, words: &[(u32, Form)]) -> Option<(usize, Vec<&Expression>)> {
        let (_, first) = words.first()?;
        let begins = |expression: &Expression| {
            expression.len() <= words.len()
                && expression
                    .iter()
                    .zip(words)
                    .all(|((_, a), (_, b))| a.stem == b.stem)
        };
        let found: Vec<(usize, usize, usize)> = self
            .by_first
            .get(&first.stem)?
            .iter()
            .filter_map(|(group, entry)| {
                let expression = self.groups.get(*group)?.get(*entry)?;
                begins(expression).then_some((expression.len(), *group, *entry))
            })
            .collect();
        let longest = found.iter().map(|(length, ..)| *length).max()?;
        let others = found
            .iter()
            .filter(|(length, ..)| *length == longest)
            .filter_map(|(_, group, entry)| Some((self.groups.get(*group)?, *entry)))
            .flat_map(|(group, entry)| {
                group
                    .iter()
                    .enumerate()
                    .filter(move |(other, _)| *other != entry)
                    .map(|(_, expression)| expression)
            })
            .collect();
        Some((longest, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_holds_several_expressions_and_each_finds_the_others() {
        let synonyms = Synonyms::embedded();
        for group in &synonyms.groups {
            assert!(group.len() >= 2, "{group:?}");
            for expression in group {
                let (taken, others) = synonyms.of(expression).unwrap();
                assert_eq!(taken, expression.len());
                assert!(others.len() + 1 >= group.len(), "{expression:?}");
            }
        }
    }

    #[test]
    fn the_longest_expression_is_taken() {
        let words = Stems::default().forms("grand modèle de langue hébergé");
        assert_eq!(Synonyms::embedded().of(&words).unwrap().0, 3);
    }
}
