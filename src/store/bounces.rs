//! What came back about single recipients: bounces, complaints, and the relay's own refusals. Append-only.

use chrono::{DateTime, Utc};
use const_format::concatcp;
use serde_json::json;

use super::{Columns, EventSubject, Result, Tx, on, row};
use crate::domain::address::EmailAddress;
use crate::domain::counted::CountedEvent;
use crate::domain::ids::{BounceId, IssueId, NewsletterId, ReturnedMailId, SubscriptionId, TransactionalMailId};
use crate::domain::states::ReturnedKind;
use crate::domain::webhook::WebhookEvent;

row! {
    /// What came back about one recipient.
    #[derive(Clone, Debug)]
    pub struct Bounce {
        pub(crate) id: BounceId,
        /// The mail or event that said so; `None`: the relay's reply to our attempt.
        pub returned_mail_id: Option<ReturnedMailId>,
        pub(crate) address_hash: Vec<u8>,
        pub(crate) domain: String,
        /// The subscription that was mailed, if it is known.
        pub subscription_id: Option<SubscriptionId>,
        /// The issue that was mailed, if it is known.
        pub issue_id: Option<IssueId>,
        /// A bounce or a complaint.
        pub kind: ReturnedKind,
        /// A name of `bounce/reason.rs`, or the type of a complaint.
        pub reason: String,
        /// What it led to: a name of `bounce/reason.rs`.
        pub action: String,
        /// The enhanced status code, if there was one.
        pub status: Option<String>,
        /// The reply, or the lines of the report.
        pub evidence: String,
        /// How it arrived: a source of the returned mail, or `relay` for the relay's reply.
        pub source: String,
        /// When it was processed.
        pub at: DateTime<Utc>,
    }
}

