//! Takes passwords out of the addresses of relays and databases, because they get files of their own.

use anyhow::Context as _;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

use crate::config::Setting;

/// The address of the relay without its password, and the password. The address is allowed or empty.
pub(super) fn split_relay(address: &str) -> anyhow::Result<(String, Option<SecretString>)> {
    let Some(mut url) = Url::parse(address).ok().filter(|url| url.password().is_some()) else {
        return Ok((address.to_owned(), None));
    };
    let password = decoded("--relay", url.password().unwrap_or_default())?;
    // It has a host, so a password can be removed.
    let _ = url.set_password(None);
    Ok((url.to_string(), Some(password)))
}

/// Whether the address of a relay, without its password, names a user.
pub(super) fn needs_password(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| !url.username().is_empty())
}

/// The address of the database without its password, and the password. It may name several hosts, which no URL parser understands.
pub(super) fn split_database(address: &str) -> anyhow::Result<(String, Option<SecretString>)> {
    let whole = || Ok((address.to_owned(), None));
    let Some((scheme, rest)) = address.split_once("://").filter(|(scheme, _)| *scheme != "sqlite") else {
        return whole();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let Some((login, hosts)) = authority.rsplit_once('@') else {
        return whole();
    };
    let Some((user, password)) = login.split_once(':') else {
        return whole();
    };
    let password = decoded("--database", password)?;
    Ok((format!("{scheme}://{user}@{hosts}{tail}"), Some(password)))
}

fn decoded(option: &str, password: &str) -> anyhow::Result<SecretString> {
    let decoded = percent_decode_str(password).decode_utf8().ok();
    decoded
        .and_then(|text| SecretString::read(&text))
        .with_context(|| format!("{option}: the password must be {}", SecretString::ALLOWED))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn shown((address, password): (String, Option<SecretString>)) -> (String, Option<String>) {
        (address, password.map(|password| password.expose_secret().to_owned()))
    }

    #[test]
    fn a_password_is_taken_out_of_the_address() {
        let relay = |address| shown(split_relay(address).expect("it is allowed"));
        assert_eq!(
            relay("smtp+starttls://news%40x:p%2F%40@mail.example.org:587"),
            (
                "smtp+starttls://news%40x@mail.example.org:587".into(),
                Some("p/@".into())
            )
        );
        for unchanged in ["", "smtp://127.0.0.1:25", "smtps://news@mail.example.org"] {
            assert_eq!(relay(unchanged), (unchanged.to_owned(), None));
        }
        let database = |address| shown(split_database(address).expect("it is allowed"));
        assert_eq!(
            database("postgres://daywire:p%40ss@db1:5432,db2:5433/news?sslmode=require"),
            (
                "postgres://daywire@db1:5432,db2:5433/news?sslmode=require".into(),
                Some("p@ss".into())
            )
        );
        for unchanged in [
            "sqlite:data/a:b@c.db",
            "sqlite://data/a:b@c.db",
            "postgres://daywire@db/news",
        ] {
            assert_eq!(database(unchanged), (unchanged.to_owned(), None));
        }
    }
}
