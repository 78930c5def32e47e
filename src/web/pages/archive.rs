//! The pages of past issues: lists, and one issue as it was sent, with later corrections.

use askama::Template;

use super::article::Picture;
use super::linked::Source;
use super::signup::SignupForm;
use super::site::{Site, Stamp};
use crate::digest::correction_mark;
use crate::domain::states::CorrectionKind;
use crate::text::language::direction_within;
use crate::words::Words;

/// GET `/archive` and `/archive/{newsletter}`
#[derive(Debug, Clone, Template)]
#[template(path = "pages/archive.html")]
pub struct ArchivePage {
    pub site: Site,
    /// Slug and name of the newsletter whose issues are listed; `None` for all newsletters.
    pub newsletter: Option<(String, String)>,
    /// The newsletter's description, one line; may be empty.
    pub description: String,
    /// Slug and name of every newsletter that has an archive.
    pub newsletters: Vec<(String, String)>,
    /// The absolute address of the list.
    pub canonical: String,
    /// The latest month first, each with its issues.
    pub months: Vec<(String, Vec<PastIssueLine>)>,
    /// The path of the next page, with earlier issues; `None` on the last page.
    pub earlier: Option<String>,
    /// The form of the sign-up box.
    pub form: SignupForm,
}

/// An issue in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastIssueLine {
    /// The path of its page.
    pub href: String,
    pub number: i64,
    /// The name of the newsletter.
    pub newsletter: String,
    pub subject: String,
    /// When sending of the issue began.
    pub time: Stamp,
}

/// The page of GET `/archive/{newsletter}/{number}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/issue.html")]
pub struct IssuePage {
    pub site: Site,
    /// The slug of the newsletter.
    pub slug: String,
    /// The name of the newsletter.
    pub newsletter: String,
    pub number: i64,
    pub subject: String,
    /// The absolute address of the page.
    pub canonical: String,
    /// The issue's day as readers saw it, such as `Monday, 23 November 2026`.
    pub date_line: String,
    /// When sending of the issue began.
    pub time: Stamp,
    pub issue: IssueBody,
    /// `None` for the issue itself.
    pub edition: Option<EditionOf>,
    /// The number of the previous issue.
    pub previous: Option<i64>,
    /// The number of the next issue.
    pub next: Option<i64>,
    /// The form of the sign-up box.
    pub form: SignupForm,
}

/// What the page of an edition shows besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionOf {
    /// The path of the issue's page.
    pub issue: String,
    /// Which issues it combines, a sentence.
    pub combined: Option<String>,
}

/// The stories and corrections of an issue, on its page and in the newsletter's feed.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/parts/issue.html")]
pub struct IssueBody {
    /// The fixed texts, in the language of the page or of the feed.
    pub words: Words,
    /// The tag of the newsletter's language (BCP 47).
    pub language: String,
    pub intro: Option<String>,
    /// In the order of the issue.
    pub stories: Vec<StoryLine>,
    /// The corrections to earlier issues that this issue listed.
    pub corrections: Vec<PastCorrection>,
}

/// A story of an issue. All text is plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLine {
    /// The section heading before the story.
    pub heading: Option<String>,
    /// The tag of the heading's language.
    pub heading_language: String,
    /// The level of the headline: 3 under a section heading, otherwise 2.
    pub level: u8,
    /// The article's public id, such as `TX_080089`.
    pub public_id: String,
    pub category: Option<String>,
    /// The tag of the article's language; empty if unknown.
    pub language: String,
    pub headline: String,
    /// The path of the article's page.
    pub href: String,
    /// Empty if the article was retracted.
    pub lede: String,
    /// `None` if `digest.images` is off.
    pub picture: Option<Picture>,
    /// A sentence about the sources, such as how many there are.
    pub note: Option<String>,
    /// The leading source first.
    pub sources: Vec<Report>,
    /// Whether the article was retracted; its headline is then struck out.
    pub retracted: bool,
    /// The changes after the issue was sent, the oldest first.
    pub corrections: Vec<StoryCorrection>,
}

/// A source's report of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub source: Source,
    pub retracted: bool,
}

/// A change of an article after the issue was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryCorrection {
    pub kind: CorrectionKind,
    pub time: Stamp,
    /// The editor's note; may be empty.
    pub note: String,
    /// The public id of the changed article, if it is not the one that leads the story.
    pub article: Option<String>,
}

/// A correction to an earlier issue that an issue listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastCorrection {
    pub kind: CorrectionKind,
    pub headline: String,
    /// The address of the article's page.
    pub href: Option<String>,
    /// The editor's note; may be empty.
    pub note: String,
}

/// The page of an archive address without an issue.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/no_issue.html")]
pub struct NoIssuePage {
    pub site: Site,
    /// What was not found, a sentence.
    pub happened: String,
    /// Slug and name of the newsletter; `None` if it is unknown or has no archive.
    pub newsletter: Option<(String, String)>,
}

impl ArchivePage {
    /// Whether the page lists this newsletter.
    fn lists(&self, slug: &str) -> bool {
        self.newsletter.as_ref().is_some_and(|(listed, _)| listed == slug)
    }
}

impl NoIssuePage {
    /// The path of the list to look through.
    fn archive(&self) -> String {
        match &self.newsletter {
            Some((slug, _)) => format!("/archive/{slug}"),
            None => "/archive".to_owned(),
        }
    }
}

impl StoryCorrection {
    /// Such as `Corrected`, before the date.
    fn kind_in(&self, words: &Words) -> String {
        match self.kind {
            CorrectionKind::Corrected => words.change_corrected(),
            CorrectionKind::Retracted => words.change_retracted(),
            CorrectionKind::Restored => words.change_restored(),
        }
    }
}

impl PastCorrection {
    /// Such as `corrected`, before the headline.
    fn kind_in(&self, words: &Words) -> String {
        correction_mark(words, self.kind)
    }
}
