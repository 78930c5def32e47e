//! [`App`]: the settings, the database, the keys and the clients that all features use. It is opened once and passed down, never
//! global.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::{Notify, Semaphore};

use crate::clock::{Clock, Rng};
use crate::config::{Config, DkimKey};
use crate::domain::ids::NodeId;
use crate::domain::sending_status::SendingStatus;
use crate::domain::tokens::{KEY_LENGTH, Keys, KeysError};
use crate::feeds::access_token::AccessTokens;
use crate::feeds::fetch::Fetcher;
use crate::feeds::post::Poster;
use crate::mail::dkim::{KeyKind, Signer, Signers};
use crate::mail::health::{BrokenInARow, MailboxHealth, RelayHealth};
use crate::mail::look::{MailDesign, MailLook, MailSite};
use crate::mail::relay::Relay;
use crate::mail::smtp::Timeouts;
use crate::metrics::{Metrics, RelayMetrics};
use crate::store::{Store, StoreError};
use crate::templates::{TemplateFault, Templates};
use crate::words::{Language, Locales, OverrideError, Words};

/// The most passwords of strangers that are hashed at once: they take 76 MiB.
const MAX_PASSWORD_HASHES: usize = 4;

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database that a command needs is not set up.
    #[error("the database {place}: {source}")]
    Database {
        /// The database, without its password.
        place: String,
        /// Why it cannot be used.
        source: StoreError,
    },
    /// A DKIM key cannot be used.
    #[error("dkim.{key}: {reason}")]
    Dkim {
        /// The key in the settings.
        key: &'static str,
        /// Why it cannot be used.
        reason: String,
    },
    /// An operator's file of messages cannot be used.
    #[error(transparent)]
    Locales(#[from] OverrideError),
    /// An operator's template cannot be used.
    #[error(transparent)]
    Templates(#[from] TemplateFault),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The signing keys in the database cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A socket could not be opened.
    #[error("{key}: cannot listen on {address}: {source}; stop what listens there, or set another address")]
    Listen {
        /// The key in the settings.
        key: &'static str,
        /// The address in the setting.
        address: String,
        /// The error of the operating system.
        source: std::io::Error,
    },
}

/// An open installation: settings, database, keys and clients. One for each process.
#[derive(Debug)]
pub struct App {
    /// The settings, which do not change while the process runs.
    pub config: Config,
    /// The connection pools of the database.
    pub store: Store,
    /// The texts that readers see, in all languages.
    pub locales: Locales,
    /// Colours, fonts and logo of mails, and the operator's templates.
    pub look: Arc<MailLook>,
    /// The source of the current time.
    pub clock: Clock,
    /// The source of ids, tokens and jitter.
    pub rng: Rng,
    /// The keys that sign links.
    pub keys: Keys,
    /// The HTTP client for feeds.
    pub fetcher: Fetcher,
    /// The HTTP client that sends events to webhooks.
    pub(crate) poster: Poster,
    /// The DKIM signers, one for each key that is set.
    pub signers: Signers,
    /// Limits how many threads sign at once to the number of processors. An RSA signature takes almost a millisecond, and more threads
    /// would only slow down those that talk to the relay.
    pub signing: Semaphore,
    /// Limits how many passwords are hashed at once, because each hash takes 19 MiB.
    pub(crate) password_hashing: Semaphore,
    /// One more, for people who have proved who they are: a flood of sign-ins by strangers does not keep them waiting.
    pub(crate) reserved_password_hashing: Semaphore,
    /// The id under which this process holds leases.
    pub node: NodeId,
    /// Whether the relays accept connections, for the health endpoint.
    pub health: RelayHealth,
    /// Counts new connections, to any relay, that broke or stalled in a row.
    pub broken_in_a_row: BrokenInARow,
    /// Whether this process can read the mailbox of `intake.imap`.
    pub mailbox_health: MailboxHealth,
    /// Notify it after a transactional mail was stored, so that it is sent at once.
    pub transactional_wakeup: Notify,
    /// Notify it when an issue may have something to send.
    pub delivery_wakeup: Notify,
    /// Notify it after returned mail was stored, so that it is processed at once.
    pub returned_mail_wakeup: Notify,
    /// Notify it after a subscriber was erased, so that the erasure is completed at once.
    pub erasure_wakeup: Notify,
    /// The access tokens of each relay of the settings; `None` for a relay that needs none.
    pub(crate) access_tokens: Vec<Option<AccessTokens>>,
    /// How fast this process sends; `None` before it has sent. Operators read it from the database, where the heartbeat writes it.
    pub(crate) sending: Mutex<Option<SendingStatus>>,
    /// The built-in inbox of this process, if it runs.
    captured_by: OnceLock<Relay>,
    pub(crate) metrics: Metrics,
}

impl App {
    /// Opens the database, creates or updates its tables, and reads the keys.
    ///
    /// # Errors
    /// [`StartError`]; its message says what to do.
    pub async fn open(config: Config, clock: Clock, rng: Rng) -> Result<Arc<Self>, StartError> {
        let store = Store::open(&config.database.store_options()).await?;
        store.migrate().await?;
        add_first_key(&store, &clock, &rng).await?;
        Self::over(store, config, clock, rng).await
    }

    /// Opens an existing database whose tables are up to date, and changes nothing. Most commands use this: a command that is
    /// run in the wrong folder must not create an empty database and answer from it.
    ///
    /// # Errors
    /// [`StartError`]; its message says what to do.
    pub async fn open_existing(config: Config, clock: Clock, rng: Rng) -> Result<Arc<Self>, StartError> {
        let store = Store::open_existing(&config.database.store_options()).await?;
        store.check_tables().await.map_err(|source| StartError::Database {
            place: config.database.url.to_string(),
            source,
        })?;
        Self::over(store, config, clock, rng).await
    }

    async fn over(store: Store, config: Config, clock: Clock, rng: Rng) -> Result<Arc<Self>, StartError> {
        let stored = store.read().await?.signing_keys().await?;
        let keys = Keys::new(stored, config.secrets.pepper())?;
        let signers = signers(&config)?;
        let locales = match &config.site.locales {
            Some(folder) => Locales::with_overrides(folder)?,
            None => Locales::default(),
        };
        let mut look = config.brand.mail_look(&config.site.url);
        if let Some(folder) = &config.templates.dir {
            look.templates = Templates::read(folder)?;
        }
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let fetcher = Fetcher::new(config.feeds.fetch_settings());
        let poster = Poster::new(&fetcher, config.webhooks.allow.clone(), config.webhooks.timeout);
        let access_tokens = config.relays.iter().map(|relay| relay.oauth.access_tokens(&fetcher));
        let access_tokens = access_tokens.collect();
        let node = NodeId(rng.uuid(clock.now()));
        let metrics = Metrics::new(store.metrics());
        Ok(Arc::new(Self {
            config,
            store,
            locales,
            look: Arc::new(look),
            clock,
            rng,
            keys,
            fetcher,
            poster,
            signers,
            signing: Semaphore::new(processors),
            password_hashing: Semaphore::new(processors.min(MAX_PASSWORD_HASHES)),
            reserved_password_hashing: Semaphore::new(1),
            node,
            health: RelayHealth::default(),
            broken_in_a_row: BrokenInARow::default(),
            mailbox_health: MailboxHealth::default(),
            transactional_wakeup: Notify::new(),
            delivery_wakeup: Notify::new(),
            returned_mail_wakeup: Notify::new(),
            erasure_wakeup: Notify::new(),
            access_tokens,
            sending: Mutex::new(None),
            captured_by: OnceLock::new(),
            metrics,
        }))
    }

    /// Sends to the built-in inbox at `relay` from now on, because no relay is set.
    pub fn capture_with(&self, relay: Relay) {
        // A process starts one inbox, so the cell is empty here.
        let _ = self.captured_by.set(relay);
    }

    /// The relays to send by, in the order in which they are tried: those of the settings, or else the inbox of this process. Empty if
    /// no relay is set and the inbox does not run.
    pub fn relays(&self) -> impl Iterator<Item = (&Relay, Timeouts)> {
        let set = self.config.relays.iter();
        let set = set.filter_map(|set| Some((set.url.as_ref()?, set.timeouts.into())));
        set.chain(self.captured_by.get().map(|relay| (relay, Timeouts::default())))
    }

    /// The metrics of a relay, by its address without the login. The built-in inbox has another port at each start.
    pub(crate) fn relay_metrics(&self, relay: &Relay) -> RelayMetrics {
        let name = if self.config.captures_mail() {
            "inbox".to_owned()
        } else {
            relay.to_string()
        };
        self.metrics.mail.of_relay(name)
    }

    /// The name of this server in SMTP, for EHLO and in the greeting.
    pub(crate) fn smtp_name(&self) -> &str {
        self.config.site.url.smtp_name()
    }

    /// The texts in a language, in the voice of the site.
    #[must_use]
    pub fn words(&self, language: Language) -> Words {
        self.locales.words(language, self.config.site.voice)
    }

    /// The site, as every mail names it.
    pub(crate) fn mail_site(&self) -> MailSite<'_> {
        MailSite {
            name: &self.config.site.name,
            url: self.link(""),
            postal_address: self.config.site.postal_address.as_deref(),
            look: &self.look,
        }
    }

    /// What the mails of an issue depend on besides its inputs.
    pub(crate) fn mail_design(&self) -> MailDesign {
        MailDesign {
            locales: self.locales.clone(),
            look: Arc::clone(&self.look),
        }
    }

    /// The language of the fixed texts for a newsletter in the language with this tag: the same if there are texts in it, otherwise the
    /// site's.
    #[must_use]
    pub fn language_of(&self, newsletter: &str) -> Language {
        Language::matching(newsletter).unwrap_or(self.config.site.language)
    }

    /// A network address as the consent record has it; `None` if none is kept (`privacy.keep_network_addresses`).
    pub(crate) fn recorded_network(&self, network: Option<IpAddr>) -> Option<String> {
        let network = network.filter(|_| self.config.privacy.keep_network_addresses);
        network.map(|address| address.to_string())
    }

    /// An absolute address on this site: `site.url` and `path`, which begins with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.config.site.url)
    }
}

