//! Operators: people and programs that may use the console and the API. The console and the commands call the same functions.
//!
//! - `passwords.rs` hashes passwords; `sign_in.rs` and `sessions.rs` sign people in and out; `throttle.rs` limits guesses.
//! - `second_factor.rs` has the codes of authenticator apps, and recovery codes.
//! - `passkeys.rs` has the passkeys, which replace password and code.
//! - `provider.rs` signs people in at an identity provider; `provider_client.rs` sends the requests to it.
//! - `first_owner.rs` creates the first owner by a link that `daywire serve` prints.
//! - `links.rs` mails invitations and links for a new password.
//! - `tokens.rs` has the tokens with which programs use the API.
//!
//! Every change is recorded in the audit log, in the same transaction.

mod challenges;
mod error;
mod first_owner;
mod links;
mod managing;
mod passkeys;
mod passwords;
mod provider;
mod provider_client;
mod second_factor;
mod sessions;
mod sign_in;
mod throttle;
mod tokens;

pub(crate) use error::MAX_PASSKEY_NAME_CHARS;
pub use error::OperatorError;
pub use first_owner::{create_first_owner, first_owner_link, is_first_owner_link};
pub use links::{choose_password, invite, invite_again, operator_of_link, request_reset};
pub(crate) use managing::field_errors;
pub use managing::{NewOperator, OperatorEdit, add, change_own_password, edit, has_password, remove, set_password};
pub use passkeys::{
    PasskeyChallenge, add_passkey, ask_for_new_passkey, ask_for_passkey, can_have_passkeys, remove_passkey,
    remove_passkeys, sign_in_with_passkey,
};
pub use provider::{AuthorizationRequest, AuthorizationResponse, IdentityProvider, ProviderError, unlink};
pub use second_factor::{
    CodeAttempt, NewSecret, authenticator_state, awaits_code, disable_authenticator, enable_authenticator,
    new_recovery_codes, new_secret, offered_again, reset_authenticator, sign_in_with_code,
};
pub use sessions::{Browser, NewSession, SignedIn, end_other_sessions, end_session, session_of, sign_out};
pub use sign_in::{Attempt, SignInError, sign_in};
pub use tokens::{Authenticated, NewToken, TokenRequest, authenticate, own_token, revoke, token};
