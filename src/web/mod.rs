//! The web: pages for readers, the API for programs, the inbox and health for operators.

pub mod pages;
pub mod server;

mod api;
mod archive;
mod articles;
mod atom;
mod bearer;
mod body_timeout;
mod client;
mod cors;
mod error;
mod front;
mod headers;
mod host;
mod inbox;
mod links;
mod ops;
mod origin;
mod preferences;
mod signup;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::signup::Signups;
use crate::store::newsletters::Newsletter;
use pages::Site;

/// The largest form or JSON document that is read, in bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// What every handler works with.
#[derive(Debug)]
pub struct Web {
    app: Arc<App>,
    signups: Signups,
    front: front::FrontCache,
    database_check: ops::DatabaseCheck,
}

/// How handlers get at it.
type Shared = axum::extract::State<Arc<Web>>;

impl Web {
    fn new(app: &Arc<App>) -> Arc<Self> {
        Arc::new(Self {
            app: Arc::clone(app),
            signups: Signups::default(),
            front: front::FrontCache::default(),
            database_check: ops::DatabaseCheck::default(),
        })
    }

    fn site(&self) -> Site {
        let site = &self.app.config.site;
        Site {
            name: site.name.clone(),
            voice: site.voice,
            has_comments_box: site.comments_box,
            tagline: site.tagline.clone(),
            postal_address: site.postal_address.clone(),
            mail_is_captured: self.app.config.captures_mail(),
        }
    }

    async fn newsletters(&self) -> Result<Vec<Newsletter>, error::WebError> {
        Ok(self.app.store.read().await?.public_newsletters().await?)
    }
}

/// The site, the API and health: what `http.listen` serves.
pub fn site(app: &Arc<App>) -> Router {
    let web = Web::new(app);
    let router = Router::new()
        .route("/", get(front::front))
        .route("/articles/{id}", get(articles::article_without_slug))
        .route("/articles/{id}/{slug}", get(articles::article))
        .route("/archive", get(archive::all))
        .route("/archive/{newsletter}", get(archive::newsletter))
        .route("/archive/{newsletter}/{number}", get(archive::issue))
        .route("/archive/{newsletter}/feed.xml", get(atom::issues))
        .route("/feed.xml", get(atom::articles))
        .route("/subscribe", get(signup::form).post(signup::submit))
        .route("/subscribe/sent", get(signup::sent))
        .route("/confirm/{token}", get(links::confirm_page).post(links::confirm))
        .route(
            "/unsubscribe/{token}",
            get(links::unsubscribe_page).post(links::unsubscribe),
        )
        .route("/preferences/{token}", get(preferences::form).post(preferences::save))
        .merge(api::routes(&web))
        .route("/inbox", get(inbox::list))
        .route("/inbox/{id}", get(inbox::message))
        .route("/inbox/{id}/html", get(inbox::html))
        .route("/assets/{name}", get(ops::asset))
        .fallback(error::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn(body_timeout::limit_body_time))
        .layer(from_fn_with_state(Arc::clone(&web), error::explain))
        // Programs make health checks, so failures are not explained by a page.
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz));
    finish(router, web)
}

/// The routes of `http.listen` while all connections of the site are in use: health, and a refusal for everything else.
pub fn overload(app: &Arc<App>) -> Router {
    let web = Web::new(app);
    let router = Router::new()
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .fallback(ops::overloaded);
    finish(router, web)
}

/// The routes of `http.ops_listen`: only health, with reasons.
pub fn ops(app: &Arc<App>) -> Router {
    let web = Web::new(app);
    let router = Router::new()
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz_with_reasons));
    finish(router, web)
}

/// Adds what the answers of every listener need: a check of the Host field, and the headers.
fn finish(router: Router<Arc<Web>>, web: Arc<Web>) -> Router {
    router
        .layer(from_fn(host::require_one))
        .layer(from_fn_with_state(Arc::clone(&web), headers::secure))
        .with_state(web)
}
