//! The pages. Each is a struct of plain values that a handler fills, with a template in `templates/pages/`.
//!
//! Templates escape every text. Only HTML that is sanitised already is printed as it is, and its fields say so.

#![expect(missing_docs, reason = "a field without a comment is described by its name")]

mod archive;
mod article;
pub mod assets;
mod atom;
mod comments;
mod error;
mod front;
mod inbox;
mod linked;
mod manage;
mod own_page;
mod preferences;
mod privacy;
mod problems;
mod search;
mod signup;
mod site;
mod sitemap;
mod unsubscribe;

pub use archive::{
    ArchivePage, EditionOf, IssueBody, IssuePage, NoIssuePage, PastCorrection, PastIssueLine, Report, StoryCorrection,
    StoryLine,
};
pub use article::{ArticlePage, CorrectionLine, Picture, ShareData};
pub(super) use atom::{AtomEntry, AtomFeed};
pub use comments::{
    CommentLinkSentPage, CommentPage, CommentRefusedPage, CommentReportedPage, CommentsBox, CommentsElsewhere,
    OwnComment, ShownComment,
};
pub use error::ErrorPage;
pub use front::{FrontLayout, FrontPage, LatestArticle, Section, StoriesPage};
pub use inbox::{InboxLine, InboxMessagePage, InboxPage, InboxView};
pub use linked::{Headline, LatestIssue, Source, TopicLink};
pub use manage::{AddressPage, AddressStep, LostLinkPage, LostLinkSentPage, ManageLine, ManagePage};
pub use own_page::OwnPage;
pub use preferences::{LanguageChoice, PauseFields, PausePage, PreferencesPage, TopicChoice};
pub use privacy::{LinkSentPage, PrivacyAction, PrivacyPage};
pub use problems::{FieldProblem, FieldProblems};
pub use search::{SearchPage, SearchResult};
pub use signup::{
    ConfirmFailedPage, ConfirmFailure, ConfirmPage, ConfirmedPage, EmbedPage, EmbedView, NewestIssue, NewsletterChoice,
    ProofForm, ProvePage, SignupDetails, SignupForm, SubscribePage, SubscribeSentPage, TopicGroup,
};
pub use site::{Site, Stamp};
pub(super) use sitemap::{SitemapIndex, SitemapPage, SitemapPart};
pub use unsubscribe::{AfterLeaving, RestoredPage, UnsubscribePage, UnsubscribedPage};

/// The maximum characters of a lede on the front page, on an article's page and in the site's feed.
pub(super) const LEDE_CHARS: usize = 280;
