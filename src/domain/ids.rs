//! Ids: one type for each table, so that ids of different tables cannot be confused.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id looks like 01a2077f-8b8a-7e38-8883-88624038db7d; the `list` command of the same group shows them")]
pub struct IdError;

/// Defines a type that is a UUID in the database and in text.
macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
                let text = ObjectBuilder::new().schema_type(Type::String);
                text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            Uuid: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                Uuid::type_info()
            }
            fn compatible(ty: &DB::TypeInfo) -> bool {
                Uuid::compatible(ty)
            }
        }

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            Uuid: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buf: &mut DB::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.0.encode_by_ref(buf)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            Uuid: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Uuid::decode(value).map(Self)
            }
        }
    )*};
}

id! {
    /// The id of a newsletter.
    NewsletterId;
    /// The id of a subscriber: one mail address.
    SubscriberId;
    /// The id of a subscription of a subscriber to a newsletter.
    SubscriptionId;
    /// The id of a feed.
    FeedId;
    /// The id of an article inside the program; readers see its [`PublicId`](super::public_id::PublicId).
    ArticleId;
    /// The id of a recorded change or retraction of an article.
    CorrectionId;
    /// The id of a reader's comment on an article.
    CommentId;
    /// The id of an issue of a newsletter.
    IssueId;
    /// The id of a mail to one person about their own action.
    TransactionalMailId;
    /// A returned mail or an event of a mail provider.
    ReturnedMailId;
    /// What came back about one recipient.
    BounceId;
    /// The id of a mail in the built-in inbox.
    CapturedMailId;
    /// The id of a person or program that may use the console and the API.
    OperatorId;
    /// The id of an operator's token.
    OperatorTokenId;
    /// The id of a browser in which an operator is signed in.
    SessionId;
    /// The id of a link for operators that works once.
    OperatorLinkId;
    /// The id of an operator's passkey.
    PasskeyId;
    /// The id of an entry of the audit log.
    AuditEntryId;
    /// The id of a webhook endpoint, to which events are sent.
    WebhookEndpointId;
    /// The id of a running process, which holds leases.
    NodeId;
}
