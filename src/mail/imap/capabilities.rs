//! What an IMAP server offers.

use std::collections::BTreeSet;
use std::time::Duration;

use imap_proto::{Capability, Response};

use super::connection::{Budget, Connection};
use crate::mail::transport::Broken;

/// The most capabilities that are kept. Servers offer about 50.
const MAX_CAPABILITIES: usize = 500;

/// The names of capabilities, in upper case.
#[derive(Debug, Default)]
pub(super) struct Capabilities(BTreeSet<String>);

impl Capabilities {
    pub(super) async fn ask(connection: &mut Connection, limit: Duration) -> Result<Self, Broken> {
        let mut found = Self::default();
        connection
            .run("CAPABILITY", Budget::BEFORE_LOGIN, limit, |data| {
                if let Response::Capabilities(offered) = data {
                    let left = MAX_CAPABILITIES.saturating_sub(found.0.len());
                    found
                        .0
                        .extend(offered.iter().take(left).map(|capability| match capability {
                            Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                            Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_ascii_uppercase()),
                            Capability::Atom(name) => name.to_ascii_uppercase(),
                        }));
                }
            })
            .await?;
        Ok(found)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}
