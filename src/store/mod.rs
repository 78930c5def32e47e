//! The database. Every SQL statement of the program is in this folder, and each has one text for SQLite and PostgreSQL.
//!
//! # Layout
//!
//! - [`Store`] is the open database and [`Tx`] a transaction in it (`transaction.rs`). Callers begin a transaction with
//!   [`Store::read`] or [`Store::write`], call methods of [`Tx`], and end with [`Tx::commit`]. Dropping a [`Tx`] rolls it back. A part of
//!   it can be undone by itself (`parts.rs`).
//! - `statements.rs` has the macros that run a statement (`on!`, `insert!`, `over_values!`, `select_over!`) and the macro `row!`, which
//!   declares a struct that is read from a row. `front_page_changes.rs` recognises the statements that change the front page.
//! - `connect.rs` opens the database. `cluster.rs` finds the PostgreSQL server that accepts writes, and ends statements that wait for
//!   a server that failed. `migrate.rs` creates the tables. `write_ahead_log.rs` keeps SQLite's log short.
//!   `write_check.rs` checks for the health page whether the database accepts writes.
//! - `copied_rows.rs` writes the rows of a `COPY`.
//! - Every other file has the statements of one table or of one purpose, as methods of [`Tx`]. Which change is right is mostly decided by
//!   the caller. The exceptions are rules that must hold under concurrent changes, which are conditions of the statement itself.
//!
//! A statement selects `*` only into a struct that has a field for every column that callers may read, such as `Article` and `Issue`.
//! Lists select the columns that they show, because texts are long.
//!
//! | about | files |
//! |---|---|
//! | people | `subscribers`, `subscriber_merges`, `address_changes`, `imports`, `subscriber_search`, `reader_lists`, `subscriptions`, `consent_records`, `confirmations`, `confirmation_asks`, `preferences`, `suppressions`, `suppression_lists`, `texts`, `signing_keys` |
//! | sign-ups, their limits and mails | `signups`, `signup_counts`, `spent_tokens`, `rate_limits`, `mailbox_histories`, `new_transactional_mails`, `transactional_mails`, `welcomes` |
//! | privacy | `personal_data`, `erasure`, `quoting_rows`, `overwrite`, `leaving_reasons`, `daily_counts` |
//! | articles | `feeds`, `feed_addresses`, `feed_lists`, `feed_hosts`, `articles`, `article_keys`, `article_lists`, `article_search`, `article_markdown`, `arrivals`, `corrections`, `article_edits`, `article_index`, `search_documents`, `search_rebuilds`, `redirects`, `comments` |
//! | issues | `newsletters`, `runs`, `issues`, `issue_inputs`, `issue_stories`, `placements`, `issue_lists`, `archive` |
//! | recipients | `subscriber_groups`, `audience`, `editions` |
//! | delivery | `deliveries`, `leases`, `delivery_transitions`, `due_deliveries`, `delivery_lists`, `issue_totals`, `nodes`, `daily_caps` |
//! | returned mail | `returned_mails`, `polled_mailboxes`, `bounces`, `soft_bounces`, `returned_counts`, `rate_alerts`, `intake_counts`, `suppressions` |
//! | operators | `operators`, `operator_identities`, `operator_sessions`, `passkeys`, `recovery_codes`, `audit_log`, `idempotency_keys` |
//! | webhooks out | `webhook_endpoints`, `webhook_events`, `webhook_messages` |
//! | operation | `captured_mails`, `waiting`, `transfer`, `backup`, `restored`, `failed_templates`, `token_notices`, `site_revision`, `server_facts` |
//!
//! # One text for both databases
//!
//! The SQL is the common subset. `$1` numbers parameters on both. Ids are UUIDs that sort by time, instants are `TIMESTAMPTZ`, states
//! are words in a text column that an enum of `domain/` parses. Where the databases must differ, the difference is in the file that
//! needs it: leases (`FOR UPDATE SKIP LOCKED`), transitions of deliveries (`UNNEST`), advisory locks (`articles.rs`, `migrate.rs`), the
//! checks of tables and of writing, the facts about the server, and the migration (`/* sqlite: WITHOUT ROWID */`).
//!
//! Most statements use these aliases: `a` articles, `d` deliveries, `i` issues, `n` newsletters, `na`
//! `newsletter_articles`, `nf` `newsletter_feeds`, `p` subscribers (persons), `s` subscriptions, `x` suppressions.
//!
//! # Conflicts and locks
//!
//! On SQLite one transaction writes at a time; the next one waits. On PostgreSQL a changed row is locked until its transaction ends,
//! and other transactions run meanwhile. If an update has waited for a row that another transaction changed, PostgreSQL evaluates the
//! update's `WHERE` again for the changed row. But a subquery in it still finds the rows as they were before. So a statement that selects
//! rows in a subquery in order to claim them repeats the conditions outside the subquery. A row that another transaction has claimed is
//! then not changed, and the number of changed rows shows this.
//!
//! `UPDATE t SET x = x` locks a row and changes nothing. It is used instead of `SELECT … FOR UPDATE`, which SQLite does not have.
//!
//! Transactions that lock several rows do so in this order, so that no two of them wait for each other:
//!
//! 0. The operators ([`Tx::lock_operators`]), before roles, passwords and tokens are changed.
//! 1. The node's own row ([`Tx::heartbeat`]), before it leases deliveries or transactional mails. Such a lease then always belongs to a
//!    listed node. A lease of a feed host needs no heartbeat, because it expires at a time (`feed_hosts.rs`).
//! 2. The scope of an article ([`Tx::lock_scope`]), so that two processes cannot add the same article twice.
//! 3. Newsletters ([`Tx::lock_newsletter`], [`Tx::lock_and_count_change`]), in the order of their ids. A transaction that changes a
//!    newsletter's articles, issues or rules holds this lock. So the rows below it need no order among themselves.
//! 4. The article ([`Tx::lock_article`]) or the issue ([`Tx::lock_newsletter_and_issue`]); then the issue's deliveries.
//! 5. For sign-ups and confirmations: the mailboxes in the order of their keys (`mailbox_histories.rs`), the suppression of an address,
//!    and then tokens and subscriptions. Suppressing an address locks in this order, too. A change of address and an erasure lock the
//!    subscribers ([`Tx::lock_subscriber`]) in the order of their ids, after the mailbox. For sign-ups, then the rate limits in the
//!    order of their keys (`rate_limits.rs`), and the counts (`signup_counts.rs`). All sign-ups share one of the limits, so from there on
//!    one batch of sign-ups follows another.
//! 6. The messages of webhooks (`webhook_events.rs`) and the counts of the day (`daily_counts.rs`), which [`Tx::commit`] writes, in the
//!    order of their keys.
//! 7. The revision of the site (`site_revision.rs`), which [`Tx::commit`] raises. All transactions that change the front page wait for
//!    this row, so it is always the last.
//!
//! Statements that change many deliveries lock them in the order in which they find them. A lease that finds a paused subscriber locks the
//! subscription after the delivery, and a request to unsubscribe locks them in the reverse order. Two such transactions can conflict:
//! PostgreSQL ends one with `deadlock_detected`. [`retry_on_conflict`] repeats a person's request. Background tasks repeat their work by
//! themselves.

