//! Checks the fields of a sign-up request that can be checked without the database, and computes its keys.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::form::check_form;
use super::mailbox_limits::{MailboxLimit, mailbox_key};
use super::proof::{Proof, check_proof};
use super::request::{SentForm, ShownWords, SignupError, SignupRequest};
use super::request_limits::{address_permits, free_permit, network_permits};
use super::requester::requester_of;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::audit::Actor;
use crate::domain::consent::ConsentSource;
use crate::domain::person_name::is_person_name;
use crate::domain::states::{Cadence, SignupOutcome};
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::normal_list;
use crate::store::mailbox_histories::MailboxKey;
use crate::store::rate_limits::Permit;
use crate::store::signups::AddressHash;
use crate::store::spent_tokens::SpentKey;
use crate::store::texts::SharedText;
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
    pub(super) cadence: Option<Cadence>,
    pub(super) source: ConsentSource,
    /// The words that the person saw, for the consent record.
    pub(super) words: CheckedWords,
    pub(super) network: Option<IpAddr>,
    /// The permits that every request takes, even if it is refused.
    pub(super) network_permits: Vec<Permit>,
    /// The permits that a request takes if it is not refused: of the domain, and overall.
    pub(super) address_permits: [Permit; 2],
    /// The token of the form, which its network can use once; `None` for a request without a form of ours.
    pub(super) form_token: Option<(SpentKey, DateTime<Utc>)>,
    /// Why the form's token is not accepted. The proof, which is signed and dated too, must then be accepted instead.
    pub(super) form_refusal: Option<SignupOutcome>,
    /// The permit of a sign-up without a proof; `None` if none ever needs one.
    pub(super) free_permit: Option<Permit>,
    pub(super) proof: Proof,
    /// The operator who typed the address, for the audit log.
    pub(super) operator: Option<Actor>,
}

/// [`ShownWords`] with the hash by which the consent record refers to them.
#[derive(Debug)]
pub(super) enum CheckedWords {
    OurForm(Language),
    Given(SharedText),
    Unknown,
}

impl CheckedRequest {
    /// The words that come with the request, and are stored with it.
    pub(super) const fn given_words(&self) -> Option<&SharedText> {
        match &self.words {
            CheckedWords::Given(text) => Some(text),
            CheckedWords::OurForm(_) | CheckedWords::Unknown => None,
        }
    }

    /// The permits besides those of the network.
    pub(super) fn further_permits(&self) -> impl Iterator<Item = &Permit> {
        let of_proof = match &self.proof {
            Proof::Valid { permit, .. } => permit.as_ref(),
            Proof::Missing | Proof::Wrong => None,
        };
        self.address_permits.iter().chain(&self.free_permit).chain(of_proof)
    }

    /// The tokens that the request uses.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &(SpentKey, DateTime<Utc>)> {
        let of_proof = match &self.proof {
            Proof::Valid { token, .. } => Some(token),
            Proof::Missing | Proof::Wrong => None,
        };
        self.form_token.iter().chain(of_proof)
    }
}

/// Why a request is refused before it is stored.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Fields are invalid, which the client learns.
    Invalid(Box<InvalidRequest>),
    /// The client gets the usual answer.
    Silent(SignupOutcome),
}

/// A request with at least one error.
#[derive(Debug)]
pub(super) struct InvalidRequest {
    pub(super) request: SignupRequest,
    pub(super) errors: Vec<SignupError>,
}

/// The fields that do not depend on the newsletters.
pub(super) struct CheckedFields {
    address: EmailAddress,
    timezone: Option<TimeZone>,
    name: Option<String>,
}

/// Checks the fields, and returns all errors at once: a reader should not have to send a form again and again to learn them.
pub(super) fn check_fields(request: &SignupRequest) -> Result<CheckedFields, Vec<SignupError>> {
    let mut errors = Vec::new();
    let address = EmailAddress::parse(&request.email).map_err(|error| errors.push(error.into()));
    let typed = request.timezone.as_deref().map(str::trim);
    let timezone = typed.filter(|zone| !zone.is_empty()).map(|zone| {
        let unknown = |_| errors.push(SignupError::Timezone(zone.chars().take(64).collect()));
        zone.parse::<TimeZone>().map_err(unknown)
    });
    let name = request.name.as_deref().map(clean_line).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| !is_person_name(name, MAX_NAME)) {
        errors.push(SignupError::Name);
    }
    match (address, timezone.transpose()) {
        (Ok(address), Ok(timezone)) if errors.is_empty() => Ok(CheckedFields {
            address,
            timezone,
            name,
        }),
        _ => Err(errors),
    }
}

/// Checks the fields and the evidence that a person sent them.
pub(super) fn check(app: &App, request: SignupRequest) -> Result<CheckedRequest, Refusal> {
    if request.honeypot_filled {
        return Err(Refusal::Silent(SignupOutcome::Honeypot));
    }
    let CheckedFields {
        address,
        timezone,
        name,
    } = match check_fields(&request) {
        Ok(fields) => fields,
        Err(errors) => return Err(Refusal::Invalid(Box::new(InvalidRequest { request, errors }))),
    };
    if app.config.signup.blocked_domains.contains(&address) {
        return Err(Refusal::Silent(SignupOutcome::BlockedDomain));
    }
    let network_permits = request
        .network
        .map_or_else(Vec::new, |network| network_permits(app, network));
    let network = network_permits.first().map(|permit| permit.key);
    let proof = check_proof(app, request.proof.as_ref(), network);
    let (form_token, form_refusal) = match check_form(app, &request.form, network) {
        Ok(token) => (token, None),
        // Whether the proof was used before, only the database knows.
        Err(outcome) if matches!(proof, Proof::Valid { .. }) => (None, Some(outcome)),
        Err(outcome) => return Err(Refusal::Silent(outcome)),
    };
    Ok(CheckedRequest {
        address_hash: app.keys.address_hash(address.key()),
        mailbox: mailbox_key(app, MailboxLimit::SignUps, &address),
        requester: requester_of(app, request.network, &address),
        name,
        timezone,
        language: request.language,
        newsletters: request.newsletters,
        topics: normal_list(&request.topics),
        cadence: request.cadence,
        source: request.source,
        words: match request.words {
            ShownWords::OurForm(language) => CheckedWords::OurForm(language),
            ShownWords::Given(words) => CheckedWords::Given(SharedText::new(words)),
            ShownWords::Unknown => CheckedWords::Unknown,
        },
        network: request.network,
        network_permits,
        address_permits: address_permits(app, &address),
        form_token,
        form_refusal,
        free_permit: free_permit(app).filter(|_| request.form.may_need_proof()),
        operator: match request.form {
            SentForm::Operator(actor) => Some(actor),
            SentForm::NotOurs | SentForm::Token(_) | SentForm::MailedLink => None,
        },
        proof,
        address,
    })
}
