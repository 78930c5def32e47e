//! Why something about webhooks was not done.

use crate::domain::webhook::UnknownEvent;
use crate::feeds::guard::Refusal;
use crate::store::StoreError;

/// The most characters of a webhook's name.
pub const MAX_NAME_CHARS: usize = 64;
/// The most webhooks of a site. An event that all of them get is stored once for each.
pub const MAX_ENDPOINTS: usize = 50;

/// Why a webhook was not changed. The messages are for the command line; the console has texts of its own.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An event is unknown.
    #[error(transparent)]
    Event(#[from] UnknownEvent),
    /// The name is not allowed.
    #[error("{0:?} is no name of a webhook; write 1 to {MAX_NAME_CHARS} letters, digits, `.`, `-` or `_`")]
    Name(String),
    /// Another webhook has this name.
    #[error("there is a webhook {0:?} already; give the new one another name with --name")]
    Taken(String),
    /// No webhook has this name.
    #[error("there is no webhook {0:?}; `daywire webhook list` shows them")]
    Unknown(String),
    /// It is not in the version that the operator saw.
    #[error("the webhook {0:?} was changed meanwhile; nothing was done, look at it again")]
    Outdated(String),
    /// Events cannot be sent to the address.
    #[error("{0}")]
    Address(String),
    /// There are too many webhooks.
    #[error("there are {MAX_ENDPOINTS} webhooks already; remove one first")]
    TooMany,
    /// The stored secret was encrypted with another key.
    #[error(
        "the secret of {0:?} was encrypted with another secrets.key; set that key again, or make a new secret: \
         `daywire webhook rotate {0}`"
    )]
    Secret(String),
    /// No message was selected for a replay.
    #[error("your selection has no sent or failed message of {0:?}; `daywire webhook log {0}` lists them")]
    NothingToReplay(String),
}

/// Why events cannot be sent to an address, with what to do about it.
pub(super) fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreadable(reason) => {
            format!("the address cannot be read ({reason}); write it like https://example.org/events")
        }
        Refusal::Scheme(scheme) => format!("events are sent over https only, not {scheme}"),
        Refusal::Port(port) => format!(
            "port {port} is not allowed for webhooks; to send events there, add the host and port to webhooks.allow"
        ),
        Refusal::Address(address, kind) => {
            format!("{address} is {kind}; to send events there, add it to webhooks.allow")
        }
        Refusal::Name(name) => {
            format!("{name:?} is not the name of a public host; to send events there, add it to webhooks.allow")
        }
        Refusal::UserInfo | Refusal::Elsewhere(_) | Refusal::Unresolvable(..) => refusal.to_string(),
    }
}