/// Creates the first signing key if the database has none.
async fn add_first_key(store: &Store, clock: &Clock, rng: &Rng) -> Result<(), StoreError> {
    let mut tx = store.write().await?;
    if tx.signing_keys().await?.is_empty() {
        tx.add_signing_key(1, &rng.bytes::<KEY_LENGTH>(), clock.now()).await?;
    }
    tx.commit().await
}

/// Reads the DKIM keys that are set.
///
/// # Errors
/// [`StartError::Dkim`] if a file cannot be read or contains no usable key.
pub fn signers(config: &Config) -> Result<Signers, StartError> {
    let Some(dkim) = &config.dkim else {
        return Ok(Signers::default());
    };
    let read = |key: &'static str, set: &DkimKey| {
        let path = set.file.display();
        let unusable = |reason: String| StartError::Dkim { key, reason };
        let pem = std::fs::read_to_string(&set.file).map_err(|e| unusable(format!("cannot read {path}: {e}")))?;
        let signer = Signer::new(&dkim.domain, &set.selector, &pem).map_err(|e| unusable(format!("{path}: {e}")))?;
        Ok::<_, StartError>(signer)
    };
    let mut signers = Vec::new();
    if let Some(set) = &dkim.key {
        signers.push(read("key_file", set)?);
    }
    if let Some(set) = &dkim.ed25519_key {
        let signer = read("ed25519_key_file", set)?;
        if signer.kind() != KeyKind::Ed25519 {
            return Err(StartError::Dkim {
                key: "ed25519_key_file",
                reason: format!("{} contains an RSA key; set it as dkim.key_file", set.file.display()),
            });
        }
        signers.push(signer);
    }
    Ok(Signers::new(signers))
}

/// Runs work that takes processor time on the blocking pool, so that it does not block the threads that answer requests.
pub(crate) async fn on_blocking_pool<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
