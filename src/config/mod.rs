//! The settings: defaults, overridden by a file, overridden by the environment. They are checked once, and secrets are never printed.
//!
//! `config/default.toml` contains every setting. Each section is a struct in its own file, with typed values: after [`load`] no
//! address, duration or path is parsed again.

mod bounces;
mod brand;
mod comments;
mod credentials;
mod database;
mod delivery;
mod digest;
mod dkim;
mod dns;
mod error;
mod feeds;
mod hooks;
mod http;
mod imap;
mod in_force;
mod inbox;
mod intake;
mod layers;
mod log;
mod mail;
mod metrics;
mod oidc;
mod operators;
mod preflight;
mod privacy;
mod relay;
mod relay_oauth;
mod secrets;
mod signup;
mod site;
mod site_pages;
mod suggest;
mod tagged_address;
mod templates;
#[cfg(test)]
mod tests;
mod value;
mod webhooks;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Value;

pub use bounces::{Bounces, Share};
pub use brand::{Brand, BrandFile, PageBrand, PageLogo};
pub use comments::{CommentProvider, CommentServer, CommentService, Comments};
pub use database::{Database, DatabaseUrl, Pooling, Synchronous};
pub use delivery::{Delivery, DomainLimit, InDoubt};
pub use digest::Digest;
pub use dkim::{Dkim, DkimKey};
pub use dns::Dns;
pub use error::{ConfigError, Origin};
pub use feeds::{BackCatalogue, Feeds, UserAgent};
pub use hooks::{EcdsaPublicKey, Hook, Hooks, RsaPublicKey, SesHook, SnsEndpoint, SvixSecret, TopicArn};
pub use http::Http;
pub use imap::Imap;
pub use in_force::SettingInForce;
pub use inbox::{Inbox, InboxAccess};
pub use intake::Intake;
pub use log::{CollectorUrl, Log, LogFormat};
pub use mail::Mail;
pub(crate) use mail::is_placeholder;
pub use metrics::MetricsAccess;
pub(crate) use oidc::is_confidential;
pub use oidc::{Issuer, Oidc};
pub use operators::Operators;
pub use preflight::{Preflight, Severity};
pub use privacy::Privacy;
pub(crate) use relay::cap_name;
pub use relay::{Relay, SenderDomain, Timeouts, Warmup};
pub use relay_oauth::RelayOauth;
pub use secrets::{SecretKey, Secrets};
pub use signup::{ProofOfWork, Signup, SignupLimits};
pub use site::{BaseUrl, Site, WebOrigin};
pub use site_pages::{SitePage, SitePages};
pub use templates::TemplateSettings;
pub use value::{NotAllowed, Setting};
pub use webhooks::Webhooks;

use error::{Problem, shown};
use layers::Layers;

use crate::text::plain::escaped;

/// The settings files to try if none is given, in this order.
pub const SEARCH: [&str; 2] = ["daywire.toml", "/etc/daywire/daywire.toml"];

/// All settings. `Debug` shows no secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The name of the site, and the base of its links.
    pub site: Site,
    /// Logo, colours and fonts of pages and mails. Boxed, because the futures of all commands contain the settings.
    pub brand: Box<Brand>,
    /// The operator's own templates.
    pub templates: TemplateSettings,
    /// The database, which contains all state.
    pub database: Database,
    /// The addresses at which the program listens.
    pub http: Http,
    /// Who may read the metrics.
    pub metrics: MetricsAccess,
    /// The sender, and the address for bounces.
    pub mail: Mail,
    /// Who gets mail about problems that need a person.
    pub operators: Operators,
    /// The relays, at least one. A single relay without `url` means the built-in inbox.
    #[serde(rename = "relay")]
    pub relays: Vec<Relay>,
    /// The inbox for mail without a relay.
    pub inbox: Inbox,
    /// Where returned mail comes back to. Boxed, because the futures of all commands contain the settings.
    pub intake: Box<Intake>,
    /// What follows from soft bounces, and from many bounces or complaints.
    pub bounces: Bounces,
    /// The webhooks of mail providers.
    pub hooks: Box<Hooks>,
    /// The keys that sign messages; `None` if none is set.
    #[serde(deserialize_with = "dkim::some_or_none")]
    pub dkim: Option<Dkim>,
    /// Which DNS server is asked.
    pub dns: Dns,
    /// The limits of sign-up.
    pub signup: Signup,
    /// Who keeps the comments on articles. Boxed, because the futures of all commands contain the settings.
    pub comments: Box<Comments>,
    /// What is kept about readers.
    pub privacy: Privacy,
    /// How issues are sent.
    pub delivery: Delivery,
    /// How feeds are fetched.
    pub feeds: Feeds,
    /// How events are sent to other programs.
    pub webhooks: Webhooks,
    /// The limits of an issue.
    pub digest: Digest,
    /// The severity of each preflight rule.
    pub preflight: Preflight,
    /// The key of confirmation links.
    pub secrets: Secrets,
    /// The level and format of the log.
    pub log: Log,
    /// The settings of [`IDENTITY`] that are unset and have a placeholder.
    #[serde(skip)]
    unset: Vec<&'static str>,
    /// Every setting as text, with its origin.
    #[serde(skip)]
    pub in_force: Vec<SettingInForce>,
}

