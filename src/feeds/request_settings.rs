//! How a feed is requested that its server does not send to every program: another `User-Agent`, a login, and further header fields.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// The most characters of a `User-Agent`.
pub const MAX_USER_AGENT_CHARS: usize = 300;
/// The most characters of the name or the password of a login.
pub const MAX_LOGIN_CHARS: usize = 200;
/// The most header fields of a feed.
pub const MAX_FIELDS: usize = 20;
/// The most characters of a header field.
pub const MAX_FIELD_CHARS: usize = 4000;

/// The header fields that the fetcher sets, or that are about the connection and not about the request
/// ([RFC 9110 §7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1)).
const RESERVED: [&str; 18] = [
    "accept",
    "accept-encoding",
    "connection",
    "expect",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];
/// The beginnings of further such names.
const RESERVED_PREFIXES: [&str; 2] = ["content-", "proxy-"];

/// A `User-Agent` ([RFC 9110 §10.1.5](https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl UserAgent {
    /// Parses one line of visible ASCII.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|b| matches!(b, b' '..=b'~')) && text.trim() == text && !text.is_empty();
        visible.then(|| Self(text.to_owned()))
    }

    /// The value of the `User-Agent` header field.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name and a password for HTTP Basic ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)).
#[derive(Clone, Debug)]
pub struct Login {
    name: String,
    password: SecretString,
}

impl Login {
    pub(super) const fn new(name: String, password: SecretString) -> Self {
        Self { name, password }
    }

    /// The name, which has no colon.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }

    /// The value of `Authorization`.
    pub(super) fn basic(&self) -> HeaderValue {
        let login = format!("{}:{}", self.name, self.password());
        sensitive(&format!("Basic {}", STANDARD.encode(login)))
    }
}

/// A header field. Its value may be a key.
#[derive(Clone, Debug)]
pub struct RequestField {
    name: HeaderName,
    /// The name as it was typed.
    shown_name: String,
    value: SecretString,
}

impl RequestField {
    /// The name as it was typed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shown_name
    }

    /// The field as a line, such as `X-Api-Key: abc`.
    pub(crate) fn line(&self) -> String {
        format!("{}: {}", self.shown_name, self.value.expose_secret())
    }
}

/// How a feed is requested. The login and the fields are sent only to the feed's own server.
#[derive(Clone, Debug, Default)]
pub struct RequestSettings {
    /// The value of `User-Agent`; `None` for that of the settings.
    pub user_agent: Option<UserAgent>,
    /// The login; `None` if the server asks for none.
    pub login: Option<Login>,
    /// The further header fields, each name once.
    pub fields: Vec<RequestField>,
}

/// What is changed of the settings. `None` leaves a value unchanged, and an empty one removes it.
#[derive(Clone, Debug, Default)]
pub struct RequestChange {
    /// The value of `User-Agent`; empty for that of the settings.
    pub user_agent: Option<String>,
    /// The name of the login. Without it, its password is removed as well.
    pub login_name: Option<String>,
    /// The password of the login; an empty one is no change.
    pub login_password: Option<SecretString>,
    /// All further header fields, a line each. A line without a value, such as `X-Api-Key:`, keeps the value that is set.
    pub fields: Option<Vec<SecretString>>,
}

impl RequestChange {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.user_agent.is_none() && self.login_name.is_none() && self.login_password.is_none() && self.fields.is_none()
    }
}

/// Why settings are not accepted. The texts contain no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestSettingsError {
    /// It is no `User-Agent`.
    #[error("a user agent is one line of at most {MAX_USER_AGENT_CHARS} visible ASCII characters")]
    UserAgent,
    /// It cannot be the name of a login.
    #[error("the name of a login has at most {MAX_LOGIN_CHARS} characters, without colons and control characters")]
    LoginName,
    /// There is a password without a name.
    #[error("a password is given without the name of the login; give the name as well")]
    NoLoginName,
    /// There is a name without a password.
    #[error("a login needs a password, and none is set; give one")]
    NoPassword,
    /// It cannot be a password.
    #[error("the password of a login has at most {MAX_LOGIN_CHARS} characters, without control characters")]
    Password,
    /// The line is not a header field. Contains its number.
    #[error(
        "line {0} is not a header field; write `Name: value` in visible ASCII, with at most {MAX_FIELD_CHARS} characters"
    )]
    Field(usize),
    /// The field has no value, and none is stored for it.
    #[error("{0} has no value, and none is set; write `{0}: value`")]
    NoValue(String),
    /// The fetcher sets this field.
    #[error("{0} is set by Daywire itself; remove that line")]
    Reserved(String),
    /// The field would replace the login.
    #[error("{0} is set by the login; remove that line, or the login")]
    LoginField(String),
    /// The name occurs twice.
    #[error("{0} is given twice; keep one of the lines")]
    Twice(String),
    /// There are more than [`MAX_FIELDS`].
    #[error("a feed has at most {MAX_FIELDS} header fields")]
    TooMany,
}

