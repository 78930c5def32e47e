//! A post of another system, in the form that all exports share.

use chrono::{DateTime, NaiveDateTime, Utc};

/// Whether a post was public at the other system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Visibility {
    Public,
    /// Only its members or payers could read it. Contains who, in the other system's word.
    Members(String),
    /// It was not published, such as a draft. Contains the state, in the other system's word.
    Unpublished(String),
    /// It is no post, such as a page. Contains what it is.
    NoPost(String),
}

/// A post, as the other system exported it.
#[derive(Clone, Debug)]
pub(super) struct Post {
    /// Where it is in the export, for the report.
    pub(super) place: String,
    /// The id, which begins with the name of the system.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) published: Option<DateTime<Utc>>,
    pub(super) authors: Vec<String>,
    pub(super) category: Option<String>,
    pub(super) language: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) image: Option<String>,
    pub(super) image_alt: Option<String>,
    pub(super) html: String,
    /// The paths at which it was.
    pub(super) old_paths: Vec<String>,
    pub(super) visibility: Visibility,
}

/// A post, or the place of one that cannot be used and why.
pub(super) type Read = Result<Post, (String, String)>;

/// A time as exports write it: RFC 3339, or `2026-11-23 07:30:00` in UTC.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let forms = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f UTC"];
    let naive = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    if let Some(naive) = naive {
        return Some(naive.and_utc());
    }
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

/// The text, or `None` if it shows nothing.
pub(super) fn non_empty(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.trim().is_empty())
}