/// The settings that identify the site in mail to readers, with examples.
const IDENTITY: [(&str, &str); 3] = [
    ("site.url", "https://news.example.org"),
    ("site.name", "Example Wire"),
    (MAIL_FROM, "Example Wire <news@example.org>"),
];

const MAIL_FROM: &str = "mail.from";

/// The settings of the first customer, which `daywire demo` uses.
const OBLAIDISH: &str = include_str!("../../config/oblaidish.toml");

/// Loads the settings: the defaults, overridden by the file `explicit` or else the first existing file of `search`, overridden by the
/// variables of `environment` that are settings.
///
/// # Errors
/// A file that cannot be read or is not TOML, a key that is not a setting, a value that is not allowed. The message is
/// one line and says what to change.
pub fn load<P: AsRef<Path>>(
    explicit: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    search: impl IntoIterator<Item = P>,
) -> Result<Config, ConfigError> {
    let file = match explicit {
        Some(path) => Some((path.to_owned(), read(path)?)),
        None => first_existing(search)?,
    };
    assemble(
        file.as_ref().map(|(path, text)| (path.as_path(), text.as_str())),
        environment,
    )
}

/// The environment variables of this process that are valid Unicode.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The settings for `daywire demo`: `config/oblaidish.toml` over the defaults.
///
/// # Errors
/// If that file is invalid; a test makes sure that it is valid.
pub fn demo() -> Result<Config, ConfigError> {
    assemble(Some((Path::new("config/oblaidish.toml"), OBLAIDISH)), [])
}

impl Config {
    /// Refuses to mail readers while the site's identity is a placeholder. A newsletter with its own sender does not need
    /// `mail.from`. Without a relay no mail reaches readers, so nothing is required.
    ///
    /// # Errors
    /// [`ConfigError::Unnamed`] with all missing settings.
    pub fn require_identity(&self, has_own_sender: bool) -> Result<(), ConfigError> {
        if self.captures_mail() {
            return Ok(());
        }
        let is_missing = |name: &str| self.unset.contains(&name) && !(name == MAIL_FROM && has_own_sender);
        let missing: Vec<_> = IDENTITY.into_iter().filter(|(name, _)| is_missing(name)).collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Unnamed { missing })
        }
    }

    /// Whether the built-in inbox captures all mail.
    #[must_use]
    pub fn captures_mail(&self) -> bool {
        self.relays.iter().all(|relay| relay.url.is_none())
    }

    /// Whether a way is set by which bounces and complaints reach the program. With `mail.return_path` alone, they reach a mailbox, and
    /// another program must hand its mail over.
    pub(crate) fn gets_returned_mail(&self) -> bool {
        self.intake.is_set() || self.hooks.any_is_set()
    }

    /// Checks what concerns several values, and reads secrets from their files. The error contains the path of the section.
    fn finish(&mut self) -> Result<(), (String, Problem)> {
        self.site.finish().map_err(|problem| ("site".to_owned(), problem))?;
        self.brand.finish()?;
        if let Some(reason) = self.brand.link_to_missing_page(&self.site.own_pages) {
            return Err(("brand".to_owned(), Problem::new("footer_links", reason)));
        }
        self.database
            .finish()
            .map_err(|problem| ("database".to_owned(), problem))?;
        relay::require_unrestricted(&self.relays).map_err(|problem| ("relay[0]".to_owned(), problem))?;
        let several = self.relays.len() > 1;
        for (index, relay) in self.relays.iter_mut().enumerate() {
            let missing = several && relay.url.is_none();
            let finished = if missing {
                Err(Problem::new("url", "is empty; with several relays each needs one"))
            } else {
                relay.finish()
            };
            finished.map_err(|problem| (format!("relay[{index}]"), problem))?;
        }
        let metrics = self.metrics.finish();
        metrics.map_err(|problem| ("metrics".to_owned(), problem))?;
        let oidc = self.operators.oidc.finish();
        oidc.map_err(|problem| ("operators.oidc".to_owned(), problem))?;
        self.hooks
            .finish()
            .map_err(|(provider, problem)| (format!("hooks.{provider}"), problem))?;
        self.comments.finish()?;
        self.feeds.finish().map_err(|problem| ("feeds".to_owned(), problem))?;
        self.bounces
            .finish()
            .map_err(|problem| ("bounces".to_owned(), problem))?;
        self.signup.finish().map_err(|problem| ("signup".to_owned(), problem))?;
        let imap = self.intake.imap.finish();
        imap.map_err(|problem| ("intake.imap".to_owned(), problem))?;
        if self.intake.domain.is_none() && self.mail.return_path.is_none() {
            let reason = "is set, but there is no address for returned mail; set intake.domain or mail.return_path";
            if self.intake.listen.is_some() {
                return Err(("intake".to_owned(), Problem::new("listen", reason)));
            }
            if self.intake.imap.server().is_some() {
                return Err(("intake.imap".to_owned(), Problem::new("host", reason)));
            }
        }
        self.secrets.finish().map_err(|problem| ("secrets".to_owned(), problem))
    }
}

