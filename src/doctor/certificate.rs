//! The certificates of the relays and of the site: how long they are valid, and why one is not accepted.

use chrono::{DateTime, TimeDelta, Utc};
use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use x509_parser::parse_x509_certificate;

use super::check::Check;

/// A certificate that expires earlier than this should have been renewed.
const MIN_DAYS: i64 = 14;

/// How long a certificate that was accepted is still valid. `afterwards` says what happens when it has expired.
pub(super) fn lasts(
    name: &'static str,
    certificate: &CertificateDer<'_>,
    now: DateTime<Utc>,
    afterwards: &str,
) -> Check {
    let end = parse_x509_certificate(certificate)
        .ok()
        .and_then(|(_, certificate)| DateTime::from_timestamp(certificate.validity().not_after.timestamp(), 0));
    let Some(end) = end else {
        return Check::ok(name, "the connection is encrypted");
    };
    let days = (end - now).max(TimeDelta::zero()).num_days();
    let found = format!(
        "the certificate is valid until {}, {days} more days",
        end.format("%Y-%m-%d")
    );
    if days < MIN_DAYS {
        Check::warning(name, found, format!("have it renewed now: after that day {afterwards}"))
    } else {
        Check::ok(name, found)
    }
}

/// Why the certificate of a host is not accepted.
pub(super) fn not_accepted(name: &'static str, host: &str, reason: &CertificateError) -> Check {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Check::failed(
            name,
            "the certificate has expired",
            "have it renewed now, and find out why the proxy did not renew it by itself",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Check::failed(
            name,
            "the certificate is not valid yet",
            "set the clock of this machine, or get a certificate that is valid now",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Check::failed(
            name,
            format!("the certificate is not for the name {host}"),
            format!("get a certificate that names {host}, or set site.url to a name that it has"),
        ),
        // A signature is also wrong if a trusted authority has the same name and another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Check::failed(
            name,
            "no authority that this machine trusts has issued the certificate, or the server does not send the certificates in between",
            "have the proxy send the full chain of a certificate from a public authority",
        ),
        reason => Check::failed(
            name,
            format!("the certificate is not accepted: {reason}"),
            "get a new certificate from a public authority",
        ),
    }
}
