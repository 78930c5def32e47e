//! Why something about operators was not done.

use crate::domain::password::PasswordProblem;
use crate::domain::role::Role;
use crate::store::StoreError;

/// The most characters of an operator's name.
pub(super) const MAX_NAME_CHARS: usize = 64;
/// The most characters of the name of a passkey.
pub(crate) const MAX_PASSKEY_NAME_CHARS: u16 = 60;

/// Why a change of operators was not made. The messages are for the command line; the console has texts of its own.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A mail could not be rendered, which only a broken build can cause.
    #[error("the mail could not be written: {0}")]
    Template(#[from] askama::Error),
    /// The operator was changed after the sender of the request read it.
    #[error("the operator {0} was changed meanwhile, and nothing was done; look at it again")]
    Outdated(String),
    /// The name is not allowed.
    #[error(
        "{0:?} is no operator's name; write 1 to {MAX_NAME_CHARS} letters, digits, `.`, `-`, `_` or `@`, the first a \
         letter or a digit, such as newsroom or ada@example.org"
    )]
    Name(String),
    /// The address is not valid.
    #[error("{0:?} is not an address for mail; write one such as ada@example.org")]
    Email(String),
    /// The password is not allowed.
    #[error("{0}")]
    Password(#[from] PasswordProblem),
    /// The current password that has to be typed with a new one is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The code of the authenticator app is wrong.
    #[error("the code is wrong")]
    WrongCode,
    /// There were too many guesses for the account or from the network.
    #[error("there were too many attempts; try again in a few minutes")]
    TooMany,
    /// Another operator has this name.
    #[error("there is an operator {0} already; `daywire operator token {0}` makes a token")]
    Taken(String),
    /// A removed operator had this name, or another operator has the address.
    #[error("{0} was the name of an operator who was removed, or another operator has the address; choose others")]
    Used(String),
    /// Another operator has this address.
    #[error("another operator has this address; each needs an address of their own")]
    EmailTaken,
    /// No operator has this name.
    #[error("there is no operator {0:?}; `daywire operator list` shows them, `daywire operator add` adds one")]
    UnknownOperator(String),
    /// The change would leave the site without an owner who can sign in.
    #[error(
        "{0} is the last owner who can sign in; make another operator with a password the {owner} first: \
         `daywire operator role NAME owner`",
        owner = Role::Owner
    )]
    LastOwner(String),
    /// An operator with a password needs no invitation.
    #[error("{0} has a password already; /admin/forgot mails a link for a new one")]
    HasPassword(String),
    /// An invitation cannot be mailed to an operator without an address.
    #[error("{0} has no address to mail an invitation to; `daywire operator passwd {0}` sets the first password")]
    NoEmail(String),
    /// The link was not made here, was used, or has expired.
    #[error("the link was used or has expired; start `daywire serve` again for a new one")]
    Link,
    /// No valid token of the operator begins with the prefix.
    #[error("{name} has no token that begins with {prefix:?} and is not revoked; `daywire operator list` shows them")]
    NoToken {
        /// The name of the operator.
        name: String,
        /// The given beginning of the token.
        prefix: String,
    },
    /// Several valid tokens begin with the prefix.
    #[error("{count} tokens of {name} begin with {prefix:?}; give more characters of the token")]
    Several {
        /// The name of the operator.
        name: String,
        /// The given beginning of the token.
        prefix: String,
        /// The number of tokens.
        count: usize,
    },
    /// The name of a passkey is empty or too long.
    #[error("a passkey needs a name of at most {MAX_PASSKEY_NAME_CHARS} characters")]
    PasskeyName,
    /// The answer of the browser does not fit the challenge, or the challenge was answered before or has expired.
    #[error("the passkey was not accepted")]
    Passkey,
    /// A token without scopes permits nothing.
    #[error("a token needs at least one scope: read, write, send, readers or admin")]
    NoScope,
}