impl Tx {
    /// Adds an entry to the record, and counts it for the statistics.
    pub async fn add_bounce(&mut self, bounce: &Bounce) -> Result<()> {
        let counted = match bounce.kind {
            ReturnedKind::Bounce => Some(CountedEvent::Bounced),
            ReturnedKind::Complaint if bounce.action != "none" => Some(CountedEvent::Complained),
            _ => None,
        };
        if let Some(event) = counted {
            let newsletter = self.newsletter_of_bounce(bounce).await?;
            self.count_event(newsletter, event, 1, bounce.at);
            self.collect_bounce(bounce);
        }
        on!(
            self,
            execute,
            "INSERT INTO bounces (id, returned_mail_id, address_hash, subscription_id, issue_id, kind, reason, action, status, \
             evidence, at, domain, source, newsletter_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
             (SELECT newsletter_id FROM subscriptions WHERE id = $4))",
            bounce.id,
            bounce.returned_mail_id,
            &bounce.address_hash,
            bounce.subscription_id,
            bounce.issue_id,
            bounce.kind,
            &bounce.reason,
            &bounce.action,
            &bounce.status,
            &bounce.evidence,
            bounce.at,
            &bounce.domain,
            &bounce.source
        )?;
        Ok(())
    }

    fn collect_bounce(&mut self, bounce: &Bounce) {
        let event = match bounce.kind {
            ReturnedKind::Complaint => WebhookEvent::ComplaintRecorded,
            _ => WebhookEvent::BounceRecorded,
        };
        let subject = match bounce.subscription_id {
            Some(id) => EventSubject::Subscription(id),
            None => EventSubject::Address(bounce.address_hash.clone()),
        };
        let fields = vec![
            ("issue_id", json!(bounce.issue_id)),
            ("reason", json!(bounce.reason)),
            ("status", json!(bounce.status)),
            ("action", json!(bounce.action)),
            ("source", json!(bounce.source)),
        ];
        self.collect_event(event, bounce.at, subject, fields);
    }

    /// The newsletter of the mailed issue or subscription, if one of them is known.
    async fn newsletter_of_bounce(&mut self, bounce: &Bounce) -> Result<Option<NewsletterId>> {
        let (newsletter,) = on!(
            self,
            one as (Option<NewsletterId>,),
            "SELECT COALESCE((SELECT newsletter_id FROM issues WHERE id = $1), \
             (SELECT newsletter_id FROM subscriptions WHERE id = $2))",
            bounce.issue_id,
            bounce.subscription_id
        )?;
        Ok(newsletter)
    }

    /// The keyed hash and the key of the address of a subscription, unless the relay's refusal of this issue is already on record.
    pub(crate) async fn unrecorded_refusal(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
    ) -> Result<Option<(Vec<u8>, String)>> {
        Ok(on!(
            self,
            optional as (Vec<u8>, String),
            "SELECT p.address_hash, p.address_key FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id \
             WHERE s.id = $2 AND NOT EXISTS (SELECT 1 FROM bounces b WHERE b.issue_id = $1 AND b.subscription_id = $2 \
             AND b.returned_mail_id IS NULL)",
            issue,
            subscription
        )?)
    }

    /// Addresses with a hard-bounce suppression that the relay refused in an issue or its editions.
    pub(crate) async fn refused_addresses(&mut self, issue: IssueId, limit: i64) -> Result<Vec<Vec<u8>>> {
        let rows = on!(
            self,
            all as (Vec<u8>,),
            "SELECT s.address_hash FROM suppressions s WHERE s.reason = 'hard_bounce' AND s.address_hash IN \
             (SELECT b.address_hash FROM bounces b JOIN issues i ON i.id = b.issue_id \
             WHERE (i.id = $1 OR i.edition_of = $1) AND b.returned_mail_id IS NULL AND b.action = 'suppress') \
             ORDER BY s.address_hash LIMIT $2",
            issue,
            limit
        )?;
        Ok(rows.into_iter().map(|(hash,)| hash).collect())
    }

    /// The newest entries of all addresses.
    pub async fn latest_bounces(&mut self, limit: i64) -> Result<Vec<Bounce>> {
        Ok(on!(
            self,
            all as Bounce,
            concatcp!(
                "SELECT ",
                Bounce::COLUMNS,
                " FROM bounces ORDER BY at DESC, id DESC LIMIT $1"
            ),
            limit
        )?)
    }

    /// The issue with this number and edition.
    pub(crate) async fn issue_with_number(
        &mut self,
        newsletter: NewsletterId,
        number: i64,
        edition: i64,
    ) -> Result<Option<IssueId>> {
        let row = on!(
            self,
            optional as (IssueId,),
            "SELECT id FROM issues WHERE newsletter_id = $1 AND number = $2 AND edition = $3",
            newsletter,
            number,
            edition
        )?;
        Ok(row.map(|(id,)| id))
    }

    /// The issue with this number, or the edition of it, that was delivered to a subscription.
    pub(crate) async fn delivered_issue_with_number(
        &mut self,
        newsletter: NewsletterId,
        number: i64,
        subscription: SubscriptionId,
    ) -> Result<Option<IssueId>> {
        let row = on!(
            self,
            optional as (IssueId,),
            "SELECT i.id FROM issues i JOIN deliveries d ON d.issue_id = i.id AND d.subscription_id = $3 \
             WHERE i.newsletter_id = $1 AND i.number = $2 LIMIT 1",
            newsletter,
            number,
            subscription
        )?;
        Ok(row.map(|(id,)| id))
    }

    /// When the state of a delivery changed last; `None` if the delivery was compacted or never existed.
    pub(crate) async fn delivery_changed_at(
        &mut self,
        issue: IssueId,
        subscription: SubscriptionId,
    ) -> Result<Option<DateTime<Utc>>> {
        let row = on!(
            self,
            optional as (DateTime<Utc>,),
            "SELECT updated_at FROM deliveries WHERE issue_id = $1 AND subscription_id = $2",
            issue,
            subscription
        )?;
        Ok(row.map(|(at,)| at))
    }

    /// The recipient of a transactional mail.
    pub(crate) async fn recipient_of_transactional_mail(
        &mut self,
        id: TransactionalMailId,
    ) -> Result<Option<EmailAddress>> {
        let row = on!(
            self,
            optional as (EmailAddress,),
            "SELECT recipient FROM transactional_mails WHERE id = $1",
            id
        )?;
        Ok(row.map(|(address,)| address))
    }

    /// Deletes the evidence of bounces and complaints before `before`. At most `limit` rows; returns how many.
    pub(crate) async fn drop_evidence(&mut self, before: DateTime<Utc>, limit: i64) -> Result<u64> {
        Ok(on!(
            self,
            execute,
            "UPDATE bounces SET evidence = '' WHERE id IN (SELECT b.id FROM bounces b WHERE b.at < $1 AND b.evidence <> '' \
             ORDER BY b.at, b.id LIMIT $2)",
            before,
            limit
        )?)
    }
}
