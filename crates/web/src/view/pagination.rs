//! Links to the other pages of a list.

/// One link of the pagination.
#[derive(Debug, Clone, Default)]
pub struct PageLink {
    /// Number, formatted; an ellipsis for a gap.
    pub label: String,
    /// Address; none for a gap.
    pub href: Option<String>,
    /// Whether it is the page shown.
    pub current: bool,
}

/// The other pages of a list; empty when there is one page only.
#[derive(Debug, Clone, Default)]
pub struct Pagination {
    /// Previous page.
    pub previous: Option<String>,
    /// Next page.
    pub next: Option<String>,
    /// First, last and neighbouring pages.
    pub pages: Vec<PageLink>,
}

impl Pagination {
    /// The links around page `current` (from 1) out of `last`; `href` gives the address of a page.
    pub fn new(current: usize, last: usize, href: impl Fn(usize) -> String) -> Self {
        if last <= 1 {
            return Self::default();
        }
        let mut pages = Vec::new();
        let mut before = 0;
        let shown = |page: usize| page == 1 || page == last || page.abs_diff(current) <= 1;
        let candidates = [
            1,
            current.saturating_sub(1),
            current,
            current.saturating_add(1),
            last,
        ];
        for page in candidates
            .into_iter()
            .filter(|page| (1..=last).contains(page) && shown(*page))
        {
            if page <= before {
                continue;
            }
            // A gap of one page is that page.
            if page == before + 2 {
                pages.push(Self::link(before + 1, current, &href));
            } else if page > before + 2 {
                pages.push(PageLink {
                    label: "…".to_owned(),
                    href: None,
                    current: false,
                });
            }
            pages.push(Self::link(page, current, &href));
            before = page;
        }
        Self {
            previous: (current > 1).then(|| href(current.min(last + 1) - 1)),
            next: (current < last).then(|| href(current + 1)),
            pages,
        }
    }

    fn link(page: usize, current: usize, href: &impl Fn(usize) -> String) -> PageLink {
        let number = u64::try_from(page).unwrap_or(u64::MAX);
        PageLink {
            label: crate::locale::integer(number),
            href: Some(href(page)),
            current: page == current,
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(current: usize, last: usize) -> String {
        let pagination = Pagination::new(current, last, |page| format!("?page={page}"));
        let shown: Vec<String> = pagination
            .pages
            .into_iter()
            .map(|page| {
                if page.current {
                    format!("[{}]", page.label)
                } else {
                    page.label
                }
            })
            .collect();
        shown.join(" ")
    }

    #[test]
    fn first_last_and_neighbours_are_shown() {
        for (current, last, expected) in [
            (1, 1, ""),
            (1, 2, "[1] 2"),
            (1, 5, "[1] 2 … 5"),
            (3, 5, "1 2 [3] 4 5"),
            (4, 5, "1 2 3 [4] 5"),
            (50, 100, "1 … 49 [50] 51 … 100"),
            (1, 2917, "[1] 2 … 2\u{202f}917"),
            (9, 3, "1 2 3"),
        ] {
            assert_eq!(labels(current, last), expected, "{current}/{last}");
        }
    }

    #[test]
    fn a_page_beyond_the_last_leads_back_to_it() {
        let pagination = Pagination::new(9, 3, |page| page.to_string());
        assert_eq!(pagination.previous.as_deref(), Some("3"));
        assert!(pagination.next.is_none());
    }
}
