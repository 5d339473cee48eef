//! Bodies of public pages that did not change: kept in memory under their validator, within a fixed weight.

use std::sync::{Arc, OnceLock};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::assets::{accepts_gzip, gzip};

/// One page, ready to be sent.
#[derive(Debug)]
pub struct Page {
    validator: String,
    media_type: &'static str,
    plain: Bytes,
    /// Made when it is first asked for: a page that nobody asks twice may never need it.
    gzip: OnceLock<Option<Bytes>>,
}

#[derive(Debug, Clone)]
struct ByWeight;

impl Weighter<String, Arc<Page>> for ByWeight {
    fn weight(&self, key: &String, page: &Arc<Page>) -> u64 {
        // The compressed form may come later; pages shrink to a quarter or less.
        let bytes = key.len() + page.plain.len() + page.plain.len() / 4 + 200;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// The pages kept in memory.
#[derive(Debug)]
pub struct PageCache {
    pages: Option<Cache<String, Arc<Page>, ByWeight>>,
}

/// Addresses longer than this are answered and not kept: nobody shares them, and keys take room too.
const LONGEST_KEY: usize = 400;

impl PageCache {
    /// A cache of at most so many bytes; zero keeps nothing.
    pub fn new(bytes: u64) -> Self {
        let pages = (bytes > 0).then(|| {
            let items = usize::try_from(bytes / 20_000).unwrap_or(1000).max(16);
            Cache::with_weighter(items, bytes, ByWeight)
        });
        Self { pages }
    }

    /// The page kept for this address, when it was made under the same validator.
    pub fn get(&self, address: &str, validator: &str) -> Option<Arc<Page>> {
        self.pages
            .as_ref()?
            .get(address)
            .filter(|page| page.validator == validator)
    }

    /// Keeps a page and gives it back.
    pub fn keep(
        &self,
        address: &str,
        validator: String,
        media_type: &'static str,
        body: String,
    ) -> Arc<Page> {
        let plain = Bytes::from(body);
        let page = Arc::new(Page {
            validator,
            media_type,
            plain,
            gzip: OnceLock::new(),
        });
        if let Some(pages) = &self.pages
            && address.len() <= LONGEST_KEY
        {
            pages.insert(address.to_owned(), Arc::clone(&page));
        }
        page
    }
}

impl Page {
    /// The compressed form, when it is worth its while.
    fn packed(&self) -> Option<&Bytes> {
        let pack = || {
            (self.plain.len() > 800)
                .then(|| gzip(&self.plain, 6))
                .flatten()
                .map(Bytes::from)
        };
        self.gzip.get_or_init(pack).as_ref()
    }

    /// The answer: 304 when the client holds this very page.
    pub fn respond(&self, headers: &HeaderMap) -> Response {
        let mut response = if matches_validator(headers, &self.validator) {
            let mut empty = Response::new(Body::empty());
            *empty.status_mut() = StatusCode::NOT_MODIFIED;
            empty
        } else {
            let packed = if accepts_gzip(headers) {
                self.packed()
            } else {
                None
            };
            let mut full = Response::new(Body::from(packed.unwrap_or(&self.plain).clone()));
            full.headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
            if packed.is_some() {
                full.headers_mut()
                    .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            full
        };
        add_validators(response.headers_mut(), &self.validator);
        response
    }
}

/// Sets the validator and the rule that a shared copy is checked before use.
pub fn add_validators(headers: &mut HeaderMap, validator: &str) {
    if let Ok(value) = HeaderValue::from_str(validator) {
        headers.insert(header::ETAG, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding, cookie"));
}

/// Whether the client already holds what the validator names.
pub fn matches_validator(headers: &HeaderMap, validator: &str) -> bool {
    headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value.split(',').any(|item| {
                let item = item.trim();
                item == "*" || item.trim_start_matches("W/") == validator.trim_start_matches("W/")
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_page_made_under_another_validator_is_not_served() {
        let cache = PageCache::new(1_000_000);
        cache.keep("/a", "W/\"1\"".into(), "text/html", "corps".into());
        assert!(cache.get("/a", "W/\"1\"").is_some());
        assert!(cache.get("/a", "W/\"2\"").is_none());
        assert!(cache.get("/b", "W/\"1\"").is_none());
    }

    #[test]
    fn a_client_that_holds_the_page_gets_no_body() {
        let cache = PageCache::new(0);
        let page = cache.keep("/a", "W/\"1\"".into(), "text/html", "corps".into());
        assert_eq!(
            page.respond(&with(header::IF_NONE_MATCH, "\"0\", W/\"1\""))
                .status(),
            StatusCode::NOT_MODIFIED
        );
        assert_eq!(
            page.respond(&with(header::IF_NONE_MATCH, "\"0\"")).status(),
            StatusCode::OK
        );
    }

    #[test]
    fn the_weight_is_bounded() {
        let cache = PageCache::new(100_000);
        for n in 0..200 {
            cache.keep(&format!("/{n}"), "W/\"1\"".into(), "text/html", "x".repeat(5_000));
        }
        let kept = (0..200)
            .filter(|n| cache.get(&format!("/{n}"), "W/\"1\"").is_some())
            .count();
        assert!(kept > 0 && kept <= 20, "{kept}");
    }
}
