//! Mails a lost link to a reader who has only the address. Nobody learns from the answer or its time whether the address is a reader's.

use super::link_mail::{LinkMailError, MailedLink};
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::preferences::{is_confirmed, reader_language};
use crate::signup::Signups;
use crate::signup::mailbox_limits::MailboxLimit;
use crate::signup::subscription_mail_queue::RenderedMail;
use crate::store::{StoreError, Tx};
use crate::write_queue::{Locks, Step, StepOutcome};

/// Mails the link that opens the page of all subscriptions, if the reader has ever confirmed the address and it is not suppressed.
///
/// The work is the same for every address but for a few statements: the mail is rendered, and the request waits for a batch of writes.
///
/// # Errors
/// If the database or a template fails; then nothing is mailed.
pub(crate) async fn mail_lost_link(signups: &Signups, address: &EmailAddress) -> Result<(), LinkMailError> {
    let app = signups.writes().app();
    let (reader, language) = {
        let mut tx = app.store.read().await?;
        let reader = reader_with_address(&mut tx, app, address).await?;
        let subscriptions = match reader {
            Some(reader) => tx.subscriptions_of(reader).await?,
            None => Vec::new(),
        };
        (reader, reader_language(&mut tx, app, &subscriptions).await?)
    };
    let step = LostLink {
        reader,
        address: address.clone(),
        mail: MailedLink::Manage.render(app, &app.words(language))?,
    };
    signups.writes().run(step).await?;
    app.transactional_wakeup.notify_one();
    Ok(())
}

/// The reader to whose address a link may be mailed.
async fn reader_with_address(
    tx: &mut Tx,
    app: &App,
    address: &EmailAddress,
) -> Result<Option<SubscriberId>, StoreError> {
    let suppression = tx.suppression(&app.keys.address_hash(address.key())).await?;
    let Some(subscriber) = tx.subscriber_by_address(&app.keys, address).await? else {
        return Ok(None);
    };
    let subscriptions = tx.subscriptions_of(subscriber.id).await?;
    Ok((suppression.is_none() && is_confirmed(&subscriptions)).then_some(subscriber.id))
}

struct LostLink {
    /// `None` if no reader may get a mail; then nothing is written.
    reader: Option<SubscriberId>,
    address: EmailAddress,
    mail: RenderedMail,
}

impl Step for LostLink {
    type Output = ();

    fn locks(&self) -> Locks {
        Locks::default()
    }

    async fn run(&self, app: &App, tx: &mut Tx) -> Result<StepOutcome<()>, StoreError> {
        let Some(reader) = self.reader else {
            return Ok(StepOutcome::RollBack(()));
        };
        // The reader may have changed the address since.
        let subscriber = tx.subscriber(reader).await?;
        let Some(subscriber) = subscriber.filter(|subscriber| subscriber.address.key() == self.address.key()) else {
            return Ok(StepOutcome::RollBack(()));
        };
        let mail = MailedLink::Manage.mail_to(app, (reader, &subscriber.address), &self.mail, MailboxLimit::LostLinks);
        if mail.queue(tx, app, app.clock.now()).await? {
            return Ok(StepOutcome::Commit(()));
        }
        tracing::info!("lost link not sent: daily cap of the mailbox reached");
        Ok(StepOutcome::RollBack(()))
    }
}
