//! The texts for wrong fields of the forms about operators.

use crate::domain::password::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, PasswordProblem};
use crate::operators::{MAX_PASSKEY_NAME_CHARS, OperatorError};
use crate::web::error::WebError;
use crate::words::Words;

/// What is wrong with a field of a form.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// The name of the field.
    pub(super) field: &'static str,
    pub(super) text: String,
}

impl Problem {
    /// The text of a problem of this field.
    pub(super) fn at<'a>(problem: Option<&'a Self>, field: &str) -> Option<&'a str> {
        problem
            .filter(|problem| problem.field == field)
            .map(|problem| problem.text.as_str())
    }
}

/// The field that an error is about, with its text.
///
/// # Errors
/// If the error is about no field: the database failed.
pub(super) fn problem_of(words: &Words, error: OperatorError) -> Result<Problem, WebError> {
    let (field, text) = match error {
        OperatorError::Store(error) => return Err(error.into()),
        OperatorError::Template(error) => return Err(error.into()),
        OperatorError::Name(_) => ("name", words.operator_name_invalid()),
        OperatorError::Email(_) => ("email", words.operator_email_invalid()),
        OperatorError::EmailTaken => ("email", words.operator_taken()),
        OperatorError::Taken(_) | OperatorError::Used(_) => ("name", words.operator_taken()),
        OperatorError::Password(problem) => ("new-password", password_text(words, problem)),
        OperatorError::WrongPassword => ("current-password", words.current_password_wrong()),
        OperatorError::WrongCode => ("code", words.code_wrong()),
        OperatorError::TooMany => ("current-password", words.sign_in_too_many()),
        OperatorError::LastOwner(_) => ("role", words.operator_last_owner()),
        // The page offers an invitation only for operators with an address and without a password. Another request changed that first.
        OperatorError::HasPassword(_) | OperatorError::NoEmail(_) => ("role", words.operator_invited_no_more()),
        OperatorError::PasskeyName => ("passkey", words.passkey_name_wrong(MAX_PASSKEY_NAME_CHARS)),
        OperatorError::Passkey => ("credential", words.passkey_not_added()),
        OperatorError::NoScope => ("scope", words.token_without_scope()),
        OperatorError::UnknownOperator(_)
        | OperatorError::Outdated(_)
        | OperatorError::NoToken { .. }
        | OperatorError::Several { .. }
        | OperatorError::Link => return Err(WebError::NotFound),
    };
    Ok(Problem { field, text })
}

fn password_text(words: &Words, problem: PasswordProblem) -> String {
    match problem {
        PasswordProblem::TooShort => words.password_too_short(MIN_PASSWORD_CHARS),
        PasswordProblem::TooLong => words.password_too_long(MAX_PASSWORD_CHARS),
        PasswordProblem::Guessable => words.password_guessable(),
    }
}
