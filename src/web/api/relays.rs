//! `/api/v1/relays`: the relays by the settings, and how fast each process sends to relays and recipient domains.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::bearer::{Bearer, ReadSettings};
use super::failure::Failure;
use crate::delivery::sending_report::{RelayInUse, SendingProcess, sending_report};
use crate::domain::sending_status::{DomainStatus, RelayStatus};
use crate::web::state::Shared;

/// How mail is sent.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sending {
    /// Whether there is no relay, so that mail stays in the built-in inbox
    captures_mail: bool,
    /// The relays by the settings
    relays: Vec<Relay>,
    /// The processes that send, as they last reported
    processes: Vec<Process>,
}

/// A relay by the settings.
#[derive(Debug, Serialize, ToSchema)]
struct Relay {
    /// Its address without the login
    name: String,
    weight: u32,
    connections: usize,
    /// null: without a limit
    #[schema(required)]
    messages_per_second: Option<u32>,
    /// How many messages may be sent today; null: without a limit
    #[schema(required)]
    cap_today: Option<u32>,
    /// How many of them are used
    used_today: i64,
    /// Why it sends no issue now; null: it does
    #[schema(required)]
    waits: Option<Wait>,
}

/// Why a relay sends no issue now.
#[derive(Debug, Serialize, ToSchema)]
struct Wait {
    /// The word `daily_cap` or `send_window`
    reason: String,
    /// When it sends again
    until: DateTime<Utc>,
}

/// A process that sends.
#[derive(Debug, Serialize, ToSchema)]
struct Process {
    name: String,
    /// Why no relay accepts mail; null: one does
    #[schema(required)]
    trouble: Option<String>,
    relays: Vec<RelayThrottle>,
    domains: Vec<DomainThrottle>,
}

/// How fast a process uses a relay.
#[derive(Debug, Serialize, ToSchema)]
struct RelayThrottle {
    name: String,
    /// How many messages may be sent at once now
    limit: u64,
    /// How many by the settings
    max: u64,
    /// Until when nothing is sent, because the relay asked to slow down
    #[schema(required)]
    paused_until: Option<DateTime<Utc>>,
    /// Why mail waits for the relay; null: it does not
    #[schema(required)]
    trouble: Option<String>,
}

/// How fast a process sends to a recipient domain.
#[derive(Debug, Serialize, ToSchema)]
struct DomainThrottle {
    /// The domain, or the first of those that share a limit
    domain: String,
    /// How many messages may be sent at once now; null: without a limit
    #[schema(required)]
    limit: Option<u64>,
    in_flight: u64,
    /// How many deliveries wait in the memory of the process
    waiting: u64,
    #[schema(required)]
    paused_until: Option<DateTime<Utc>>,
}

impl From<RelayInUse> for Relay {
    fn from(relay: RelayInUse) -> Self {
        Self {
            name: relay.name,
            weight: relay.weight,
            connections: relay.connections,
            messages_per_second: relay.rate,
            cap_today: relay.cap,
            used_today: relay.used,
            waits: relay.waits.map(|wait| Wait {
                reason: wait.reason.as_str().to_owned(),
                until: wait.until,
            }),
        }
    }
}

impl From<SendingProcess> for Process {
    fn from(process: SendingProcess) -> Self {
        Self {
            name: process.name,
            trouble: process.status.trouble,
            relays: process.status.relays.into_iter().map(Into::into).collect(),
            domains: process.status.domains.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<RelayStatus> for RelayThrottle {
    fn from(relay: RelayStatus) -> Self {
        Self {
            name: relay.name,
            limit: relay.limit,
            max: relay.max,
            paused_until: relay.paused_until,
            trouble: relay.trouble,
        }
    }
}

impl From<DomainStatus> for DomainThrottle {
    fn from(domain: DomainStatus) -> Self {
        Self {
            domain: domain.domain,
            limit: domain.limit,
            in_flight: domain.in_flight,
            waiting: domain.waiting,
            paused_until: domain.paused_until,
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/relays", operation_id = "showRelays",
    summary = "The relays, and how fast each process sends to relays and recipient domains",
    responses((status = 200, description = "How mail is sent", body = Sending)),
    security(("token" = ["read"])),
)]
pub(super) async fn show(_: Bearer<ReadSettings>, State(web): Shared) -> Result<Json<Sending>, Failure> {
    let report = sending_report(&web.app).await?;
    Ok(Json(Sending {
        captures_mail: web.app.config.captures_mail(),
        relays: report.relays.into_iter().map(Into::into).collect(),
        processes: report.processes.into_iter().map(Into::into).collect(),
    }))
}