impl RequestSettings {
    /// The header fields that only the feed's own server gets.
    pub(super) fn header_map(&self) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for field in &self.fields {
            fields.insert(&field.name, sensitive(field.value.expose_secret()));
        }
        if let Some(login) = &self.login {
            fields.insert(AUTHORIZATION, login.basic());
        }
        fields
    }

    /// Whether another server must not get all of these.
    pub(crate) fn has_secrets(&self) -> bool {
        self.login.is_some() || !self.fields.is_empty()
    }

    /// These settings with a change.
    ///
    /// # Errors
    /// [`RequestSettingsError`] if the result would not be valid.
    pub fn changed(&self, change: &RequestChange) -> Result<Self, RequestSettingsError> {
        let user_agent = match change.user_agent.as_deref() {
            None => self.user_agent.clone(),
            Some(text) if text.chars().count() > MAX_USER_AGENT_CHARS => return Err(RequestSettingsError::UserAgent),
            Some(text) if text.trim().is_empty() => None,
            Some(text) => Some(UserAgent::parse(text.trim()).ok_or(RequestSettingsError::UserAgent)?),
        };
        let login = self.changed_login(change)?;
        let fields = match &change.fields {
            None => self.fields.clone(),
            Some(lines) => self.changed_fields(lines)?,
        };
        let taken = fields
            .iter()
            .find(|field| login.is_some() && field.name == AUTHORIZATION);
        if let Some(field) = taken {
            return Err(RequestSettingsError::LoginField(field.shown_name.clone()));
        }
        Ok(Self {
            user_agent,
            login,
            fields,
        })
    }

    fn changed_login(&self, change: &RequestChange) -> Result<Option<Login>, RequestSettingsError> {
        let stored = self.login.as_ref();
        let name = change.login_name.as_deref().or(stored.map(Login::name));
        let name = name.unwrap_or_default();
        if !is_short_line(name) || name.contains(':') {
            return Err(RequestSettingsError::LoginName);
        }
        let name = name.trim();
        let given = change.login_password.as_ref();
        let given = given.filter(|password| !password.expose_secret().is_empty());
        if name.is_empty() {
            return match given {
                Some(_) => Err(RequestSettingsError::NoLoginName),
                None => Ok(None),
            };
        }
        let password = given.or(stored.map(|login| &login.password));
        let password = password.ok_or(RequestSettingsError::NoPassword)?;
        if !is_short_line(password.expose_secret()) {
            return Err(RequestSettingsError::Password);
        }
        Ok(Some(Login::new(name.to_owned(), password.clone())))
    }

    fn changed_fields(&self, lines: &[SecretString]) -> Result<Vec<RequestField>, RequestSettingsError> {
        let mut fields: Vec<RequestField> = Vec::new();
        for (line, number) in lines.iter().zip(1..) {
            let line = line.expose_secret().trim();
            if line.is_empty() {
                continue;
            }
            let field = self.parsed_field(line, number)?;
            if fields.iter().any(|other| other.name == field.name) {
                return Err(RequestSettingsError::Twice(field.shown_name));
            }
            fields.push(field);
            if fields.len() > MAX_FIELDS {
                return Err(RequestSettingsError::TooMany);
            }
        }
        Ok(fields)
    }

    fn parsed_field(&self, line: &str, number: usize) -> Result<RequestField, RequestSettingsError> {
        let malformed = RequestSettingsError::Field(number);
        let is_visible = line.len() <= MAX_FIELD_CHARS && line.bytes().all(|b| matches!(b, b' '..=b'~'));
        let (shown_name, value) = line.split_once(':').filter(|_| is_visible).ok_or(malformed.clone())?;
        let name: HeaderName = shown_name.parse().map_err(|_| malformed)?;
        let begins_with = |prefix: &&str| name.as_str().starts_with(*prefix);
        if RESERVED.contains(&name.as_str()) || RESERVED_PREFIXES.iter().any(begins_with) {
            return Err(RequestSettingsError::Reserved(shown_name.to_owned()));
        }
        let value = match value.trim() {
            "" => {
                let stored = self.fields.iter().find(|field| field.name == name);
                let no_value = || RequestSettingsError::NoValue(shown_name.to_owned());
                stored.ok_or_else(no_value)?.value.clone()
            }
            value => value.into(),
        };
        Ok(RequestField {
            name,
            shown_name: shown_name.to_owned(),
            value,
        })
    }
}

fn is_short_line(text: &str) -> bool {
    text.chars().count() <= MAX_LOGIN_CHARS && !text.contains(char::is_control)
}

/// A value that debug output does not show. It was checked when it was set.
fn sensitive(value: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(value).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests;
