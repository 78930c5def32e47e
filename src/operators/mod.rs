//! Operators: people and programs that may use the console and the API. The console and the commands call the same functions.
//!
//! - `passwords.rs` hashes passwords; `sign_in.rs` and `sessions.rs` sign people in and out; `throttle.rs` limits guesses.
//! - `first_owner.rs` creates the first owner by a link that `daywire serve` prints.
//! - `tokens.rs` has the tokens with which programs use the API.
//!
//! Every change is recorded in the audit log, in the same transaction.

mod error;
mod first_owner;
mod managing;
mod passwords;
mod sessions;
mod sign_in;
mod throttle;
mod tokens;

pub use error::OperatorError;
pub use first_owner::{create_first_owner, first_owner_link, is_first_owner_link};
pub use managing::{NewOperator, add, change_own_password, change_role, remove, set_password};
pub use sessions::{Browser, NewSession, SignedIn, end_other_sessions, end_session, session_of, sign_out};
pub use sign_in::{Attempt, SignInError, sign_in};
pub use tokens::{Authenticated, NewToken, TokenRequest, authenticate, revoke, token};
