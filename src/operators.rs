//! Operators: people and programs that may use the API. Each has tokens, which are shown once and stored as hashes.

use crate::app::App;
use crate::domain::ids::{OperatorId, OperatorTokenId};
use crate::domain::tokens::{OPERATOR_TOKEN_MARK, OPERATOR_TOKEN_PREFIX, operator_token, token_hash};
use crate::store::operators::{Operator, OperatorToken};
use crate::store::{StoreError, Tx};
use crate::text::plain::plain_line;

/// The most characters of an operator's name.
const MAX_NAME_CHARS: usize = 64;

/// Why a command about operators was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The name is not allowed.
    #[error(
        "{0:?} is no operator's name; write 1 to {MAX_NAME_CHARS} letters, digits, `.`, `-`, `_` or `@`, the first a \
         letter or a digit, such as newsroom or ada@example.org"
    )]
    Name(String),
    /// Another operator has this name.
    #[error("there is an operator {0} already; `daywire operator token {0}` makes a token")]
    Taken(String),
    /// No operator has this name.
    #[error("there is no operator {0:?}; `daywire operator list` shows them, `daywire operator add` adds one")]
    UnknownOperator(String),
    /// No valid token of the operator begins with the prefix.
    #[error("{name} has no token that begins with {prefix:?} and is not revoked; `daywire operator list` shows them")]
    NoToken {
        /// The name of the operator.
        name: String,
        /// The given beginning of the token.
        prefix: String,
    },
    /// Several valid tokens begin with the prefix.
    #[error("{count} tokens of {name} begin with {prefix:?}; give more of the one that is meant")]
    Several {
        /// The name of the operator.
        name: String,
        /// The given beginning of the token.
        prefix: String,
        /// The number of tokens.
        count: usize,
    },
}

/// A new token, which has to be shown now.
#[derive(Clone)]
pub struct NewToken {
    /// The token itself. It is not stored, so this is the only time to show it.
    pub secret: String,
    /// The row that is stored.
    pub stored: OperatorToken,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewToken({})", self.stored.prefix)
    }
}

/// Adds an operator.
///
/// # Errors
/// [`OperatorError`].
pub async fn add(app: &App, name: &str) -> Result<Operator, OperatorError> {
    let now = app.clock.now();
    let operator = Operator {
        id: OperatorId(app.rng.uuid(now)),
        name: parse_name(name)?,
        created_at: now,
    };
    let mut tx = app.store.write().await?;
    if !tx.add_operator(&operator).await? {
        return Err(OperatorError::Taken(operator.name));
    }
    tx.commit().await?;
    Ok(operator)
}

/// Creates a token for an operator.
///
/// # Errors
/// [`OperatorError`].
pub async fn token(app: &App, name: &str, label: &str) -> Result<NewToken, OperatorError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let operator = find(&mut tx, name).await?;
    let secret = operator_token(&app.rng.bytes());
    let stored = OperatorToken {
        id: OperatorTokenId(app.rng.uuid(now)),
        operator_id: operator.id,
        token_hash: token_hash(&secret).to_vec(),
        prefix: secret.chars().take(OPERATOR_TOKEN_PREFIX).collect(),
        label: plain_line(label),
        created_at: now,
        revoked_at: None,
    };
    tx.add_operator_token(&stored).await?;
    tx.commit().await?;
    Ok(NewToken { secret, stored })
}

/// Revokes the tokens of an operator: all of them, or the one that begins with `prefix`. The prefix may leave out `daywire_`, or be
/// the whole token. Returns the tokens that were valid until now.
///
/// # Errors
/// [`OperatorError`].
pub async fn revoke(app: &App, name: &str, prefix: Option<&str>) -> Result<Vec<OperatorToken>, OperatorError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    let operator = find(&mut tx, name).await?;
    let mut tokens = tx.operator_tokens(operator.id).await?;
    tokens.retain(|token| token.revoked_at.is_none());
    if let Some(prefix) = prefix {
        tokens.retain(|token| begins_with(token, prefix.trim()));
        // If the whole token was given, the error message must not repeat it.
        let prefix: String = prefix.chars().take(OPERATOR_TOKEN_PREFIX).collect();
        match tokens.len() {
            0 => {
                return Err(OperatorError::NoToken {
                    name: operator.name,
                    prefix,
                });
            }
            1 => {}
            count => {
                return Err(OperatorError::Several {
                    name: operator.name,
                    prefix,
                    count,
                });
            }
        }
    }
    for token in &tokens {
        tx.revoke_operator_token(token.id, now).await?;
    }
    tx.commit().await?;
    Ok(tokens)
}

/// The operator of a valid token. `None` if the token is unknown or revoked.
///
/// # Errors
/// If the database fails.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Operator>, StoreError> {
    if !token.starts_with(OPERATOR_TOKEN_MARK) {
        return Ok(None);
    }
    app.store.read().await?.operator_by_token(&token_hash(token)).await
}

async fn find(tx: &mut Tx, name: &str) -> Result<Operator, OperatorError> {
    let found = tx.operator_by_name(&name.trim().to_ascii_lowercase()).await?;
    found.ok_or_else(|| OperatorError::UnknownOperator(plain_line(name)))
}

/// Checks a name and converts it to lower case, so that no two names differ only by case.
fn parse_name(text: &str) -> Result<String, OperatorError> {
    let name = text.trim().to_ascii_lowercase();
    let is_valid = name.len() <= MAX_NAME_CHARS
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@'));
    is_valid
        .then_some(name)
        .ok_or_else(|| OperatorError::Name(plain_line(text)))
}

/// Whether `given` is the beginning of the token, with or without its mark, or the whole token.
fn begins_with(token: &OperatorToken, given: &str) -> bool {
    if given.len() > OPERATOR_TOKEN_PREFIX {
        return token.token_hash == token_hash(given);
    }
    let short = token.prefix.strip_prefix(OPERATOR_TOKEN_MARK).unwrap_or(&token.prefix);
    !given.is_empty() && (token.prefix.starts_with(given) || short.starts_with(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for (text, name) in [
            ("ada", "ada"),
            (" Desk.2 ", "desk.2"),
            ("ada@example.org", "ada@example.org"),
        ] {
            assert_eq!(parse_name(text).ok().as_deref(), Some(name));
        }
        let long = "a".repeat(MAX_NAME_CHARS + 1);
        for text in ["", " ", "-x", "Ada Lovelace", "ä", "a\nb", "a/b", &long] {
            assert!(parse_name(text).is_err(), "{text:?}");
        }
    }
}
