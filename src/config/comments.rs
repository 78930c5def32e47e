//! `[comments]`: who keeps the comments on articles, and the limits of those that the program keeps itself.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::error::Problem;
use super::value::{Setting, optional, required, whole};

/// The settings of the section `[comments]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comments {
    /// Who keeps the comments.
    #[serde(deserialize_with = "required")]
    pub provider: CommentProvider,
    /// The most characters of a comment.
    #[serde(deserialize_with = "whole::<1, 20_000, _, _>")]
    pub max_length: usize,
    /// The most comments of one reader in an hour.
    #[serde(deserialize_with = "whole::<1, 1000, _, _>")]
    pub per_reader_per_hour: u32,
    /// The most comments of all readers together in an hour.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub per_hour: u32,
    /// The most links, comments and reports that one network can ask for in an hour.
    #[serde(deserialize_with = "whole::<1, 1_000_000, _, _>")]
    pub per_network_per_hour: u32,
    /// How long a link to comment works.
    #[serde(deserialize_with = "required")]
    pub link_ttl: Duration,
    /// How long a rejected comment is kept.
    #[serde(deserialize_with = "required")]
    pub keep_rejected: Duration,
    giscus: Giscus,
    remark42: Remark42,
    isso: Isso,
    /// The other server that keeps the comments; `None` for `none` and `builtin`.
    #[serde(skip)]
    pub service: Option<CommentService>,
}

/// Who keeps the comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentProvider {
    /// There are no comments.
    None,
    /// GitHub, shown by giscus.
    Giscus,
    /// A Remark42 server keeps the comments.
    Remark42,
    /// An Isso server keeps the comments.
    Isso,
    /// The program itself keeps the comments.
    Builtin,
}

impl CommentProvider {
    const ALL: [Self; 5] = [Self::None, Self::Giscus, Self::Remark42, Self::Isso, Self::Builtin];

    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Giscus => "giscus",
            Self::Remark42 => "remark42",
            Self::Isso => "isso",
            Self::Builtin => "builtin",
        }
    }
}

impl Setting for CommentProvider {
    const ALLOWED: &'static str = "\"none\", \"giscus\", \"remark42\", \"isso\" or \"builtin\"";

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text)
    }
}

/// The settings of the section `[comments.giscus]`, as <https://giscus.app> shows them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Giscus {
    #[serde(deserialize_with = "required")]
    url: CommentServer,
    #[serde(deserialize_with = "optional")]
    repo: Option<String>,
    #[serde(deserialize_with = "optional")]
    repo_id: Option<String>,
    #[serde(deserialize_with = "optional")]
    category: Option<String>,
    #[serde(deserialize_with = "optional")]
    category_id: Option<String>,
}

/// The settings of the section `[comments.remark42]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remark42 {
    #[serde(deserialize_with = "optional")]
    url: Option<CommentServer>,
    #[serde(deserialize_with = "optional")]
    site_id: Option<String>,
}

/// The settings of the section `[comments.isso]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Isso {
    #[serde(deserialize_with = "optional")]
    url: Option<CommentServer>,
}

/// Another server that keeps the comments. Its script shows them on an article's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentService {
    /// Discussions of a repository at GitHub ([giscus](https://giscus.app)).
    Giscus {
        /// The server with giscus's script.
        server: CommentServer,
        /// The GitHub repository, as `OWNER/NAME`.
        repo: String,
        /// The id by which GitHub's API names the repository.
        repo_id: String,
        /// The name of the category of discussions.
        category: String,
        /// The id by which GitHub's API names the category.
        category_id: String,
    },
    /// Comments that a [Remark42](https://remark42.com) server keeps.
    Remark42 {
        /// The server with Remark42's script and the comments.
        server: CommentServer,
        /// The name of the site at the server.
        site_id: String,
    },
    /// Comments that an [Isso](https://isso-comments.de) server keeps.
    Isso {
        /// The server with Isso's script and the comments.
        server: CommentServer,
    },
}

impl CommentService {
    /// The server whose scripts the page loads.
    #[must_use]
    pub const fn server(&self) -> &CommentServer {
        match self {
            Self::Giscus { server, .. } | Self::Remark42 { server, .. } | Self::Isso { server } => server,
        }
    }
}

/// The address of a server for comments. It is shown without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentServer(Url);

impl CommentServer {
    /// Scheme, host and port, for a content security policy.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host, by which readers know who keeps the comments.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl std::fmt::Display for CommentServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl Setting for CommentServer {
    const ALLOWED: &'static str = "an http or https address, such as \"https://comments.example.org\"";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        // The origin becomes a source of a content security policy, where some characters would be a pattern or end a directive.
        let is_safe = url.host_str().is_some_and(|host| {
            host.chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'))
        });
        (matches!(url.scheme(), "http" | "https") && is_plain && is_safe).then_some(Self(url))
    }
}

impl Comments {
    /// Reads the settings of the chosen service. The error has the path of the section.
    pub(super) fn finish(&mut self) -> Result<(), (String, Problem)> {
        let missing = |key: &'static str| {
            let provider = self.provider.as_str();
            let reason =
                format!("is empty, but comments.provider is \"{provider}\"; set it, or choose another provider");
            (format!("comments.{provider}"), Problem::new(key, reason))
        };
        let Self {
            giscus, remark42, isso, ..
        } = &*self;
        self.service = match self.provider {
            CommentProvider::None | CommentProvider::Builtin => None,
            CommentProvider::Giscus => Some(CommentService::Giscus {
                server: giscus.url.clone(),
                repo: giscus.repo.clone().ok_or_else(|| missing("repo"))?,
                repo_id: giscus.repo_id.clone().ok_or_else(|| missing("repo_id"))?,
                category: giscus.category.clone().ok_or_else(|| missing("category"))?,
                category_id: giscus.category_id.clone().ok_or_else(|| missing("category_id"))?,
            }),
            CommentProvider::Remark42 => Some(CommentService::Remark42 {
                server: remark42.url.clone().ok_or_else(|| missing("url"))?,
                site_id: remark42.site_id.clone().ok_or_else(|| missing("site_id"))?,
            }),
            CommentProvider::Isso => Some(CommentService::Isso {
                server: isso.url.clone().ok_or_else(|| missing("url"))?,
            }),
        };
        Ok(())
    }
}
