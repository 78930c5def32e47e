//! The state that every handler and middleware shares: the application, the sign-up limits, and caches.

use std::sync::Arc;

use chrono::DateTime;
use sha2::{Digest, Sha256};

use super::api::request_counts::RequestCounts;
use super::body_budget::{BodyBudget, HookBodies};
use super::database_check::DatabaseCheck;
use super::edition_stories::EditionStories;
use super::headers::CommonHeaders;
use super::live_issues::LiveIssues;
use super::pages::Site;
use super::pages::assets::SITE_CSS;
use super::rendered_pages::{PageHash, RenderedPages};
use super::search_limit::SearchLimit;
use super::story_lists::StoryLists;
use super::subscription_counts::SubscriptionCounts;
use crate::app::App;
use crate::bounce::webhooks::Webhooks;
use crate::domain::form_token::FormPurpose;
use crate::operators::IdentityProvider;
use crate::signup::Signups;
use crate::store::StoreError;
use crate::store::newsletters::Newsletter;
use crate::templates::PAGE;
use crate::words::Language;

/// The most bytes of forms without a session.
const MAX_UNSIGNED_FORMS: usize = 8 * 1024 * 1024;

/// The state of one router. The site and the health checks of `http.ops_listen` each have their own.
#[derive(Debug)]
pub(super) struct Web {
    pub(super) app: Arc<App>,
    pub(super) signups: Signups,
    pub(super) lists: StoryLists,
    pub(super) rendered: RenderedPages,
    pub(super) common_headers: CommonHeaders,
    pub(super) edition_stories: EditionStories,
    /// A hash that differs if the same content makes other pages: between versions of the program, and between settings.
    pub(super) pages_version: PageHash,
    /// Stands for the token of the form in rendered pages. It is as long as a token. Nobody can guess it, so no article contains it.
    pub(super) form_placeholder: String,
    /// Stands between the parts of a page for the operator's layout; empty if there is none.
    pub(super) layout_mark: String,
    pub(super) database_check: DatabaseCheck,
    pub(super) search_limit: SearchLimit,
    pub(super) webhooks: Webhooks,
    pub(super) hook_bodies: HookBodies,
    /// The memory of forms of the console that were sent without a session, to be offered again.
    pub(super) unsigned_forms: Arc<BodyBudget>,
    /// Where operators can sign in; `None` if no provider is set.
    pub(super) identity_provider: Option<IdentityProvider>,
    /// How far issues are, for the pages of the console.
    pub(super) live: LiveIssues,
    pub(super) subscription_counts: SubscriptionCounts,
    /// The requests to the API of each token.
    pub(super) api_requests: RequestCounts,
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
            common_headers: CommonHeaders::new(&app.config),
            edition_stories: EditionStories::default(),
            pages_version: pages_version(app),
            // As old as this, it is refused by itself.
            form_placeholder: app
                .keys
                .form_token(FormPurpose::SignUp, DateTime::UNIX_EPOCH, app.rng.bytes()),
            layout_mark: new_layout_mark(app),
            database_check: DatabaseCheck::default(),
            search_limit: SearchLimit::default(),
            webhooks: Webhooks::new(app),
            hook_bodies: HookBodies::default(),
            unsigned_forms: BodyBudget::new(MAX_UNSIGNED_FORMS, MAX_UNSIGNED_FORMS / 2),
            identity_provider: IdentityProvider::new(app),
            live: LiveIssues::default(),
            subscription_counts: SubscriptionCounts::default(),
            api_requests: RequestCounts::default(),
        })
    }

    /// What every page shows of the site, with its texts in a language. `query` is that of the page without the language.
    pub(super) fn site_in(&self, language: Language, query: String) -> Site {
        Site {
            layout_mark: self.layout_mark.clone(),
            ..Site::new(&self.app.config, self.app.words(language), query)
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
        "{} {SITE_CSS} {:?} {:?} {:?} {:?} {:?} {} {}",
        env!("CARGO_PKG_VERSION"),
        app.locales.overrides().collect::<Vec<_>>(),
        config.site,
        config.brand.page,
        config.digest,
        config.comments,
        config.captures_mail(),
        app.look.templates.version()
    );
    Sha256::digest(text).into()
}

/// A text that no page contains by chance; empty if the operator has no layout.
fn new_layout_mark(app: &App) -> String {
    if app.look.templates.replaces(PAGE) {
        let random = data_encoding::HEXLOWER.encode(&app.rng.bytes::<16>());
        format!("[part {random}]")
    } else {
        String::new()
    }
}
