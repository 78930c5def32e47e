//! Reports how fast this process sends, for operators.

use std::sync::{Arc, PoisonError};

use super::dispatch::Dispatcher;
use super::relays::RelayHandle;
use crate::app::App;
use crate::domain::sending_status::SendingStatus;

/// Puts the present limits of the relays and recipient domains into [`App::sending`].
pub(super) fn update(app: &App, relays: &[Arc<RelayHandle>], dispatcher: &Dispatcher) {
    let now = app.clock.now();
    let status = SendingStatus {
        relays: relays.iter().map(|relay| relay.status(now)).collect(),
        domains: dispatcher.domain_statuses(now),
        trouble: app.health.trouble().map(|trouble| trouble.reason),
    };
    *app.sending.lock().unwrap_or_else(PoisonError::into_inner) = Some(status);
}