/// The settings of `config/default.toml`.
impl Default for Config {
    fn default() -> Self {
        assemble(None, []).expect("the compiled-in defaults are valid, as a test proves")
    }
}

fn assemble(
    file: Option<(&Path, &str)>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut layers = Layers::defaults()?;
    if let Some((path, text)) = file {
        layers.add_file(path, text)?;
        layers.root_default_database(path.parent().unwrap_or(Path::new("")));
    }
    // Sorted, so that of two errors always the same one is reported.
    let mut variables: Vec<_> = environment.into_iter().collect();
    variables.sort();
    for (name, text) in &variables {
        layers.add_variable(name, text)?;
    }
    if let Some((_, folder)) = variables.iter().find(|(name, _)| name == credentials::FOLDER_VARIABLE) {
        for (section, value) in &mut layers.table {
            credentials::replace_paths(Path::new(folder), section, value);
        }
    }
    let mut config: Config = serde_path_to_error::deserialize(Value::Table(layers.table.clone()))
        .map_err(|error| invalid(&layers, &error.path().to_string(), error.inner().message()))?;
    config.unset = layers.unset(IDENTITY.map(|(name, _)| name));
    config.in_force = in_force::in_force(&layers);
    if config.unset.contains(&"site.url") {
        config.site.url = BaseUrl::of(config.http.listen);
    }
    config.finish().map_err(|(section, Problem { key, reason })| {
        let section = layers.written(&section);
        let key = format!("{section}.{key}");
        // If the value itself is missing, the origin of its section is reported.
        let origins = [&key, &section].map(|path| layers.origin(path));
        let origin = origins
            .into_iter()
            .find(|origin| *origin != Origin::Default)
            .unwrap_or(Origin::Default);
        ConfigError::Unusable {
            key,
            origin,
            reason: escaped(&reason),
        }
    })?;
    Ok(config)
}

/// The error of an invalid value. `message` says what is allowed.
fn invalid(layers: &Layers, path: &str, message: &str) -> ConfigError {
    let root = Value::Table(layers.table.clone());
    let mut steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty());
    let value = steps.try_fold(&root, |at, step| match at {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        at => at.get(step),
    });
    let key = layers.written(path);
    let found = value.map_or_else(|| "missing".to_owned(), |value| shown(&key, value));
    // serde's own messages also contain the value.
    let allowed = message
        .rsplit_once(", expected ")
        .map_or(message, |(_, expected)| expected);
    ConfigError::Invalid {
        origin: layers.origin(&key),
        key,
        found,
        allowed: escaped(allowed),
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(path).map_err(|reason| ConfigError::Unreadable {
        path: path.to_owned(),
        reason,
    })
}

fn first_existing<P: AsRef<Path>>(
    search: impl IntoIterator<Item = P>,
) -> Result<Option<(PathBuf, String)>, ConfigError> {
    for path in search {
        match read(path.as_ref()) {
            Ok(text) => return Ok(Some((path.as_ref().to_owned(), text))),
            Err(ConfigError::Unreadable { reason, .. }) if reason.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
