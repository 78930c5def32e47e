//! The state that every handler and middleware shares: the application, the sign-up limits, and two caches.

use std::sync::Arc;

use chrono::DateTime;
use sha2::{Digest, Sha256};

use super::body_budget::HookBodies;
use super::database_check::DatabaseCheck;
use super::edition_stories::EditionStories;
use super::pages::Site;
use super::pages::assets::SITE_CSS;
use super::rendered_pages::{PageHash, RenderedPages};
use super::story_lists::StoryLists;
use crate::app::App;
use crate::bounce::webhooks::Webhooks;
use crate::domain::form_token::FormPurpose;
use crate::signup::Signups;
use crate::store::StoreError;
use crate::store::newsletters::Newsletter;
use crate::words::Language;

/// The state of one router. The site and the health checks of `http.ops_listen` each have their own.
#[derive(Debug)]
pub(super) struct Web {
    pub(super) app: Arc<App>,
    pub(super) signups: Signups,
    pub(super) lists: StoryLists,
    pub(super) rendered: RenderedPages,
    pub(super) edition_stories: EditionStories,
    /// A hash that differs if the same content makes other pages: between versions of the program, and between settings.
    pub(super) pages_version: PageHash,
    /// Stands for the token of the form in rendered pages. It is as long as a token. Nobody can guess it, so no article contains it.
    pub(super) form_placeholder: String,
    pub(super) database_check: DatabaseCheck,
    pub(super) webhooks: Webhooks,
    pub(super) hook_bodies: HookBodies,
}

/// The extractor that gives a handler the [`Web`] of its router.
pub(super) type Shared = axum::extract::State<Arc<Web>>;

impl Web {
    pub(super) fn new(app: &Arc<App>) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::clone(app),
            signups: Signups::new(app),
            lists: StoryLists::default(),
            rendered: RenderedPages::default(),
            edition_stories: EditionStories::default(),
            pages_version: pages_version(app),
            // As old as this, it is refused by itself.
            form_placeholder: app
                .keys
                .form_token(FormPurpose::SignUp, DateTime::UNIX_EPOCH, app.rng.bytes()),
            database_check: DatabaseCheck::default(),
            webhooks: Webhooks::new(app),
            hook_bodies: HookBodies::default(),
        })
    }

    /// What every page shows of the site, with its texts in a language. `query` is that of the page without the language.
    pub(super) fn site_in(&self, language: Language, query: String) -> Site {
        let site = &self.app.config.site;
        let own_pages = site.own_pages.titles(language.tag());
        Site {
            name: site.name.clone(),
            words: self.app.words(language),
            query,
            tagline: site.tagline.clone(),
            postal_address: site.postal_address.clone(),
            own_pages: own_pages
                .map(|(name, title)| (format!("/pages/{name}"), title.to_owned()))
                .collect(),
            search_engines: site.search_engines,
            mail_is_captured: self.app.config.captures_mail(),
        }
    }

    /// The newsletters that people can subscribe to on the site.
    pub(super) async fn newsletters(&self) -> Result<Vec<Newsletter>, StoreError> {
        self.app.store.read().await?.public_newsletters().await
    }

    /// Whether people can subscribe to the newsletter with this slug on the site.
    pub(super) async fn takes_signups(&self, slug: &str) -> Result<bool, StoreError> {
        Ok(self
            .newsletters()
            .await?
            .iter()
            .any(|newsletter| newsletter.slug == slug))
    }
}

fn pages_version(app: &App) -> PageHash {
    let config = &app.config;
    let text = format!(
        "{} {SITE_CSS} {:?} {:?} {:?} {:?} {}",
        env!("CARGO_PKG_VERSION"),
        app.locales.overrides().collect::<Vec<_>>(),
        config.site,
        config.digest,
        config.comments,
        config.captures_mail()
    );
    Sha256::digest(text).into()
}
