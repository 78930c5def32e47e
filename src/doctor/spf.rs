//! SPF: whether the domain of the return path has one record that receivers can evaluate
//! ([RFC 7208](https://www.rfc-editor.org/rfc/rfc7208)). Whether it lists the servers that deliver the mail is not checked: only the relay
//! knows them. `--probe` shows it.

use std::collections::VecDeque;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::spf::{Macro, Mechanism, Qualifier, Spf};

use super::check::Check;
use super::dns::{Dns, DnsError};

const NAME: &str = "dns.spf";
/// [RFC 7208 §4.6.4](https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)
const MAX_LOOKUPS: usize = 10;
const MECHANISMS: [&str; 8] = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];
const EXAMPLE: &str = "\"v=spf1 include:THE-DOMAIN-OF-YOUR-RELAY ~all\"";

/// Why a record cannot be evaluated.
#[derive(Debug, thiserror::Error)]
enum SpfError {
    #[error(transparent)]
    Dns(#[from] DnsError),
    #[error("{0} has no SPF record")]
    Missing(String),
    #[error("{0} has {1} SPF records, which receivers treat as an error")]
    Several(String, usize),
    #[error("the SPF record of {0} cannot be read: {1}")]
    Unreadable(String, String),
    #[error("the record makes receivers ask the DNS more than {MAX_LOOKUPS} times, which they treat as an error")]
    TooManyLookups,
}

impl SpfError {
    fn advice(&self, domain: &str) -> String {
        match self {
            Self::Dns(_) => "check the name servers of the domain".to_owned(),
            Self::Missing(missing) if missing == domain => {
                format!("publish one TXT record at {domain}, such as {EXAMPLE}")
            }
            Self::Missing(missing) => format!("remove {missing} from the record of {domain}, or correct the name"),
            Self::Several(..) => {
                "join them to one record: one v=spf1, all mechanisms, and one all at the end".to_owned()
            }
            Self::Unreadable(..) => format!("correct the record; it should look like {EXAMPLE}"),
            Self::TooManyLookups => {
                "remove services that no longer send for you; each include, a, mx, ptr, exists and redirect \
                                     counts, also inside the included records"
                    .to_owned()
            }
        }
    }
}

/// Checks the record of a domain.
pub(super) async fn check(dns: &Dns, domain: &str) -> Check {
    let check = match evaluate(dns, domain).await {
        Err(error) => Check::failed(NAME, error.to_string(), error.advice(domain)),
        Ok(Evaluated { lookups, end }) => match end {
            Some(Qualifier::Fail | Qualifier::SoftFail) => Check::ok(
                NAME,
                format!("there is one record, with {lookups} of {MAX_LOOKUPS} lookups"),
            ),
            Some(Qualifier::Pass) => Check::failed(
                NAME,
                "the record ends in +all: every machine in the world may send for the domain",
                "replace the end of the record by ~all",
            ),
            Some(Qualifier::Neutral) | None => Check::warning(
                NAME,
                "the record does not end in -all or ~all, so it says nothing about other senders",
                "add ~all at the end of the record",
            ),
        },
    };
    check.of(domain)
}

struct Evaluated {
    lookups: usize,
    /// The qualifier of `all`; `None` if there is none.
    end: Option<Qualifier>,
}

/// Reads the record and those that it includes, as a receiver whose client matches no mechanism before the end.
async fn evaluate(dns: &Dns, domain: &str) -> Result<Evaluated, SpfError> {
    let (mut lookups, mut end) = (0, None);
    // Each domain to read, and whether its `all` is that of the whole record, as with a redirect.
    let mut to_read = VecDeque::from([(domain.to_owned(), true)]);
    while let Some((name, decides)) = to_read.pop_front() {
        let record = record(dns, &name).await?;
        let mut has_all = false;
        for directive in &record.directives {
            match &directive.mechanism {
                Mechanism::All => {
                    has_all = true;
                    if decides {
                        end = Some(directive.qualifier.clone());
                    }
                    // What follows is never evaluated.
                    break;
                }
                Mechanism::Include { macro_string } => {
                    lookups += 1;
                    to_read.extend(literal(macro_string).map(|included| (included, false)));
                }
                Mechanism::A { .. } | Mechanism::Mx { .. } | Mechanism::Ptr { .. } | Mechanism::Exists { .. } => {
                    lookups += 1;
                }
                Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. } => {}
            }
        }
        if let Some(redirect) = record.redirect.as_ref().filter(|_| !has_all) {
            lookups += 1;
            to_read.extend(literal(redirect).map(|target| (target, decides)));
        }
        // This also ends a circle of records that include each other.
        if lookups > MAX_LOOKUPS {
            return Err(SpfError::TooManyLookups);
        }
    }
    Ok(Evaluated { lookups, end })
}

/// The one SPF record of a domain.
async fn record(dns: &Dns, domain: &str) -> Result<Spf, SpfError> {
    let texts = dns.texts(domain).await?;
    let is_spf = |text: &&String| {
        let version = text.split(' ').next().unwrap_or_default();
        version.eq_ignore_ascii_case("v=spf1")
    };
    let records: Vec<_> = texts.iter().filter(is_spf).collect();
    let record = match records[..] {
        [] => return Err(SpfError::Missing(domain.to_owned())),
        [record] => record,
        _ => return Err(SpfError::Several(domain.to_owned(), records.len())),
    };
    let unreadable = || SpfError::Unreadable(domain.to_owned(), record.clone());
    // The parser takes an unknown mechanism for a modifier, which receivers ignore.
    if record.split_whitespace().skip(1).any(|term| !is_known(term)) {
        return Err(unreadable());
    }
    Spf::parse(record.as_bytes()).map_err(|_| unreadable())
}

fn is_known(term: &str) -> bool {
    let name = term.trim_start_matches(['+', '-', '~', '?']);
    let end = name.find([':', '/', '=']).unwrap_or(name.len());
    name[end..].starts_with('=') || MECHANISMS.iter().any(|known| name[..end].eq_ignore_ascii_case(known))
}

/// The domain of a mechanism, unless it depends on the message.
fn literal(domain: &Macro) -> Option<String> {
    match domain {
        Macro::Literal(name) => Some(String::from_utf8_lossy(name).trim_end_matches('.').to_ascii_lowercase()),
        _ => None,
    }
}
