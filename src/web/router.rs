//! The routes of the two listeners, and the layers around them.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::request_body::MAX_BODY_BYTES;
use super::state::Web;
use super::{
    address, admin, api, archive, articles, assets, atom, body_timeout, commenting, docs, editions, embed, error_pages,
    etag, front, health, hooks, inbox, language, layout, leaving, links, lost_link, manage, metrics, preferences,
    privacy, requests, search, signup, site_pages, sitemap,
};
use crate::app::App;

/// The routes of `http.listen`: the site, the API and health.
pub fn site(app: &Arc<App>) -> Router {
    let web = Web::new(app);
    let router = Router::new()
        .route("/articles/{id}", get(articles::article_without_slug))
        .route("/editions/{token}", get(editions::edition))
        .route("/comments/link", post(commenting::request_link))
        .route("/comments/link-sent", get(commenting::link_sent))
        .route("/comments/reported", get(commenting::reported))
        .route("/comments/{id}/report", post(commenting::report))
        .route(
            "/comment/{token}/{article}",
            get(commenting::form).post(commenting::write),
        )
        .route("/comment/{token}/{article}/delete", post(commenting::delete))
        .route("/robots.txt", get(sitemap::robots))
        .route("/sitemap.xml", get(sitemap::index))
        .route("/sitemap/{part}", get(sitemap::part))
        .route("/subscribe", get(signup::form).post(signup::submit))
        .route("/subscribe/sent", get(signup::sent))
        .route("/embed/{newsletter}", get(embed::form).post(embed::submit))
        .route("/embed/{newsletter}/sent", get(embed::sent))
        .route("/confirm/{token}", get(links::confirm_page).post(links::confirm))
        .route("/confirm/{token}/new", get(links::back).post(links::new_link))
        .route(
            "/unsubscribe/{token}",
            get(leaving::unsubscribe_page).post(leaving::unsubscribe),
        )
        .route("/unsubscribe/undo/{token}", get(leaving::undo_page).post(leaving::undo))
        .route(
            "/unsubscribe/reason/{token}",
            get(leaving::back).post(leaving::give_reason),
        )
        .route("/preferences/{token}", get(preferences::form).post(preferences::save))
        .route(
            "/preferences/{token}/newsletters/{newsletter}",
            get(preferences::settings_form).post(preferences::save_settings),
        )
        .route("/preferences/{token}/sent", get(privacy::link_sent))
        .route(
            "/preferences/{token}/manage",
            post(privacy::request_manage).get(preferences::back),
        )
        .route(
            "/preferences/{token}/export",
            post(privacy::request_export).get(preferences::back),
        )
        .route(
            "/preferences/{token}/erase",
            post(privacy::request_erasure).get(preferences::back),
        )
        .route("/preferences/{token}/join", post(manage::join).get(preferences::back))
        .route("/preferences/{token}/leave", post(manage::leave).get(preferences::back))
        .route(
            "/preferences/{token}/address",
            post(manage::change_address).get(preferences::back),
        )
        .route("/preferences/{token}/address/sent", get(address::sent))
        .route("/address/{token}", get(address::confirm_page).post(address::confirm))
        .route("/address/undo/{token}", get(address::undo_page).post(address::undo))
        .route("/lost-link", get(lost_link::form).post(lost_link::submit))
        .route("/lost-link/sent", get(lost_link::sent))
        .route("/export/{token}", get(privacy::export_page).post(privacy::export))
        .route("/erase/{token}", get(privacy::erasure_page).post(privacy::erase))
        .merge(api::routes(&web))
        .merge(admin::routes(&web))
        .merge(docs::routes(&web))
        .route("/hooks/{provider}", any(hooks::receive))
        .route("/inbox", get(inbox::list))
        .route("/inbox/{id}", get(inbox::message))
        .route("/inbox/{id}/html", get(inbox::html))
        .route("/assets/{name}", get(assets::asset))
        .fallback(error_pages::not_found);
    let router = answering(&web, router)
        .merge(content(&web))
        // Programs read health and metrics, so their failures get no page: these routes are outside the layers above.
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::of_site));
    finish(router, web)
}

/// Adds the layers in which pages are made: limits of the request, an explanation of every failure, the language, and the operator's layout.
fn answering(web: &Arc<Web>, router: Router<Arc<Web>>) -> Router<Arc<Web>> {
    router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(error_pages::panicked))
        .layer(from_fn(body_timeout::limit_body_time))
        .layer(from_fn_with_state(Arc::clone(web), error_pages::explain))
        .layer(from_fn_with_state(Arc::clone(web), language::remember))
        .layer(from_fn_with_state(Arc::clone(web), layout::put_around))
}

/// The pages that show content. They have entity tags and are kept after they were rendered, as are the feeds. A kept one is sent without
/// the layers in which it was made.
fn content(web: &Arc<Web>) -> Router<Arc<Web>> {
    let feeds = Router::new()
        .route("/feed.xml", get(atom::articles))
        .route("/topics/{topic}/feed.xml", get(atom::topic))
        .route("/archive/{newsletter}/feed.xml", get(atom::issues));
    let feeds = answering(web, feeds).route_layer(from_fn_with_state(Arc::clone(web), etag::answer_feed));
    let pages = Router::new()
        .route("/", get(front::front))
        .route("/search", get(search::search))
        .route("/pages/{name}", get(site_pages::own_page))
        .route("/articles/{id}/{slug}", get(articles::article))
        .route("/topics/{topic}", get(front::topic))
        .route("/archive", get(archive::all))
        .route("/archive/{newsletter}", get(archive::newsletter))
        .route("/archive/{newsletter}/{number}", get(archive::issue));
    let pages = answering(web, pages).route_layer(from_fn_with_state(Arc::clone(web), etag::answer_page));
    pages.merge(feeds)
}

/// The routes of `http.listen` while all connections of the site are in use: health and metrics, and a refusal for everything else.
pub fn overload(app: &Arc<App>) -> Router {
    let web = Web::new(app);
    let router = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::of_site))
        .fallback(health::overloaded);
    finish(router, web)
}

/// The routes of `http.ops_listen`: only health, with reasons, and metrics.
pub fn ops(app: &Arc<App>) -> Router {
    let web = Web::new(app);
    let router = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz_with_reasons))
        .route("/metrics", get(metrics::of_ops));
    finish(router, web)
}

/// Adds what every listener does with every request.
fn finish(router: Router<Arc<Web>>, web: Arc<Web>) -> Router {
    router
        .layer(from_fn_with_state(Arc::clone(&web), requests::observe))
        .with_state(web)
}
