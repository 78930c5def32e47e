//! Entries of the audit log: who changed something, in which way, and what.

#![expect(missing_docs, reason = "the word of an action says what was done")]

use super::ids::OperatorId;
use super::state_words::states;

states! {
    /// The way in which a change was made.
    Way {
        /// On a page of the console.
        Console = "console",
        /// By a request to the API.
        Api = "api",
        /// By a command on the machine.
        Command = "command",
    }
}

states! {
    /// What was done. The first part of the word is the kind of the object.
    AuditAction {
        OperatorAdded = "operator.added",
        OperatorInvited = "operator.invited",
        OperatorRemoved = "operator.removed",
        OperatorRoleChanged = "operator.role_changed",
        OperatorEmailChanged = "operator.email_changed",
        OperatorPasswordChanged = "operator.password_changed",
        OperatorResetRequested = "operator.reset_requested",
        OperatorSignedIn = "operator.signed_in",
        OperatorSignedOut = "operator.signed_out",
        /// Sessions of an operator were ended from another one, or by a command.
        OperatorSessionsEnded = "operator.sessions_ended",
        OperatorTotpEnabled = "operator.totp_enabled",
        OperatorTotpDisabled = "operator.totp_disabled",
        OperatorRecoveryCodesMade = "operator.recovery_codes_made",
        OperatorRecoveryCodeUsed = "operator.recovery_code_used",
        OperatorPasskeyAdded = "operator.passkey_added",
        OperatorPasskeyRemoved = "operator.passkey_removed",
        /// A passkey counted fewer signatures than before: it may have been copied.
        OperatorPasskeyRefused = "operator.passkey_refused",
        /// An account at the identity provider signs the operator in from now on.
        OperatorIdentityLinked = "operator.identity_linked",
        OperatorIdentityUnlinked = "operator.identity_unlinked",
        TokenCreated = "token.created",
        TokenRevoked = "token.revoked",
        IssueBuilt = "issue.built",
        IssueEdited = "issue.edited",
        IssueApproved = "issue.approved",
        IssueApprovalWithdrawn = "issue.approval_withdrawn",
        IssueTested = "issue.tested",
        IssueSent = "issue.sent",
        IssuePaused = "issue.paused",
        IssueResumed = "issue.resumed",
        IssueCancelled = "issue.cancelled",
        /// Deliveries in doubt were settled.
        IssueSettled = "issue.settled",
        ArticleAdded = "article.added",
        ArticleEdited = "article.edited",
        ArticleRated = "article.rated",
        ArticleRetracted = "article.retracted",
        ArticleRestored = "article.restored",
        NewsletterCreated = "newsletter.created",
        NewsletterChanged = "newsletter.changed",
        NewsletterRemoved = "newsletter.removed",
        /// A removed newsletter exists again.
        NewsletterRestored = "newsletter.restored",
        FeedAdded = "feed.added",
        FeedChanged = "feed.changed",
        FeedRemoved = "feed.removed",
        /// It was made due now.
        FeedResumed = "feed.resumed",
        /// A newsletter reads the feeds of a list. The object is the newsletter.
        FeedsImported = "feed.imported",
        /// An operator asked for a confirmation mail to an address.
        ReaderSignupRequested = "reader.signup_requested",
        ReaderUnsubscribed = "reader.unsubscribed",
        ReaderPreferencesChanged = "reader.preferences_changed",
        /// An operator downloaded everything on record about an address.
        ReaderExported = "reader.exported",
        ReaderErased = "reader.erased",
        /// An import of readers into a newsletter began. Without the entry of its end, it stopped in between.
        ReadersImportBegun = "reader.import_begun",
        /// An import of readers into a newsletter ended.
        ReadersImported = "reader.imported",
        /// A file with suppressed addresses was imported.
        SuppressionsImported = "suppression.imported",
        SuppressionAdded = "suppression.added",
        SuppressionLifted = "suppression.lifted",
        /// An operator downloaded all suppressions.
        SuppressionsExported = "suppression.exported",
        CommentApproved = "comment.approved",
        CommentRejected = "comment.rejected",
        CommentDeleted = "comment.deleted",
        WebhookAdded = "webhook.added",
        WebhookChanged = "webhook.changed",
        WebhookRemoved = "webhook.removed",
        WebhookSecretRotated = "webhook.secret_rotated",
        WebhookEnabled = "webhook.enabled",
        WebhookDisabled = "webhook.disabled",
        WebhookReplayed = "webhook.replayed",
        /// The database was restored from a backup. The object is the file.
        DatabaseRestored = "database.restored",
    }
}

impl AuditAction {
    /// The kind of what was changed, such as `operator`.
    #[must_use]
    pub fn object_kind(self) -> &'static str {
        self.as_str().split_once('.').map_or("", |(kind, _)| kind)
    }
}

/// Who makes a change, and in which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `None` for a person at the command line who named no operator.
    pub operator_id: Option<OperatorId>,
    /// The name of the operator, or of the person at the command line.
    pub name: String,
    pub way: Way,
}

impl Actor {
    /// A person at the command line, by the name that the machine knows.
    #[must_use]
    pub fn at_command_line(name: impl Into<String>) -> Self {
        Self {
            operator_id: None,
            name: name.into(),
            way: Way::Command,
        }
    }
}
