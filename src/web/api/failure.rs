//! Why the API refused a request, as problem details.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::delivery::control::ControlError;
use crate::digest::CompileError;
use crate::digest::drafts::EditError;
use crate::domain::article_input::FieldError;
use crate::domain::role::{Permission, Role, Scope};
use crate::ingest::change::ChangeError;
use crate::readers::SubscribeError;
use crate::signup::SignupError;
use crate::store::StoreError;
use crate::web::field_problems::signup_field;
use crate::web::problem::{InvalidFields, Problem};

/// What the API answers for an issue that does not exist.
const NO_ISSUE: &str = "There is no such issue; GET /api/v1/drafts and GET /api/v1/issues list them.";

/// Why the API refused a request. Nothing was changed then.
#[derive(Debug)]
pub(in crate::web) enum Failure {
    /// The request has no bearer token, or more than one.
    NoToken,
    /// The token is unknown or revoked.
    InvalidToken,
    /// The token lacks this scope.
    NoScope(Scope),
    /// The role of the token's operator does not permit it.
    NotPermitted {
        role: Role,
        permission: Permission,
    },
    /// The body is not JSON.
    Malformed(String),
    /// These fields or parameters are wrong.
    Invalid(Vec<FieldError>),
    NotFound(String),
    /// The state of the object does not permit the change.
    Conflict(String),
    /// A change without `If-Match`.
    NoCondition,
    /// The object is not the one that `If-Match` names.
    Changed,
    /// The token made more than `limit` requests in a minute. It may make the next one after `wait` seconds.
    TooManyRequests {
        limit: u32,
        wait: i64,
    },
    /// The sign-ups are over a limit of `signup`.
    TooManySignups,
    /// The body is larger than this many KiB.
    TooLarge(usize),
    /// The content type is not one of these.
    ContentType(&'static str),
    /// The database failed, or a stored row cannot be parsed.
    Internal(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Compile(error) => error.into(),
            EditError::Unknown(_) => Self::NotFound(NO_ISSUE.to_owned()),
            EditError::Changed(_) => Self::Changed,
            EditError::Subject(_) => Self::Invalid(vec![FieldError::new("subject", error.to_string())]),
            EditError::UnknownArticle(_) | EditError::NoInputs(_) | EditError::NotDraft(..) | EditError::Empty => {
                Self::Conflict(error.to_string())
            }
        }
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Store(error) => error.into(),
            ControlError::Compile(error) => error.into(),
            ControlError::Unknown(_) | ControlError::UnknownEdition { .. } => Self::NotFound(NO_ISSUE.to_owned()),
            ControlError::Changed(_) => Self::Changed,
            ControlError::Address(_) => Self::Invalid(vec![FieldError::new("to", error.to_string())]),
            ControlError::State { .. }
            | ControlError::Unapproved(_)
            | ControlError::Blocked { .. }
            | ControlError::NoConfirmedSubscribers { .. }
            | ControlError::TestAddressSuppressed
            | ControlError::TooManyTestMails => Self::Conflict(error.to_string()),
            ControlError::Personalise(_) | ControlError::Relay(_) | ControlError::TestMailNotAccepted(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl From<SubscribeError> for Failure {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Subscribed | SubscribeError::Suppressed => Self::Conflict(error.to_string()),
            SubscribeError::BlockedDomain => Self::Invalid(vec![FieldError::new("email", error.to_string())]),
            SubscribeError::Refused(SignupError::TooMany | SignupError::ProofRequired) => Self::TooManySignups,
            SubscribeError::Refused(error) if error.is_ours() => Self::Internal(error.to_string()),
            SubscribeError::Refused(error) => {
                let errors = error.each().iter();
                Self::Invalid(
                    errors
                        .map(|error| FieldError::new(signup_field(error), error.to_string()))
                        .collect(),
                )
            }
        }
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Store(_) | ChangeError::Compile(_) | ChangeError::LocksOutdated => {
                Self::Internal(error.to_string())
            }
            ChangeError::Unknown => Self::NotFound(error.to_string()),
            ChangeError::Outdated(_) => Self::Changed,
            ChangeError::Retracted(_) | ChangeError::SameFileName { .. } => Self::Conflict(error.to_string()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, detail) = match self {
            // A request without a token gets no error code
            // ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
            Self::NoToken => {
                return unauthorized(
                    "Bearer realm=\"daywire\"",
                    "Send `Authorization: Bearer TOKEN`; `daywire operator token NAME` makes a token.",
                );
            }
            Self::InvalidToken => {
                return unauthorized(
                    "Bearer realm=\"daywire\", error=\"invalid_token\"",
                    "The token is not valid: it was mistyped or revoked, or it has expired. `daywire operator token NAME` makes a new one.",
                );
            }
            Self::NoScope(scope) => {
                let challenge = format!("Bearer realm=\"daywire\", error=\"insufficient_scope\", scope=\"{scope}\"");
                let detail = format!(
                    "The token lacks the scope {scope}. Nothing was changed; `daywire operator token NAME --scope {scope}` makes one with it."
                );
                let headers = [(header::WWW_AUTHENTICATE, challenge)];
                return (headers, Problem::new(StatusCode::FORBIDDEN, detail)).into_response();
            }
            Self::NotPermitted { role, permission } => (
                StatusCode::FORBIDDEN,
                format!(
                    "The role {role} does not permit {permission}. Nothing was changed; an owner can change the role."
                ),
            ),
            Self::NoCondition => (
                StatusCode::PRECONDITION_REQUIRED,
                "Nothing was changed. Send the ETag of what you saw as `If-Match`, so that you overwrite nobody's change; `If-Match: *` \
                 changes it in any version."
                    .to_owned(),
            ),
            Self::Changed => (
                StatusCode::PRECONDITION_FAILED,
                "It was changed since you read it, and nothing was overwritten. Read it again, and repeat your change with the new ETag."
                    .to_owned(),
            ),
            Self::TooManyRequests { limit, wait } => {
                let detail = format!(
                    "This token may make {limit} requests in a minute. Nothing was changed; try again in {wait} seconds."
                );
                let headers = [(header::RETRY_AFTER, wait.to_string())];
                return (headers, Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)).into_response();
            }
            Self::TooManySignups => {
                let detail = "There were too many sign-ups, and no mail was queued. Try again in a few minutes.";
                let headers = [(header::RETRY_AFTER, "300")];
                return (headers, Problem::new(StatusCode::TOO_MANY_REQUESTS, detail)).into_response();
            }
            Self::Invalid(errors) => return InvalidFields::new(errors).into_response(),
            Self::Malformed(detail) => (StatusCode::BAD_REQUEST, detail),
            Self::NotFound(detail) => (StatusCode::NOT_FOUND, detail),
            Self::Conflict(detail) => (StatusCode::CONFLICT, detail),
            Self::TooLarge(kib) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("A document here has at most {kib} KiB. Nothing was changed; send less at once."),
            ),
            Self::ContentType(accepted) => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!("The Content-Type must be {accepted}. Nothing was changed."),
            ),
            Self::Internal(error) => {
                tracing::error!(%error, "API request failed");
                let detail = "Nothing was changed; try again in a minute.".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, detail)
            }
        };
        Problem::new(status, detail).into_response()
    }
}

fn unauthorized(challenge: &'static str, detail: &str) -> Response {
    let headers = [(header::WWW_AUTHENTICATE, challenge)];
    (headers, Problem::new(StatusCode::UNAUTHORIZED, detail)).into_response()
}
