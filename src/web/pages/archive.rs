//! Past issues: the lists of them, and one as it was sent, with what was corrected since.

use askama::Template;

use super::{Picture, SignupForm, Site, Source, Stamp};
use crate::text::language::is_rtl;
use crate::words::Voice;

/// GET `/archive` and `/archive/{newsletter}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/archive.html")]
pub struct ArchivePage {
    /// The site.
    pub site: Site,
    /// Slug and name of the newsletter whose issues are listed; none: all.
    pub newsletter: Option<(String, String)>,
    /// What that newsletter is, in one line; may be empty.
    pub description: String,
    /// Slug and name of every newsletter that has an archive.
    pub newsletters: Vec<(String, String)>,
    /// The issues, the latest first.
    pub issues: Vec<PastIssueLine>,
    /// Where the list goes on with earlier ones, relative to the root.
    pub earlier: Option<String>,
    /// The sign-up box.
    pub form: SignupForm,
}

/// One past issue in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastIssueLine {
    /// Its page, relative to the root.
    pub href: String,
    /// Its number.
    pub number: i64,
    /// Its newsletter's name.
    pub newsletter: String,
    /// Its subject.
    pub subject: String,
    /// When it was sent.
    pub time: Stamp,
}

/// GET `/archive/{newsletter}/{number}`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/issue.html")]
pub struct IssuePage {
    /// The site.
    pub site: Site,
    /// Its newsletter's slug.
    pub slug: String,
    /// Its newsletter's name.
    pub newsletter: String,
    /// Its number.
    pub number: i64,
    /// Its subject.
    pub subject: String,
    /// The day it is of, as people read it.
    pub date_line: String,
    /// When it was sent.
    pub time: Stamp,
    /// What it says.
    pub issue: IssueBody,
    /// The number of the issue before.
    pub previous: Option<i64>,
    /// The number of the issue after.
    pub next: Option<i64>,
    /// The sign-up box.
    pub form: SignupForm,
}

/// What an issue says, on its page and in the newsletter's feed.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/parts/issue.html")]
pub struct IssueBody {
    /// `site.voice`.
    pub voice: Voice,
    /// The language of the frame and of most stories (BCP 47).
    pub language: String,
    /// A word from the editor.
    pub intro: Option<String>,
    /// The stories in their order.
    pub stories: Vec<StoryLine>,
    /// What it corrected in earlier issues.
    pub corrections: Vec<PastCorrection>,
}

/// One story of an issue. All text is plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryLine {
    /// The heading before it.
    pub heading: Option<String>,
    /// The tag of that heading's language.
    pub heading_language: String,
    /// Of its headline: 3 under a heading, else 2.
    pub level: u8,
    /// The id readers see, such as `TX_080089`.
    pub public_id: String,
    /// Its topic.
    pub category: Option<String>,
    /// The tag of its language; empty: unknown.
    pub language: String,
    /// The headline.
    pub headline: String,
    /// The article's page.
    pub href: String,
    /// Its first lines; empty if it was retracted.
    pub lede: String,
    /// Its picture, if the site shows any.
    pub picture: Option<Picture>,
    /// How it was reported.
    pub note: Option<String>,
    /// Who reported it, the leading one first.
    pub sources: Vec<Report>,
    /// Whether its article was taken back: its headline is struck.
    pub retracted: bool,
    /// What was corrected since, the oldest first.
    pub since: Vec<Since>,
}

/// Who reported a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Name and address.
    pub source: Source,
    /// Whether the report was taken back.
    pub retracted: bool,
}

/// What happened to an article after the issue was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// `Corrected` or `Retracted`.
    pub kind: &'static str,
    /// When.
    pub time: Stamp,
    /// What was corrected, or why it was taken back; may be empty.
    pub note: String,
    /// Which article, if it is not the one that leads the story.
    pub of: Option<String>,
}

/// What an issue corrected in earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastCorrection {
    /// `corrected` or `retracted`.
    pub kind: &'static str,
    /// The headline.
    pub headline: String,
    /// The article's page.
    pub href: Option<String>,
    /// What was wrong; may be empty.
    pub note: String,
}

/// For an address in the archive where there is no issue.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/no_issue.html")]
pub struct NoIssuePage {
    /// The site.
    pub site: Site,
    /// What is not there, a sentence.
    pub happened: String,
    /// Slug and name of the newsletter, if there is one.
    pub newsletter: Option<(String, String)>,
}

impl ArchivePage {
    /// Whether the page is that newsletter's.
    fn is_of(&self, slug: &str) -> bool {
        self.newsletter.as_ref().is_some_and(|(own, _)| own == slug)
    }
}
