//! What every page of the console shows: the site, the operator, the navigation and a notice.

use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Redirect;

use crate::domain::role::{Permission, Role};
use crate::operators::SignedIn;
use crate::web::language::RequestLanguage;
use crate::web::pages::Site;
use crate::web::state::Web;
use crate::words::Words;

/// What every page of the console shows. A handler takes it as an argument and passes it to its template, which extends
/// `admin/base.html`.
#[derive(Clone, Debug)]
pub(super) struct Console {
    pub(super) site: Site,
    /// The texts in the language of the request.
    pub(super) words: Words,
    /// `None` on the pages that are open to everybody, if nobody is signed in.
    pub(super) operator: Option<SignedIn>,
    path: String,
    /// What the last action did.
    pub(super) notice: Option<String>,
}

/// A link of the navigation.
#[derive(Clone, Debug)]
pub(super) struct NavigationLink {
    pub(super) path: &'static str,
    pub(super) label: String,
    pub(super) is_current: bool,
}

/// What an action did. The page after the action shows it: its word is the parameter `done` of the address.
macro_rules! notices {
    ($($(#[$doc:meta])* $variant:ident = $word:literal => $message:ident,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Notice { $($(#[$doc])* $variant,)* }

        impl Notice {
            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }

            const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            fn text(self, words: &Words) -> String {
                match self { $(Self::$variant => words.$message(),)* }
            }
        }
    };
}

notices! {
    PasswordChanged = "password" => notice_password_changed,
    SessionEnded = "session" => notice_session_ended,
    SessionsEnded = "sessions" => notice_sessions_ended,
    DraftBuilt = "built" => notice_draft_built,
    DraftChanged = "changed" => notice_draft_changed,
    DraftApproved = "approved" => notice_draft_approved,
    ApprovalWithdrawn = "withdrawn" => notice_approval_withdrawn,
    DraftCancelled = "draft-cancelled" => notice_draft_cancelled,
    TestQueued = "test" => notice_test_queued,
    SendingStarted = "sending" => notice_sending_started,
    IssuePaused = "paused" => notice_issue_paused,
    IssueResumed = "resumed" => notice_issue_resumed,
    IssueCancelled = "issue-cancelled" => notice_issue_cancelled,
    IssueSettled = "settled" => notice_issue_settled,
    /// Nothing was done, because the issue is in another state.
    IssueStateChanged = "state" => notice_issue_state_changed,
    PasskeyAdded = "passkey" => notice_passkey_added,
    PasskeyRemoved = "passkey-removed" => notice_passkey_removed,
    AuthenticatorRemoved = "authenticator" => notice_authenticator_removed,
    PasswordChosen = "chosen" => notice_password_chosen,
    LinkMailed = "mailed" => notice_link_mailed,
    OperatorInvited = "invited" => notice_operator_invited,
    InvitedAgain = "invited-again" => notice_invited_again,
    OperatorAdded = "added" => notice_operator_added,
    RoleChanged = "role" => notice_role_changed,
    EmailChanged = "email" => notice_email_changed,
    OperatorRemoved = "removed" => notice_operator_removed,
    TokenRevoked = "revoked" => notice_token_revoked,
    ArticlePublished = "article-published" => notice_article_published,
    ArticleChanged = "article-changed" => notice_article_changed,
    /// Readers have the former text.
    ArticleChangedSent = "article-changed-sent" => notice_article_changed_sent,
    /// An approval of a draft with it was withdrawn.
    ArticleChangedUnapproved = "article-changed-unapproved" => notice_article_changed_unapproved,
    ArticleUnchanged = "article-unchanged" => notice_article_unchanged,
    ArticleRetracted = "article-retracted" => notice_article_retracted,
    /// An issue with it is being sent.
    ArticleRetractedSending = "article-retracted-sending" => notice_article_retracted_sending,
    ArticleRestored = "article-restored" => notice_article_restored,
    ArticlePinned = "article-pinned" => notice_article_pinned,
    ArticleUnpinned = "article-unpinned" => notice_article_unpinned,
    ArticleNotWaiting = "article-not-waiting" => notice_article_not_waiting,
    NewsletterCreated = "newsletter-created" => notice_newsletter_created,
    NewsletterChanged = "newsletter-changed" => notice_newsletter_changed,
    NewsletterRestored = "newsletter-restored" => notice_newsletter_restored,
    NewsletterRemoved = "newsletter-removed" => notice_newsletter_removed,
    FeedAdded = "feed-added" => notice_feed_added,
    /// The newsletter reads it already.
    FeedKnown = "feed-known" => notice_feed_known,
    FeedChanged = "feed-changed" => notice_feed_changed,
    FeedDue = "feed-due" => notice_feed_due,
    FeedRemoved = "feed-removed" => notice_feed_removed,
    SignupRequested = "requested" => notice_signup_requested,
    SubscriptionEnded = "ended" => notice_subscription_ended,
    PreferencesSaved = "preferences" => notice_preferences_saved,
    Suppressed = "suppressed" => notice_suppressed,
    SuppressedBefore = "suppressed-before" => notice_suppressed_before,
    SuppressionLifted = "lifted" => notice_lifted,
    ComplaintRemains = "complaint" => notice_complaint_remains,
    NotLifted = "not-lifted" => notice_not_lifted,
    ReaderErased = "erased" => notice_erased,
    CommentShown = "shown" => notice_comment_shown,
    CommentHidden = "hidden" => notice_comment_hidden,
    CommentDeleted = "comment-deleted" => notice_comment_deleted,
    AuthorBlocked = "blocked" => notice_author_blocked,
    WebhookChanged = "webhook-changed" => notice_webhook_changed,
    WebhookEnabled = "webhook-enabled" => notice_webhook_enabled,
    WebhookDisabled = "webhook-disabled" => notice_webhook_disabled,
    WebhookRemoved = "webhook-removed" => notice_webhook_removed,
    WebhookReplayed = "webhook-replayed" => notice_webhook_replayed,
    /// Nothing was done, because somebody else changed the reader or the comment first.
    NothingDone = "nothing" => notice_nothing_done,
}

/// The answer to a form that did something: a redirect to a page, which says what was done.
pub(super) fn done(path: &str, notice: Notice) -> Redirect {
    let separator = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{separator}done={}", notice.word()))
}

/// As [`done`], and the page opens at a story.
pub(super) fn done_at(path: &str, notice: Notice, story: &str) -> Redirect {
    let story: String = url::form_urlencoded::byte_serialize(story.as_bytes()).collect();
    Redirect::to(&format!("{path}?done={}&story={story}#story-{story}", notice.word()))
}

impl Console {
    /// What the pages show that answer a request.
    pub(super) fn of(web: &Web, parts: &Parts) -> Self {
        let site = RequestLanguage::of(web, &parts.uri, &parts.headers).site(web);
        let words = site.words.clone();
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let notice = url::form_urlencoded::parse(query)
            .find_map(|(name, value)| (name == "done").then(|| Notice::parse(&value))?)
            .map(|notice| notice.text(&words));
        Self {
            site,
            words,
            operator: parts.extensions.get::<SignedIn>().cloned(),
            path: parts.uri.path().to_owned(),
            notice,
        }
    }

    /// The pages that the operator may open, in the order of the navigation.
    pub(super) fn navigation(&self) -> Vec<NavigationLink> {
        let Some(operator) = &self.operator else {
            return Vec::new();
        };
        let words = &self.words;
        // A page for all who are signed in needs what every role has.
        let pages = [
            ("/admin", Permission::ReadReports, words.console_today()),
            ("/admin/drafts", Permission::ReadReports, words.console_drafts()),
            ("/admin/issues", Permission::ReadReports, words.console_issues()),
            (
                "/admin/newsletters",
                Permission::ReadReports,
                words.console_newsletters(),
            ),
            ("/admin/articles", Permission::ReadReports, words.console_articles()),
            ("/admin/feeds", Permission::ReadReports, words.console_feeds()),
            ("/admin/readers", Permission::ReadReaders, words.console_readers()),
            (
                "/admin/comments",
                Permission::ModerateComments,
                words.console_comments(),
            ),
            (
                "/admin/suppressions",
                Permission::ReadReaders,
                words.console_suppressions(),
            ),
            (
                "/admin/returned-mail",
                Permission::ReadReaders,
                words.console_returned(),
            ),
            ("/admin/statistics", Permission::ReadReports, words.console_statistics()),
            ("/admin/relays", Permission::ReadSettings, words.console_relays()),
            ("/admin/settings", Permission::ReadSettings, words.console_settings()),
            (
                "/admin/operators",
                Permission::ManageOperators,
                words.console_operators(),
            ),
            ("/admin/webhooks", Permission::ManageWebhooks, words.console_webhooks()),
            ("/admin/audit", Permission::ReadAudit, words.console_audit()),
            ("/admin/tokens", Permission::ReadReports, words.console_tokens()),
            ("/admin/account", Permission::ReadReports, words.console_account()),
            ("/docs", Permission::ReadReports, words.console_help()),
        ];
        pages
            .into_iter()
            .filter(|(_, permission, _)| operator.may(*permission))
            .map(|(path, _, label)| NavigationLink {
                path,
                label,
                is_current: self.is_at(path),
            })
            .collect()
    }

    /// Whether the operator may do something.
    pub(super) fn may(&self, permission: Permission) -> bool {
        self.operator.as_ref().is_some_and(|operator| operator.may(permission))
    }

    /// Whether the page is the one at `path` or below it.
    fn is_at(&self, path: &str) -> bool {
        self.path == path || path != "/admin" && self.path.starts_with(&format!("{path}/"))
    }

    /// The name of a role.
    pub(super) fn role_name(&self, role: Role) -> String {
        match role {
            Role::Owner => self.words.role_owner(),
            Role::Publisher => self.words.role_publisher(),
            Role::Editor => self.words.role_editor(),
            Role::Analyst => self.words.role_analyst(),
        }
    }
}

impl FromRequestParts<Arc<Web>> for Console {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Infallible> {
        Ok(Self::of(web, parts))
    }
}

/// A page that says what happened and what to do next.
#[derive(Debug, Template)]
#[template(path = "admin/message.html")]
pub(super) struct MessagePage {
    pub(super) console: Console,
    pub(super) title: String,
    pub(super) happened: String,
    pub(super) next: String,
}
