//! Signing up with double opt-in: a request stores a pending subscription, a consent record and a confirmation mail, and the mailed
//! link confirms.
//!
//! 1. [`Signups::request`] checks the fields of a [`SignupRequest`] (`check.rs`) and puts it into the queue of writes.
//! 2. One transaction stores all requests that wait (`signups.rs`). It reads what they concern (`state.rs`), decides one after the other
//!    (`decisions.rs`, `making.rs`), and writes the result (`writes.rs`): subscribers, subscriptions, consent records, mails and the used limits
//!    (`request_limits.rs`, `mailbox_limits.rs`). Mails are rendered before, and kept in memory (`mail_cache.rs`), as is what people can
//!    subscribe to (`offer.rs`).
//! 3. [`confirm`] uses the token of the link, once.
//!
//! `asking.rs` mails such links to imported readers.
//!
//! Against programs, the form has a signed token (`form.rs`), and while there are many sign-ups each needs a proof of work
//! (`proof.rs`). `daywire signup report` shows what was refused and why.
//!
//! The answer to a request is the same for every address, so that nobody can find out who is subscribed. Name, time zone, topics and language
//! of a request are stored with its token. They reach the subscription only through the link, because anybody can type an address.

pub(crate) mod asking;
mod check;
mod confirmation;
pub mod confirmation_mail;
mod decisions;
mod form;
pub mod form_words;
mod mail_cache;
pub(crate) mod mailbox_limits;
mod making;
mod offer;
pub(crate) mod proof;
mod request;
pub(crate) mod request_limits;
mod requested;
mod requester;
mod signups;
mod state;
pub(crate) mod subscription_mail;
pub(crate) mod subscription_mail_queue;
mod suppressed;
mod uncounted;
pub(crate) mod welcome_mail;
mod writes;

pub use confirmation::{Link, look_up, request_again};
pub(crate) use confirmation::{confirm, newsletters_of_link};
pub(crate) use form::{key_of_shown_form, new_form_token, renewed_form_token};
pub use mail_cache::TOKEN_PLACEHOLDER;
pub use request::{SentForm, SentProof, ShownWords, SignupError, SignupRequest};
pub(crate) use signups::ReaderWrites;
pub use signups::Signups;
pub(crate) use suppressed::confirmation_from;
pub use welcome_mail::WelcomeError;
