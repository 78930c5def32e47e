//! A sign-up request as it arrives from the form or the API, and the reasons to refuse it.

use std::net::IpAddr;
use std::sync::Arc;

use crate::domain::address::AddressError;
use crate::domain::audit::Actor;
use crate::domain::consent::ConsentSource;
use crate::domain::states::Cadence;
use crate::domain::topics::TopicError;
use crate::store::StoreError;
use crate::words::Language;

/// A request to subscribe an address.
#[derive(Clone, Debug)]
pub struct SignupRequest {
    /// The address as typed.
    pub email: String,
    /// The slugs of newsletters; empty for the oldest newsletter.
    pub newsletters: Vec<String>,
    /// The name for the `To` header of mails to the subscriber.
    pub name: Option<String>,
    /// The IANA name of the subscriber's time zone.
    pub timezone: Option<String>,
    /// The requested topics; empty for all.
    pub topics: Vec<String>,
    /// How often the subscriber wants the newsletters; `None` for every issue.
    pub cadence: Option<Cadence>,
    /// The language of the form, for mails; `None` for the newsletter's.
    pub language: Option<Language>,
    /// The form or program that sent the request.
    pub source: ConsentSource,
    /// The words that the person saw, for the consent record.
    pub words: ShownWords,
    /// The network address that the request came from.
    pub network: Option<IpAddr>,
    /// Whether the field that people do not see was filled in.
    pub honeypot_filled: bool,
    /// What shows that the form of this site was used.
    pub form: SentForm,
    /// A proof of work, or the answer to the question; `None` if the request has neither.
    pub proof: Option<SentProof>,
}

/// What shows that a person used the form of this site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentForm {
    /// The request is not from a form of this site, but from a program or a page of a listed site.
    NotOurs,
    /// The signed token of the form; empty if it was not sent.
    Token(String),
    /// The request is from the page of a confirmation link. Only readers of its mail know the link, so no proof of work is needed.
    MailedLink,
    /// An operator typed the address. No proof of work is needed, and the audit log names the operator.
    Operator(Actor),
}

impl SentForm {
    /// Whether a request of this kind needs a proof of work while there are many sign-ups.
    pub(super) const fn may_need_proof(&self) -> bool {
        match self {
            Self::NotOurs | Self::Token(_) => true,
            Self::MailedLink | Self::Operator(_) => false,
        }
    }
}

/// What a request has instead of a low rate of sign-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentProof {
    /// The solution of a proof of work, as a browser sends it.
    Work(String),
    /// The answer to a question, with the token of its form.
    Answer {
        /// The signed token of the question.
        token: String,
        /// What the reader typed.
        answer: String,
    },
}

/// The words that a person saw before they signed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownWords {
    /// Those of the form on this site, in this language.
    OurForm(Language),
    /// These. Another form or program showed them, or the form for iframes on other sites.
    Given(String),
    /// A program or a page of another site showed words that are not known.
    Unknown,
}

/// Why a request was not accepted. None of the reasons reveals whether an address is known.
#[derive(Debug, thiserror::Error)]
pub enum SignupError {
    /// The address cannot be mailed.
    #[error("{0}")]
    Address(#[from] AddressError),
    /// No newsletter has this slug.
    #[error("there is no newsletter “{0}”; the sign-up page lists them")]
    UnknownNewsletter(String),
    /// The form listed newsletters, and the reader chose none of them.
    #[error("choose at least one newsletter")]
    NoneChosen,
    /// The site has no public newsletter yet.
    #[error("there is no newsletter to subscribe to yet")]
    NoNewsletter,
    /// No time zone has this name.
    #[error("“{0}” is not a known time zone; write one such as Europe/Berlin")]
    Timezone(String),
    /// The name is too long, or contains a web address.
    #[error("that is not a name; write at most 100 characters and no web address")]
    Name,
    /// None of the requested newsletters has this topic.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// Two or more of the reasons above, each about another field.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Self>),
    /// A limit is reached.
    #[error("too many sign-ups from your network; try again in a few minutes")]
    TooMany,
    /// There are so many sign-ups that each needs a proof of work.
    #[error("there are many sign-ups at the moment, so each needs a proof of work")]
    ProofRequired,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be rendered, which only a broken build can cause.
    #[error("the confirmation mail could not be written: {0}")]
    Template(Arc<askama::Error>),
}

impl SignupError {
    /// One error for all that is wrong; `None` if nothing is.
    pub(super) fn of_all(mut errors: Vec<Self>) -> Option<Self> {
        match errors.len() {
            0 | 1 => errors.pop(),
            _ => Some(Self::Several(errors)),
        }
    }

    /// All reasons, each with its field.
    pub(crate) fn each(&self) -> &[Self] {
        match self {
            Self::Several(errors) => errors,
            one => std::slice::from_ref(one),
        }
    }

    /// Whether the service failed. Otherwise the request is invalid or over a limit.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Template(_))
    }
}
