//! The list of the operations that need a token.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler as _;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use utoipa::OpenApi;

use super::{
    article_decisions, articles, audit_log, comments, drafts, feed_changes, feed_lists, feeds, idempotency, issues,
    newsletter_changes, newsletters, operators, reader_subscriptions, readers, relays, returned_mail, settings,
    statistics, suppressions, token, webhook_messages, webhooks,
};
use crate::web::state::Web;

/// Lists the operations that need a token, by path: their method and their handler. `once` gives an operation idempotency keys.
macro_rules! operations {
    ($($path:literal { $($method:ident $($once:ident)? => $module:ident::$handler:ident,)+ })+) => {
        /// The routes that need a token.
        pub(super) fn with_token(web: &Arc<Web>) -> Router<Arc<Web>> {
            Router::new()$(.route(
                $path,
                MethodRouter::new()$(.$method(operations!(@handler web $($once)? $module::$handler)))+,
            ))+
        }

        /// The description of the operations that need a token.
        #[derive(OpenApi)]
        #[openapi(paths($($($module::$handler,)+)+))]
        pub(super) struct Operations;
    };
    (@handler $web:ident once $module:ident::$handler:ident) => {
        $module::$handler.layer(from_fn_with_state(Arc::clone($web), idempotency::once))
    };
    (@handler $web:ident $module:ident::$handler:ident) => { $module::$handler };
}

operations! {
    "/api/v1/token" { get => token::show, }
    "/api/v1/articles" { get => articles::list, post once => articles::create, }
    "/api/v1/articles/{id}" { get => articles::show, patch => articles::change, delete => articles::retract, }
    "/api/v1/articles/{id}/restore" { post => article_decisions::restore, }
    "/api/v1/articles/{id}/rate" { post => article_decisions::rate, }
    "/api/v1/newsletters" { get => newsletters::list, post once => newsletter_changes::create, }
    "/api/v1/newsletters/{slug}" {
        get => newsletters::show, patch => newsletter_changes::change, delete => newsletter_changes::remove,
    }
    "/api/v1/newsletters/{slug}/runs" { get => newsletters::runs, }
    "/api/v1/feeds" { get => feeds::list, post once => feed_changes::add, }
    "/api/v1/feeds/opml" { get => feed_lists::export, post => feed_lists::import, }
    "/api/v1/feeds/{id}" { get => feeds::show, patch => feed_changes::change, delete => feed_changes::remove, }
    "/api/v1/feeds/{id}/fetch" { post => feed_changes::fetch, }
    "/api/v1/drafts" { get => drafts::list, post once => drafts::build, }
    "/api/v1/drafts/{id}" { get => drafts::show, patch => drafts::change, }
    "/api/v1/drafts/{id}/preview" { get => drafts::preview, }
    "/api/v1/drafts/{id}/findings" { get => drafts::findings, }
    "/api/v1/drafts/{id}/test" { post once => drafts::test, }
    "/api/v1/drafts/{id}/approve" { post => drafts::approve, }
    "/api/v1/drafts/{id}/withdraw" { post => drafts::withdraw, }
    "/api/v1/drafts/{id}/send" { post once => drafts::send, }
    "/api/v1/drafts/{id}/cancel" { post => drafts::cancel, }
    "/api/v1/issues" { get => issues::list, }
    "/api/v1/issues/{id}" { get => issues::show, }
    "/api/v1/issues/{id}/proof" { get => issues::proof, }
    "/api/v1/issues/{id}/deliveries" { get => issues::deliveries, }
    "/api/v1/issues/{id}/pause" { post => issues::pause, }
    "/api/v1/issues/{id}/resume" { post => issues::resume, }
    "/api/v1/issues/{id}/cancel" { post => issues::cancel, }
    "/api/v1/issues/{id}/settle" { post => issues::settle, }
    "/api/v1/returned-mail" { get => returned_mail::list, }
    "/api/v1/returned-mail/{id}" { get => returned_mail::show, }
    "/api/v1/statistics" { get => statistics::show, }
    "/api/v1/readers" { get => readers::list, post once => readers::subscribe_address, }
    "/api/v1/readers/search" { post => readers::search, }
    "/api/v1/readers/{id}" { get => readers::show, delete => readers::erase, }
    "/api/v1/readers/{id}/subscribe" { post once => readers::subscribe, }
    "/api/v1/readers/{id}/export" { post => readers::export, }
    "/api/v1/subscriptions/{id}" { get => reader_subscriptions::show, patch => reader_subscriptions::change, }
    "/api/v1/subscriptions/{id}/unsubscribe" { post => reader_subscriptions::unsubscribe, }
    "/api/v1/suppressions" { get => suppressions::list, post => suppressions::add, }
    "/api/v1/suppressions/search" { post => suppressions::search, }
    "/api/v1/suppressions/export" { post => suppressions::export, }
    "/api/v1/suppressions/{id}" { get => suppressions::show, }
    "/api/v1/suppressions/{id}/lift" { post => suppressions::lift, }
    "/api/v1/comments" { get => comments::list, }
    "/api/v1/comments/{id}" { get => comments::show, delete => comments::delete, }
    "/api/v1/comments/{id}/approve" { post => comments::approve, }
    "/api/v1/comments/{id}/reject" { post => comments::reject, }
    "/api/v1/comments/{id}/block" { post => comments::block, }
    "/api/v1/settings" { get => settings::list, }
    "/api/v1/relays" { get => relays::show, }
    "/api/v1/audit-log" { get => audit_log::list, }
    "/api/v1/operators" { get => operators::list, post once => operators::add, }
    "/api/v1/operators/{id}" { get => operators::show, patch => operators::change, delete => operators::remove, }
    "/api/v1/operators/{id}/invite" { post once => operators::invite, }
    "/api/v1/webhooks" { get => webhooks::list, post once => webhooks::add, }
    "/api/v1/webhooks/{id}" { get => webhooks::show, patch => webhooks::change, delete => webhooks::remove, }
    "/api/v1/webhooks/{id}/secret" { post once => webhooks::rotate, }
    "/api/v1/webhooks/{id}/test" { post => webhooks::test, }
    "/api/v1/webhooks/{id}/messages" { get => webhook_messages::list, }
    "/api/v1/webhooks/{id}/replay" { post once => webhook_messages::replay, }
    "/api/v1/tokens" { get => operators::list_tokens, }
    "/api/v1/tokens/{id}/revoke" { post => operators::revoke_token, }
}
