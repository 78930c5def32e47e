//! Rules for [`MockRelay::answer`](super::mock_relay::MockRelay::answer), and relays that ask for a login.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use daywire::mail::server::{Options, Stage, Transaction, Verdict};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::mock_relay::MockRelay;

/// Gives `verdict` whenever `stage` is reached.
pub fn at(stage: Stage, verdict: Verdict) -> impl Fn(Stage, &Transaction, usize) -> Verdict + Send + Sync + 'static {
    move |reached, _, _| verdict_if(reached == stage, &verdict)
}

/// Gives `verdict` the first time that `stage` is reached.
pub fn once_at(
    stage: Stage,
    verdict: Verdict,
) -> impl Fn(Stage, &Transaction, usize) -> Verdict + Send + Sync + 'static {
    let done = AtomicBool::new(false);
    move |reached, _, _| verdict_if(reached == stage && !done.swap(true, Ordering::SeqCst), &verdict)
}

/// Gives `verdict` whenever `stage` is reached for a recipient whose address ends with `end`.
pub fn at_recipient(
    stage: Stage,
    end: &'static str,
    verdict: Verdict,
) -> impl Fn(Stage, &Transaction, usize) -> Verdict + Send + Sync + 'static {
    move |reached, transaction, _| {
        let recipient = transaction.recipients.last();
        verdict_if(
            reached == stage && recipient.is_some_and(|to| to.ends_with(end)),
            &verdict,
        )
    }
}

fn verdict_if(applies: bool, verdict: &Verdict) -> Verdict {
    if applies { verdict.clone() } else { Verdict::Continue }
}

/// A relay that asks for this login.
pub async fn relay_with_login(user: &str, password: &str, stop: CancellationToken) -> Arc<MockRelay> {
    let options = Options {
        login: Some((user.to_owned(), SecretString::from(password))),
        ..Options::default()
    };
    MockRelay::open_with(options, stop).await
}
