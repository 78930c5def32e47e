//! The identifiers that a feed gives an entry: its guid, its address, and the fragment of that address.

use url::Url;

use crate::domain::canonical_url::{canonicalise, is_tracking};
use crate::feeds::parse::Entry;

/// The guid without surrounding blanks; `None` if the feed gives none.
pub(in crate::ingest) fn guid(entry: &Entry) -> Option<&str> {
    entry.id.as_deref().map(str::trim).filter(|guid| !guid.is_empty())
}

/// The address without the parts that do not identify the page, such as tracking parameters and the fragment.
pub(in crate::ingest) fn canonical_url(entry: &Entry) -> Option<String> {
    let url = Url::parse(entry.url.as_deref()?).ok()?;
    Some(canonicalise(&url))
}

/// The fragment of an address, if it may name one of several articles on a page.
pub(super) fn fragment(url: Option<&str>) -> Option<String> {
    let url = Url::parse(url?).ok()?;
    let fragment = url.fragment().filter(|fragment| !fragment.is_empty())?;
    let name = fragment.split_once('=').map_or(fragment, |(name, _)| name);
    // In every browser, `#top` is the beginning of the page.
    let names_no_part = fragment.eq_ignore_ascii_case("top") || is_tracking(name);
    (!names_no_part).then(|| fragment.to_owned())
}

/// Whether both addresses have a fragment, and the fragments differ.
pub(super) fn fragments_differ(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((fragment(one), fragment(other)), (Some(one), Some(other)) if one != other)
}
