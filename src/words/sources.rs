//! The compiled-in Fluent files.

use super::language::Language;
use super::voice::Voice;

/// The Fluent files of one language.
#[derive(Debug)]
pub(super) struct Sources {
    /// The messages that both voices share, by the name of the file.
    pub(super) shared: &'static [(&'static str, &'static str)],
    plain: &'static str,
    radio: &'static str,
}

macro_rules! sources {
    ($folder:literal) => {
        Sources {
            shared: &[
                ("site", include_str!(concat!("../../locales/", $folder, "/site.ftl"))),
                (
                    "signup",
                    include_str!(concat!("../../locales/", $folder, "/signup.ftl")),
                ),
                (
                    "subscriptions",
                    include_str!(concat!("../../locales/", $folder, "/subscriptions.ftl")),
                ),
                (
                    "errors",
                    include_str!(concat!("../../locales/", $folder, "/errors.ftl")),
                ),
                ("mail", include_str!(concat!("../../locales/", $folder, "/mail.ftl"))),
                (
                    "comments",
                    include_str!(concat!("../../locales/", $folder, "/comments.ftl")),
                ),
                ("inbox", include_str!(concat!("../../locales/", $folder, "/inbox.ftl"))),
                (
                    "console",
                    include_str!(concat!("../../locales/", $folder, "/console.ftl")),
                ),
                (
                    "drafts",
                    include_str!(concat!("../../locales/", $folder, "/drafts.ftl")),
                ),
                (
                    "articles",
                    include_str!(concat!("../../locales/", $folder, "/articles.ftl")),
                ),
                ("feeds", include_str!(concat!("../../locales/", $folder, "/feeds.ftl"))),
                (
                    "newsletters",
                    include_str!(concat!("../../locales/", $folder, "/newsletters.ftl")),
                ),
                (
                    "access",
                    include_str!(concat!("../../locales/", $folder, "/access.ftl")),
                ),
                (
                    "moderation",
                    include_str!(concat!("../../locales/", $folder, "/moderation.ftl")),
                ),
                (
                    "returned",
                    include_str!(concat!("../../locales/", $folder, "/returned.ftl")),
                ),
                (
                    "operation",
                    include_str!(concat!("../../locales/", $folder, "/operation.ftl")),
                ),
                (
                    "readers",
                    include_str!(concat!("../../locales/", $folder, "/readers.ftl")),
                ),
                (
                    "webhooks",
                    include_str!(concat!("../../locales/", $folder, "/webhooks.ftl")),
                ),
            ],
            plain: include_str!(concat!("../../locales/", $folder, "/plain.ftl")),
            radio: include_str!(concat!("../../locales/", $folder, "/radio.ftl")),
        }
    };
}

impl Sources {
    pub(super) const fn of(language: Language) -> Self {
        match language {
            Language::English => sources!("en"),
            Language::German => sources!("de"),
            Language::French => sources!("fr"),
            Language::Spanish => sources!("es"),
            Language::Portuguese => sources!("pt"),
            Language::Italian => sources!("it"),
            Language::Polish => sources!("pl"),
            Language::SimplifiedChinese => sources!("zh-Hans"),
            Language::Japanese => sources!("ja"),
            Language::Arabic => sources!("ar"),
        }
    }

    /// The messages of one voice.
    pub(super) const fn of_voice(&self, voice: Voice) -> &'static str {
        match voice {
            Voice::Plain => self.plain,
            Voice::Radio => self.radio,
        }
    }
}
