//! Limits guesses of passwords and codes. The limits are rows that all nodes share, so a restart does not reset them.
//!
//! A guess counts against the account and against the network. A browser in which the operator has signed in before has a limit of its own.
//! So strangers who use up the limit of an account lock out other strangers, and never the operator.

use std::net::IpAddr;

use crate::app::App;
use crate::domain::ids::OperatorId;
use crate::domain::network::network;
use crate::domain::signed_links::LinkPurpose;
use crate::store::StoreError;
use crate::store::operators::Operator;
use crate::store::rate_limits::Permit;

/// The most guesses in an hour for one account, or for one account from a browser that is known to it.
const PER_ACCOUNT: u32 = 10;
/// The most guesses in an hour from one network.
const PER_NETWORK: u32 = 60;

/// A guess, with what it counts against.
#[derive(Clone, Debug)]
pub(super) struct Guess<'a> {
    /// The name that was typed, for an account that does not exist.
    pub(super) name: &'a str,
    pub(super) operator: Option<&'a Operator>,
    pub(super) network: IpAddr,
    /// The cookie that a browser got when its operator signed in; may be empty.
    pub(super) device: &'a str,
}

impl Guess<'_> {
    /// The limits that it takes a permit of.
    fn permits(&self, app: &App) -> Vec<Permit> {
        let limit = |kind: &str, parts: &[&[u8]], per_hour| Permit {
            key: app.keys.limit_key(kind, parts),
            per_hour,
        };
        let account = self.account();
        if self.is_known_device(app) {
            let device = self.device.as_bytes();
            return vec![limit("console device", &[&account, device], PER_ACCOUNT)];
        }
        vec![
            limit("console account", &[&account], PER_ACCOUNT),
            limit("console network", &[self.network_text().as_bytes()], PER_NETWORK),
        ]
    }

    fn network_text(&self) -> String {
        network(self.network).to_string()
    }

    /// The account that a guess counts against: the name and the address of an operator are one account.
    fn account(&self) -> Vec<u8> {
        match self.operator {
            Some(operator) => operator.id.0.as_bytes().to_vec(),
            None => self.name.as_bytes().to_vec(),
        }
    }

    /// Whether the operator has signed in before in this browser.
    pub(super) fn is_known_device(&self, app: &App) -> bool {
        let Some(operator) = self.operator else { return false };
        let link = app
            .keys
            .open_link_token(LinkPurpose::ConsoleDevice, self.device, app.clock.now());
        link.is_ok_and(|link| link.subject == operator.id.0)
    }
}

/// Takes the permits of a guess; false if a limit is used up. Callers take them before they hash the password, so that a flood of guesses
/// takes no processor time.
pub(super) async fn take(app: &App, guess: &Guess<'_>) -> Result<bool, StoreError> {
    take_permits(app, guess.permits(app)).await
}

/// [`take`] for the password that an operator who is signed in types again.
pub(super) async fn take_own(app: &App, operator: OperatorId) -> Result<bool, StoreError> {
    let key = app.keys.limit_key("console own password", &[operator.0.as_bytes()]);
    let permit = Permit {
        key,
        per_hour: 2 * PER_ACCOUNT,
    };
    take_permits(app, vec![permit]).await
}

/// Takes a permit for a passkey challenge from the limit of a network; false if it is used up. Each challenge is a row, so without the
/// limit one network could fill the table.
pub(super) async fn take_challenge(app: &App, client: IpAddr) -> Result<bool, StoreError> {
    let network = network(client).to_string();
    let key = app.keys.limit_key("console challenge", &[network.as_bytes()]);
    let permit = Permit {
        key,
        per_hour: 2 * PER_NETWORK,
    };
    take_permits(app, vec![permit]).await
}

async fn take_permits(app: &App, permits: Vec<Permit>) -> Result<bool, StoreError> {
    let now = app.clock.now();
    let mut tx = app.store.write().await?;
    if !tx.take_permits(&permits, now).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Forgets the guesses at an account after a right one. Those of the network still count, because it may try other accounts.
pub(super) async fn forget(app: &App, guess: &Guess<'_>) -> Result<(), StoreError> {
    let key = guess.permits(app)[0].key;
    let mut tx = app.store.write().await?;
    tx.forget_rate_limit(key).await?;
    tx.commit().await
}
