//! The state that every handler and middleware shares: the application, the sign-up limits, and two caches.

use std::sync::Arc;

use super::body_budget::HookBodies;
use super::database_check::DatabaseCheck;
use super::pages::Site;
use super::pages::assets::SITE_CSS;
use super::story_lists::StoryLists;
use crate::app::App;
use crate::bounce::webhooks::Webhooks;
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
    /// Differs if the same content makes other pages: between versions of the program, and between settings.
    pub(super) pages_version: String,
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
            pages_version: format!(
                "{} {SITE_CSS} {:?} {:?} {:?} {}",
                env!("CARGO_PKG_VERSION"),
                app.config.site,
                app.config.digest,
                app.config.comments,
                app.config.captures_mail()
            ),
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