mod article_index;
mod cluster;
mod collected_counts;
mod collected_events;
mod connect;
mod copied_rows;
mod due_deliveries;
mod error;
mod execution;
mod front_page_changes;
pub(crate) mod migrate;
mod options;
mod overwrite;
mod page_texts;
mod parts;
mod server_facts;
mod site_revision;
mod statements;
mod transaction;
mod write_ahead_log;
mod write_check;

pub(crate) mod address_changes;
pub mod archive;
pub mod arrivals;
pub mod article_edits;
pub(crate) mod article_keys;
pub mod article_lists;
pub(crate) mod article_markdown;
pub mod article_search;
pub mod articles;
pub mod audience;
pub mod audit_log;
pub(crate) mod backup;
pub(crate) mod bounce_lists;
pub mod bounces;
pub mod captured_mails;
pub mod comments;
pub(crate) mod confirmation_asks;
pub mod confirmations;
pub mod consent_records;
pub mod corrections;
pub mod daily_caps;
pub mod daily_counts;
pub mod deliveries;
pub mod delivery_lists;
pub mod delivery_transitions;
pub mod editions;
pub(crate) mod erasure;
pub(crate) mod failed_templates;
mod feed_addresses;
pub mod feed_hosts;
pub(crate) mod feed_lists;
pub mod feeds;
pub(crate) mod idempotency_keys;
pub(crate) mod imports;
pub(crate) mod intake_budgets;
pub mod intake_counts;
pub mod issue_inputs;
pub mod issue_lists;
pub mod issue_stories;
pub mod issue_totals;
pub mod issues;
pub mod leases;
pub(crate) mod leaving_reasons;
pub(crate) mod mailbox_histories;
pub(crate) mod new_transactional_mails;
pub mod newsletters;
pub mod nodes;
pub(crate) mod operator_identities;
pub(crate) mod operator_sessions;
pub mod operators;
pub(crate) mod passkeys;
pub mod personal_data;
pub mod placements;
pub mod polled_mailboxes;
pub mod preferences;
pub(crate) mod quoting_rows;
pub(crate) mod rate_alerts;
pub(crate) mod rate_limits;
pub(crate) mod reader_lists;
pub(crate) mod recovery_codes;
pub mod redirects;
pub(crate) mod restored;
pub mod returned_counts;
pub mod returned_mails;
pub mod runs;
pub(crate) mod search_documents;
mod search_rebuilds;
pub mod signing_keys;
pub mod signup_counts;
pub(crate) mod signups;
pub(crate) mod soft_bounces;
pub(crate) mod spent_tokens;
pub mod subscriber_groups;
pub(crate) mod subscriber_merges;
pub mod subscriber_search;
pub mod subscribers;
pub mod subscriptions;
pub mod suppression_lists;
pub mod suppressions;
pub(crate) mod texts;
pub(crate) mod token_notices;
pub mod transactional_mails;
pub(crate) mod transfer;
pub(crate) mod waiting;
pub mod webhook_endpoints;
pub(crate) mod webhook_events;
pub mod webhook_messages;
pub(crate) mod webhook_nonces;
pub(crate) mod welcomes;

pub use cluster::{Cluster, PgTx};
pub(crate) use collected_events::EventSubject;
pub(crate) use connect::{folder_of, give_to_owner_of_folder, make_private_folder, permissions_warning};
pub(crate) use error::retry_on_conflict;
pub use error::{Result, StoreError};
pub use migrate::{MIGRATIONS, Migration};
pub use options::{DatabaseLocation, StoreOptions};
pub(crate) use overwrite::Overwritten;
pub(crate) use server_facts::Standby;
pub use transaction::{SqliteTx, Store, Tx};
pub use write_ahead_log::WriteAheadLog;

use statements::{Columns, insert, on, over_values, row, select_over};
