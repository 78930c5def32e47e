//! Checks the fields of a sign-up request that can be checked without the database, and computes its keys.

use std::net::IpAddr;

use super::mailbox_limits::{MailboxLimit, mailbox_key};
use super::request::{ShownWords, SignupError, SignupRequest};
use super::request_limits::{address_permits, network_permits};
use super::requester::requester_of;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::consent::ConsentSource;
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::normal_list;
use crate::store::mailbox_histories::MailboxKey;
use crate::store::rate_limits::Permit;
use crate::store::signups::AddressHash;
use crate::text::html::clean_line;
use crate::words::Language;

/// The most characters of a name.
const MAX_NAME: usize = 100;

/// A request whose fields are valid.
#[derive(Debug)]
pub(crate) struct CheckedRequest {
    pub(super) address: EmailAddress,
    pub(super) address_hash: AddressHash,
    pub(super) mailbox: MailboxKey,
    /// The network or domain by which the queue of mails is shared out.
    pub(super) requester: String,
    pub(super) name: Option<String>,
    pub(super) timezone: Option<TimeZone>,
    /// The language of the form; `None` for the newsletter's.
    pub(super) language: Option<Language>,
    /// The slugs of newsletters as they were sent.
    pub(super) newsletters: Vec<String>,
    /// The requested topics, normalised.
    pub(super) topics: Vec<String>,
    pub(super) source: ConsentSource,
    pub(super) words: ShownWords,
    pub(super) network: Option<IpAddr>,
    /// The permits that every request takes, even if it is refused.
    pub(super) network_permits: Vec<Permit>,
    /// The permits that a request takes if it is not refused.
    pub(super) address_permits: [Permit; 2],
}

/// Checks a request.
pub(super) fn check(app: &App, request: SignupRequest) -> Result<CheckedRequest, SignupError> {
    let address = EmailAddress::parse(&request.email)?;
    let timezone = request
        .timezone
        .as_deref()
        .map(str::trim)
        .filter(|zone| !zone.is_empty());
    let timezone = timezone
        .map(|zone| {
            zone.parse()
                .map_err(|_| SignupError::Timezone(zone.chars().take(64).collect()))
        })
        .transpose()?;
    let name = request.name.as_deref().map(clean_line).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| !is_name(name)) {
        return Err(SignupError::Name);
    }
    Ok(CheckedRequest {
        address_hash: app.keys.address_hash(address.key()),
        mailbox: mailbox_key(app, MailboxLimit::SignUps, &address),
        requester: requester_of(request.network, &address),
        name,
        timezone,
        language: request.language,
        newsletters: request.newsletters,
        topics: normal_list(&request.topics),
        source: request.source,
        words: request.words,
        network: request.network,
        network_permits: request
            .network
            .map_or_else(Vec::new, |network| network_permits(app, network)),
        address_permits: address_permits(app, &address),
        address,
    })
}

/// Whether a text may be a name: it is short and contains no web address. Anybody can sign up a stranger, and the name is in the `To`
/// header of the stranger's mail.
fn is_name(text: &str) -> bool {
    let lower = text.to_lowercase();
    text.chars().count() <= MAX_NAME && !lower.contains("://") && !lower.contains("www.")
}
