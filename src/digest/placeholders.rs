//! Placeholders for a subscriber's own links. An issue is rendered once for everybody; each message gets its links when it is sent.

/// Replaced by the subscriber's unsubscribe link in each message.
///
/// It consists of letters and underscores only, so that HTML escaping, CSS inlining and quoted-printable do not change it. Text from
/// outside that contains it is put into lower case ([`safe_text`](super::safe_text)). Otherwise an article could contain it in an
/// address of its own, and receive the subscriber's link.
pub const UNSUBSCRIBE_PLACEHOLDER: &str = "DAYWIRE_UNSUBSCRIBE_LINK_OF_THIS_READER";
/// Replaced likewise by the link to the subscriber's preferences.
pub const PREFERENCES_PLACEHOLDER: &str = "DAYWIRE_PREFERENCES_LINK_OF_THIS_READER";

/// Replaced likewise by the link to the page of an edition. All its messages have the same one.
pub(super) const PAGE_PLACEHOLDER: &str = "DAYWIRE_PAGE_LINK_OF_THIS_EDITION";

/// What stands for the page of an edition while it is compiled; `None` if its issue gets no page either.
pub(super) fn page_of_edition(page_of_issue: Option<&str>) -> Option<String> {
    page_of_issue.map(|_| PAGE_PLACEHOLDER.to_owned())
}

/// Replaces the placeholder of an edition's page in a part of the edition.
pub(super) fn with_page(part: &str, page: &str) -> String {
    part.replace(PAGE_PLACEHOLDER, page)
}

/// Replaces the placeholders in a part of an issue. `base` is the site's address without a slash at its end; `token` is the
/// subscription's unsubscribe token.
#[must_use]
pub fn with_links(part: &str, base: &str, token: &str) -> String {
    part.replace(UNSUBSCRIBE_PLACEHOLDER, &format!("{base}/unsubscribe/{token}"))
        .replace(PREFERENCES_PLACEHOLDER, &format!("{base}/preferences/{token}"))
}
