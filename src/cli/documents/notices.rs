//! The notices to the operators, for the page about mails.

/// The notices: the file that sends them, and for each subject, as it is written there, when it is sent.
pub(super) const NOTICES: &[(&str, &[(&str, &str)])] = &[
    (
        "notices.rs",
        &[
            (
                "{name} is paused",
                "the relay refuses the sender, the message or most recipients of an issue, or does not let Daywire log in",
            ),
            (
                "Your template {name} failed",
                "a template of your own failed on real data; the built-in one was used",
            ),
        ],
    ),
    (
        "schedule/draft_notices.rs",
        &[
            (
                "{} no. {} is held back",
                "preflight blocks a draft of a scheduled issue",
            ),
            (
                "{} no. {} waits for approval",
                "a draft of a newsletter with `approval = \"required\"` was compiled",
            ),
        ],
    ),
    (
        "digest/drafts.rs",
        &[(
            "{name} waits for approval again",
            "an article of an approved issue was corrected or retracted",
        )],
    ),
    (
        "bounce/rate_alerts.rs",
        &[
            (
                "Many messages come back",
                "bounces or complaints reach a limit at which Daywire warns",
            ),
            (
                "{name} is paused: many messages come back",
                "they reach the limit at which it pauses the issue",
            ),
            (
                "{name} and {} are paused: many messages come back",
                "they reach the limits of several issues at once",
            ),
        ],
    ),
    (
        "bounce/imap_poller/lease.rs",
        &[(
            "The mailbox for returned mail cannot be read",
            "the mailbox of `[intake.imap]` could not be read for an hour",
        )],
    ),
    (
        "delivery/token_notices.rs",
        &[(
            "The relay {relay} gets no access token",
            "the token endpoint of a relay has failed for an hour; at most once a day for each relay",
        )],
    ),
    (
        "ingest/failure_notices.rs",
        &[
            ("A feed cannot be read: {}", "a feed fails for `feeds.notice_after`"),
            ("A feed is gone: {}", "a feed was removed by its server (410)"),
            ("{} feeds cannot be read", "several feeds fail for `feeds.notice_after`"),
        ],
    ),
    (
        "ingest/limits.rs",
        &[(
            "A feed brings too much: {name}",
            "a feed brings more entries than `feeds.max_new_per_fetch` or `feeds.max_new_per_day`",
        )],
    ),
    (
        "comments/moderation.rs",
        &[(
            "Comments wait for your decision",
            "comments are held or reported; at most once an hour",
        )],
    ),
    (
        "webhooks/outcome.rs",
        &[
            ("The webhook {} fails", "an event for a webhook was given up"),
            (
                "The webhook {} is disabled",
                "its address answered 410, or every attempt failed for `webhooks.disable_after`",
            ),
        ],
    ),
];
