-- The tables, with one text for SQLite and PostgreSQL. `/* sqlite: … */` is part of the text on SQLite only, `/* postgres: … */` on
-- PostgreSQL only (see src/store/migrate.rs). States and other words are those of the enums in src/domain/.
--
-- Times are TIMESTAMPTZ, which SQLite stores as text in RFC 3339. Ids are UUIDs of version 7: they sort by the time they were made.

-- Keys that sign links. Old keys are kept, so that links in mails sent years ago still work.
CREATE TABLE signing_keys (
    id BIGINT NOT NULL PRIMARY KEY,
    secret BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE newsletters (
    id UUID NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    sender TEXT,
    -- `Name <address>` for replies; NULL: they go to the sender.
    reply_to TEXT,
    -- The text of the mail to subscribers who have confirmed; may be empty. NULL: there is no such mail.
    welcome TEXT,
    -- Where readers get help: a https or mailto address.
    help TEXT,
    schedule TEXT,
    timezone TEXT NOT NULL,
    grace_seconds BIGINT NOT NULL,
    -- How long before its due time a draft is compiled.
    lead_seconds BIGINT NOT NULL,
    -- `auto` or `required`: whether a draft needs an operator's approval.
    approval TEXT NOT NULL,
    -- Days without an issue, separated by blanks.
    skip_days TEXT NOT NULL,
    -- The rules by which its issues are compiled, and its topics, as JSON.
    rules TEXT NOT NULL,
    -- Whether subscribers get each issue at its hour in their own time zones.
    local_time BOOLEAN NOT NULL,
    -- The weekday from which subscribers of the weekly edition get it.
    weekly_day TEXT NOT NULL,
    -- Whether the site shows its past issues.
    archive BOOLEAN NOT NULL,
    -- FALSE: the site does not show it, and nobody can sign up. Its subscribers still get it.
    public BOOLEAN NOT NULL DEFAULT TRUE,
    -- When it was removed. The row stays, because issues, deliveries and consent records refer to it.
    removed_at TIMESTAMPTZ,
    expire_after_seconds BIGINT,
    -- The scheduler has handled the due times up to this one: an issue was made, or the run is recorded as skipped.
    scheduled_through TIMESTAMPTZ NOT NULL,
    -- Number of changes to the data that its issues are compiled from: its rules, the texts and ratings of its articles, its other
    -- issues.
    revision BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE subscribers (
    -- On SQLite: the row in the search index. Unlike a rowid without a name, it stays the same when the database is written again.
    /* sqlite: number INTEGER PRIMARY KEY, */
    id UUID NOT NULL /* sqlite: UNIQUE */ /* postgres: PRIMARY KEY */,
    address TEXT NOT NULL,
    address_key TEXT NOT NULL,
    -- Keyed hash of address_key, by which subscribers are found: one index for both makes imports faster. A suppression keeps only this, so it
    -- outlives the erasure of the subscriber.
    address_hash BYTEA NOT NULL UNIQUE,
    name TEXT,
    timezone TEXT,
    -- Raised by every change of the address and by undoing one. Links that were mailed before do not work any more, even if the address
    -- is the same again.
    link_generation BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL
);
-- The words of addresses and names, for searching (src/store/subscriber_search.rs). The index itself overwrites what is deleted from it.
/* sqlite: CREATE VIRTUAL TABLE search_words_of_subscribers USING fts5 (address_key, name, content = 'subscribers', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2', detail = none, columnsize = 0); */
/* sqlite: INSERT INTO search_words_of_subscribers (search_words_of_subscribers, rank) VALUES ('secure-delete', 1); */
-- Bytes of words that are kept in memory before they are written. The words of a transaction of an import fit in, so they are sorted once.
/* sqlite: INSERT INTO search_words_of_subscribers (search_words_of_subscribers, rank) VALUES ('hashsize', 8388608); */
/* sqlite: CREATE TRIGGER subscribers_added AFTER INSERT ON subscribers BEGIN INSERT INTO search_words_of_subscribers (rowid, address_key, name) VALUES (new.number, new.address_key, new.name); END; */
/* sqlite: CREATE TRIGGER subscribers_deleted AFTER DELETE ON subscribers BEGIN INSERT INTO search_words_of_subscribers (search_words_of_subscribers, rowid, address_key, name) VALUES ('delete', old.number, old.address_key, old.name); END; */
/* sqlite: CREATE TRIGGER subscribers_changed AFTER UPDATE OF address_key, name ON subscribers BEGIN INSERT INTO search_words_of_subscribers (search_words_of_subscribers, rowid, address_key, name) VALUES ('delete', old.number, old.address_key, old.name); INSERT INTO search_words_of_subscribers (rowid, address_key, name) VALUES (new.number, new.address_key, new.name); END; */
/* postgres: CREATE INDEX subscribers_words ON subscribers USING gin (to_tsvector('simple'::regconfig, translate(address_key, '@.-_+', '     ') || ' ' || COALESCE(name, ''))); */

CREATE TABLE subscriptions (
    id UUID NOT NULL PRIMARY KEY,
    subscriber_id UUID NOT NULL REFERENCES subscribers (id),
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    state TEXT NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    -- When the last confirmation mail was queued. NULL once its link was used.
    mailed_at TIMESTAMPTZ,
    confirmed_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    -- Topics in lower case, one a line; empty for all.
    topics TEXT NOT NULL DEFAULT '',
    cadence TEXT NOT NULL DEFAULT 'every',
    -- The language of the fixed texts in its mails. NULL: the newsletter's.
    language TEXT,
    -- The end of the pause, if the state is or was 'paused'. NULL with that state: until somebody ends it.
    paused_until TIMESTAMPTZ,
    -- Why it was paused after soft bounces. NULL: it is not paused, or the subscriber paused it.
    pause_reason TEXT,
    -- Soft bounces of issues that started at this time or before do not count towards a pause. NULL: all count.
    soft_bounces_since TIMESTAMPTZ,
    -- The start of the pause whose missed issues the next mail lists.
    missed_since TIMESTAMPTZ,
    -- When the last welcome mail was queued. NULL: never.
    welcomed_at TIMESTAMPTZ,
    -- The state before it ended, if it has ended. With this, paused_until and pause_reason the subscriber can undo the end for a while.
    state_before_end TEXT,
    UNIQUE (subscriber_id, newsletter_id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX subscriptions_paused ON subscriptions (paused_until) WHERE state = 'paused';
-- Subscribers of a newsletter with the same preferences, in the order in which they are frozen as recipients. The freeze reads this
-- index and no table.
CREATE INDEX subscriptions_by_preferences ON subscriptions (newsletter_id, topics, cadence, missed_since, language, id)
    WHERE state = 'confirmed';
-- The console lists and counts the readers of a newsletter in a state. Both read this index and no table.
CREATE INDEX subscriptions_by_state ON subscriptions (newsletter_id, state, subscriber_id);
CREATE INDEX subscriptions_to_purge ON subscriptions (requested_at) WHERE state = 'pending';

-- Imported addresses that are asked by mail to confirm. The rows stay: no later import asks the same address again, even if the subscription was
-- deleted unconfirmed.
CREATE TABLE confirmation_asks (
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    -- The keyed hash of the address.
    address_hash BYTEA NOT NULL,
    -- What the import says about the consent. It becomes part of the consent record when the address is asked, and is empty then.
    note TEXT NOT NULL,
    queued_at TIMESTAMPTZ NOT NULL,
    -- When the mail was queued. NULL: the address waits for its turn.
    asked_at TIMESTAMPTZ,
    PRIMARY KEY (newsletter_id, address_hash)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX confirmation_asks_waiting ON confirmation_asks (queued_at, newsletter_id, address_hash) WHERE asked_at IS NULL;
CREATE INDEX confirmation_asks_by_time ON confirmation_asks (asked_at);
CREATE INDEX confirmation_asks_by_address ON confirmation_asks (address_hash);

-- Tokens of confirmation links, of which only the hash is stored. A token has one row for each subscription that it confirms.
CREATE TABLE confirmation_tokens (
    token_hash BYTEA NOT NULL,
    subscription_id UUID NOT NULL REFERENCES subscriptions (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    -- The name, time zone, topics, cadence and language of the sign-up. They are copied to the subscriber when the token is used: only
    -- then it is certain that the owner of the address chose them.
    name TEXT,
    timezone TEXT,
    topics TEXT NOT NULL,
    cadence TEXT,
    language TEXT,
    PRIMARY KEY (token_hash, subscription_id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX confirmation_tokens_by_subscription ON confirmation_tokens (subscription_id);

-- Why subscribers left, if they said so. The row outlives the erasure of the subscriber, without the note.
CREATE TABLE leaving_reasons (
    id UUID NOT NULL PRIMARY KEY,
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    -- The subscription, and when it ended. NULL: the subscriber was erased.
    subscription_id UUID,
    ended_at TIMESTAMPTZ,
    -- In UTC, such as 2026-11-23.
    day TEXT NOT NULL,
    -- A word of `LeavingReason` (src/domain/counted.rs).
    reason TEXT NOT NULL,
    -- The subscriber's own words, without addresses; may be empty.
    note TEXT NOT NULL,
    UNIQUE (subscription_id, ended_at)
);
CREATE INDEX leaving_reasons_by_day ON leaving_reasons (day);

-- How often something happened to the subscriptions of a newsletter on a day. A transaction that records such an event adds it here, so
-- the counts are exact, and stay after the rows of the event were deleted. Accepted deliveries are added when they are compacted.
CREATE TABLE daily_counts (
    -- In UTC, such as 2026-11-23.
    day TEXT NOT NULL,
    -- Zeros: no newsletter is known.
    newsletter_id UUID NOT NULL,
    -- A word of `CountedEvent` (src/domain/counted.rs).
    event TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, newsletter_id, event)
) /* sqlite: WITHOUT ROWID */ /* postgres: WITH (fillfactor = 70) */;

-- Erasures that are not complete: what other rows may quote is still searched for, or the database still has to overwrite what was
-- deleted. A complete erasure has no row.
CREATE TABLE erasures (
    id UUID NOT NULL PRIMARY KEY,
    -- The erased addresses and names, one a line. Emptied when no row quotes them any more.
    addresses TEXT NOT NULL,
    names TEXT NOT NULL,
    -- The erased subscriptions and transactional mails: ids of 16 bytes each.
    subscriptions BYTEA NOT NULL,
    mails BYTEA NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL
);

-- Changes of address that a reader asked for. They are deleted once they can be neither confirmed nor undone.
CREATE TABLE address_changes (
    id UUID NOT NULL PRIMARY KEY,
    subscriber_id UUID NOT NULL REFERENCES subscribers (id),
    -- The addresses before and after, as typed.
    from_address TEXT NOT NULL,
    to_address TEXT NOT NULL,
    -- The keyed hashes of both, as in subscribers.
    from_hash BYTEA NOT NULL,
    to_hash BYTEA NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    -- When the link in the mail to the new address was used.
    confirmed_at TIMESTAMPTZ,
    -- The link_generation of the subscriber after the change. It shows which of two changes was made later. NULL: not confirmed.
    generation BIGINT,
    -- When the link in the mail to the old address was used, or that of an earlier change.
    undone_at TIMESTAMPTZ
);
CREATE INDEX address_changes_by_subscriber ON address_changes (subscriber_id);
CREATE INDEX address_changes_by_old_address ON address_changes (from_hash);
CREATE INDEX address_changes_by_new_address ON address_changes (to_hash);

-- Texts that many rows share, by their SHA-256: the text of the sign-up form, and mails that are the same for every recipient.
CREATE TABLE texts (
    hash BYTEA NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

-- The record of consent: what was requested, shown and confirmed, and from which network address. Append-only.
CREATE TABLE consent_records (
    id UUID NOT NULL,
    subscription_id UUID NOT NULL REFERENCES subscriptions (id),
    event TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    network_address TEXT,
    source TEXT NOT NULL,
    words_hash BYTEA REFERENCES texts (hash),
    mail_text_hash BYTEA REFERENCES texts (hash),
    PRIMARY KEY (subscription_id, at, id)
) /* sqlite: WITHOUT ROWID */;

-- Addresses that are never mailed.
CREATE TABLE suppressions (
    address_hash BYTEA NOT NULL PRIMARY KEY,
    -- hard_bounce, complaint, operator or import.
    reason TEXT NOT NULL,
    -- The evidence: a reply, the lines of a returned mail, an operator's note, the row of a file.
    evidence TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- The evidence of a complaint, if the reason is operator. If the operator lifts the suppression, the complaint is still in force.
    complaint TEXT,
    -- When that complaint was made. From then on the address is suppressed for it.
    complained_at TIMESTAMPTZ,
    -- When a sign-up last caused a confirmation mail to the address although it is suppressed.
    confirmation_mailed_at TIMESTAMPTZ
);
CREATE INDEX suppressions_by_time ON suppressions (created_at, address_hash);
CREATE INDEX suppressions_by_reason ON suppressions (reason, created_at, address_hash);

-- Suppressions that ended, as they were. Append-only.
CREATE TABLE ended_suppressions (
    address_hash BYTEA NOT NULL,
    -- 1 for the first that ended of this address, 2 for the next.
    number BIGINT NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    -- operator or confirmation: it was lifted. replaced: a suppression for a more serious reason replaced it.
    ended_by TEXT NOT NULL,
    -- Who lifted it and why, or what replaced it.
    note TEXT NOT NULL,
    PRIMARY KEY (address_hash, number)
);
CREATE INDEX ended_suppressions_by_time ON ended_suppressions (ended_at, address_hash, number);

-- Mail and events that came back, as they were received. A row is committed before the sender gets its reply, and is processed from
-- there: once, by any node.
CREATE TABLE returned_mails (
    id UUID NOT NULL PRIMARY KEY,
    -- SHA-256 of recipient and content, or of source and event: a repeated mail or event is not stored again.
    digest BYTEA NOT NULL UNIQUE,
    -- The mail provider's id of an event, if it has one.
    event_id TEXT,
    -- How it arrived: listener, imap, file, or the name of a mail provider.
    source TEXT NOT NULL,
    -- The envelope recipient, if the source knows it. It carries the signed tag.
    recipient TEXT,
    -- Emptied some time after it was processed.
    content BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    -- NULL: it waits to be processed.
    processed_at TIMESTAMPTZ,
    -- What it is: bounce, complaint, autoreply, delayed, unsubscribe or other.
    kind TEXT,
    -- What it led to: a word of `ReturnedEffect` (src/domain/returned_states.rs). The note says more, or why it changed nothing.
    effect TEXT,
    note TEXT,
    UNIQUE (source, event_id)
);
CREATE INDEX returned_mails_by_source ON returned_mails (source, id);
CREATE INDEX returned_mails_waiting ON returned_mails (received_at, id) WHERE processed_at IS NULL;
CREATE INDEX returned_mails_with_content ON returned_mails (processed_at) WHERE length(content) > 0;

-- Tokens of webhook requests whose signature covers only the token: each is accepted once. Kept while their time is accepted.
CREATE TABLE webhook_nonces (
    -- SHA-256 of the provider and the token.
    digest BYTEA NOT NULL PRIMARY KEY,
    used_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX webhook_nonces_by_time ON webhook_nonces (used_at);

-- How much mail the listener stored for each recipient of our messages, by day.
CREATE TABLE intake_budgets (
    -- The subscription or the transactional mail that the tags name.
    recipient TEXT NOT NULL,
    -- In UTC, such as 2026-11-23.
    day TEXT NOT NULL,
    mails BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (recipient, day)
);
CREATE INDEX intake_budgets_by_day ON intake_budgets (day);

-- How often something was refused or repeated when it was received.
CREATE TABLE intake_counts (
    -- In UTC, such as 2026-11-23.
    day TEXT NOT NULL,
    -- As in returned_mails: listener, or the name of a mail provider, for example.
    source TEXT NOT NULL,
    -- What happened, such as forged_tag, wrong_signature or repeated.
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, source, outcome)
);

-- Mailboxes that are polled for returned mail. One process at a time polls a mailbox.
CREATE TABLE polled_mailboxes (
    -- User, server and mailbox.
    name TEXT NOT NULL PRIMARY KEY,
    -- The process that polls it: its node, what identifies it on its machine, and until when it may do so.
    lease_owner UUID,
    lease_process TEXT,
    leased_until TIMESTAMPTZ,
    -- Every message up to this UID was examined. UIDs mean the same messages while the UIDVALIDITY of the mailbox stays the same.
    uid_validity BIGINT,
    last_uid BIGINT NOT NULL,
    -- Why it cannot be read, since when, and when the operators were notified.
    failure TEXT,
    failing_since TIMESTAMPTZ,
    notified_at TIMESTAMPTZ
);

-- What came back about single recipients. Append-only.
CREATE TABLE bounces (
    id UUID NOT NULL PRIMARY KEY,
    -- NULL: the relay's reply to our attempt.
    returned_mail_id UUID REFERENCES returned_mails (id),
    address_hash BYTEA NOT NULL,
    -- The domain of the address, for which rates are counted.
    domain TEXT NOT NULL,
    subscription_id UUID,
    -- The newsletter of the subscription.
    newsletter_id UUID,
    issue_id UUID,
    -- How it arrived: as in returned_mails, or `relay` for the relay's reply.
    source TEXT NOT NULL,
    -- bounce or complaint.
    kind TEXT NOT NULL,
    -- A name of src/bounce/reason.rs, or the type of the complaint.
    reason TEXT NOT NULL,
    -- What it led to: suppress, unsubscribe, count or none.
    action TEXT NOT NULL,
    status TEXT,
    evidence TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX bounces_by_address ON bounces (address_hash, at);
CREATE INDEX bounces_by_issue ON bounces (issue_id, kind);
CREATE INDEX bounces_by_subscription ON bounces (subscription_id, issue_id) WHERE subscription_id IS NOT NULL;
CREATE INDEX bounces_by_time ON bounces (at, id);
-- For lists with one of these filters.
CREATE INDEX bounces_by_newsletter ON bounces (newsletter_id, at, id) WHERE newsletter_id IS NOT NULL;
CREATE INDEX bounces_by_domain ON bounces (domain, at, id);
CREATE INDEX bounces_by_reason ON bounces (reason, at, id);
CREATE INDEX bounces_by_source ON bounces (source, at, id);
CREATE INDEX bounces_by_returned_mail ON bounces (returned_mail_id) WHERE returned_mail_id IS NOT NULL;

-- For each issue or edition and each domain of its recipients: how many messages the relay accepted, and how many of them came back. The
-- empty domain is the sum of all.
CREATE TABLE issue_domains (
    issue_id UUID NOT NULL,
    domain TEXT NOT NULL,
    -- As of the last count. 0: none was counted, or the domain has too few recipients to be counted by itself.
    accepted BIGINT NOT NULL,
    -- Recipients with a hard bounce, and recipients who reported the message as spam.
    hard_bounces BIGINT NOT NULL,
    complaints BIGINT NOT NULL,
    -- Whether a report has changed the row since the rates were compared with their limits.
    changed BOOLEAN NOT NULL,
    counted_at TIMESTAMPTZ,
    PRIMARY KEY (issue_id, domain)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX issue_domains_by_domain ON issue_domains (domain, issue_id);
CREATE INDEX issue_domains_changed ON issue_domains (issue_id, domain) WHERE changed;

-- The limits of bounces and complaints that are reached. The row ensures that only one process acts on a limit, once.
CREATE TABLE rate_alerts (
    -- issue, newsletter or domain.
    scope TEXT NOT NULL,
    -- The id of the issue or newsletter, or the domain.
    subject TEXT NOT NULL,
    -- complaints or hard_bounces.
    measure TEXT NOT NULL,
    -- warn or pause.
    level TEXT NOT NULL,
    raised_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (scope, subject, measure, level)
);

-- The operator's templates that failed on real data: the operators got a notice about each.
CREATE TABLE failed_templates (
    name TEXT NOT NULL,
    -- Differs if the files of the templates differ.
    version TEXT NOT NULL,
    failed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name, version)
);

-- The relays that got no access token for long, and when the operators last got a notice about it.
CREATE TABLE token_notices (
    -- The address of the relay, without its login.
    relay TEXT NOT NULL PRIMARY KEY,
    notified_at TIMESTAMPTZ NOT NULL
);

-- Mails to one person about a request, such as confirmations. They have connections of their own, so issues never delay them.
CREATE TABLE transactional_mails (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- NULL: the recipient is an operator, who may not be a subscriber.
    subscriber_id UUID REFERENCES subscribers (id),
    recipient TEXT NOT NULL,
    -- `Name <address>` for replies; NULL: they go to the sender.
    reply_to TEXT,
    subject TEXT NOT NULL,
    -- The content, if no other mail has the same. Emptied when the mail has ended.
    html TEXT NOT NULL,
    text TEXT NOT NULL,
    -- The content, if other mails have the same. The columns above are empty then.
    html_hash BYTEA REFERENCES texts (hash),
    text_hash BYTEA REFERENCES texts (hash),
    -- The token of a confirmation link is made from these two; the token itself is not stored. The nonce has 32 bytes, and is deleted
    -- when the mail is final. NULL: the mail has no confirmation link.
    token_nonce BYTEA,
    signing_key_id BIGINT REFERENCES signing_keys (id),
    -- The subscriptions whose preferences and unsubscribe links the mail has: ids of 16 bytes each, in the order of the links.
    -- NULL: the mail has no such links, or is final.
    linked_subscriptions BYTEA,
    -- The purpose of the signed link that the mail has, and the id that the link is about. The link works until expires_at. NULL: the
    -- mail has no such link. A copy of an issue for an operator (kind issue_test) has the issue's id here, and no purpose.
    link_purpose TEXT,
    link_subject UUID,
    -- The network that caused the mail, or the recipient's domain if no network is known. Requesters take turns.
    requester TEXT NOT NULL,
    -- The mails are sent in this order. It is the time of creation, or one second after the last mail of the same requester if that
    -- is later. So many mails of one requester do not delay the mails of others.
    turn_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    lease_owner UUID,
    last_reply TEXT,
    -- When it was queued again because its process ended while it was being sent. From then on the recipient may get it twice.
    interrupted_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX transactional_mails_due ON transactional_mails (next_attempt_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX transactional_mails_by_turn ON transactional_mails (turn_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX transactional_mails_by_requester ON transactional_mails (requester, turn_at)
    WHERE state IN ('queued', 'deferred');
CREATE INDEX transactional_mails_leased ON transactional_mails (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX transactional_mails_by_subscriber ON transactional_mails (subscriber_id);
CREATE INDEX transactional_mails_of_tests ON transactional_mails (link_subject, created_at) WHERE kind = 'issue_test';

-- Rate limits of sign-ups, shared by all nodes. The keys are keyed hashes of networks, domains and addresses.
CREATE TABLE rate_limits (
    key BYTEA NOT NULL PRIMARY KEY,
    -- When all permits of the key are available again, in microseconds since 1970 (see src/store/rate_limits.rs). A row whose time has
    -- passed has no effect and is deleted.
    replenished_at BIGINT NOT NULL
) /* sqlite: WITHOUT ROWID */ /* postgres: WITH (fillfactor = 70) */;

-- Requests to the API that carry an idempotency key. A repeated request gets the stored answer.
CREATE TABLE idempotency_keys (
    -- SHA-256 of the token's id and the key.
    key_hash BYTEA NOT NULL PRIMARY KEY,
    -- SHA-256 of method, path, content type and body: another request with the same key is refused.
    request_hash BYTEA NOT NULL,
    -- Status, header fields and body as JSON. NULL while the request is carried out. It has no address of a reader.
    answer TEXT,
    received_at TIMESTAMPTZ NOT NULL
) /* sqlite: WITHOUT ROWID */;

-- Tokens of forms and challenges that were used and are still valid, so that none is used twice. The keys are keyed hashes.
CREATE TABLE spent_tokens (
    key BYTEA NOT NULL PRIMARY KEY,
    -- From then on the token is invalid by itself, and the row is deleted.
    expires_at TIMESTAMPTZ NOT NULL
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX spent_tokens_by_expiry ON spent_tokens (expires_at);

-- How many sign-ups were accepted, and how many were refused for each reason.
CREATE TABLE signup_counts (
    -- In UTC, such as 2026-11-23.
    day TEXT NOT NULL,
    -- A word of `SignupOutcome` (src/domain/states.rs).
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, outcome)
);

-- The recent mails to one mailbox, for all newsletters. The key is a keyed hash of the address without its plus-tag and without
-- the characters that its mail service ignores.
CREATE TABLE mailbox_histories (
    mailbox BYTEA NOT NULL PRIMARY KEY,
    -- When the latest mails were sent or will be sent, in microseconds since 1970, ascending, separated by blanks. The letter before
    -- each is the spelling of the address: p (plain), d (dotted), t (tagged).
    sent TEXT NOT NULL,
    -- Number of mails to each spelling since the link of one was used. Each doubles the wait for the next mail.
    unanswered_plain BIGINT NOT NULL,
    unanswered_dotted BIGINT NOT NULL,
    unanswered_tagged BIGINT NOT NULL,
    -- When the last mail said that the address is subscribed already.
    reminded_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ NOT NULL
) /* sqlite: WITHOUT ROWID */;

CREATE TABLE feeds (
    id UUID NOT NULL PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    -- The host of the URL, which is leased in `feed_hosts`.
    host TEXT NOT NULL,
    title TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    -- SHA-256 of the last document, for servers that send no validator.
    body_hash BYTEA,
    -- The current fetch interval. It adapts: a feed with more new entries is fetched more often.
    interval_seconds BIGINT NOT NULL,
    next_fetch_at TIMESTAMPTZ NOT NULL,
    -- The time of the last request, and of the last response that had a document or reported it unchanged.
    last_fetched_at TIMESTAMPTZ,
    last_read_at TIMESTAMPTZ,
    last_error TEXT,
    failing_since TIMESTAMPTZ,
    -- When the operators were notified of the failure.
    notified_at TIMESTAMPTZ,
    failures BIGINT NOT NULL,
    gone BOOLEAN NOT NULL,
    -- Whether the site shows the whole text of its articles. Otherwise it shows an excerpt and links to the publisher.
    full_text BOOLEAN NOT NULL DEFAULT FALSE,
    -- 'page': if an entry has only a few lines, the text of its article is taken from the article's page.
    text_from TEXT NOT NULL DEFAULT 'feed',
    -- Why the last such page was not used, and when. NULL if all pages were used that the last fetch asked for.
    page_error TEXT,
    page_error_at TIMESTAMPTZ,
    -- How it is requested. NULL: with the User-Agent of [feeds], and without a login.
    user_agent TEXT,
    login_name TEXT,
    -- The names of the further header fields, separated by blanks.
    header_names TEXT NOT NULL DEFAULT '',
    -- The password of the login, and a line for each of these fields, encrypted (domain/sealed.rs). NULL without both.
    request_secrets BYTEA,
    -- The last fetch with more new entries than [feeds] allows, how many it left out, and when the operators were notified.
    overflow_at TIMESTAMPTZ,
    overflow_entries BIGINT NOT NULL DEFAULT 0,
    overflow_notified_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX feeds_due ON feeds (next_fetch_at) WHERE NOT gone;
CREATE INDEX feeds_by_host ON feeds (host, next_fetch_at);
CREATE INDEX feeds_failing ON feeds (failing_since) WHERE failing_since IS NOT NULL;

-- Hosts of feeds. A process leases a host before it fetches one of its feeds, so a host gets one request at a time from all processes
-- together, with a pause after each.
CREATE TABLE feed_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    -- The node that is fetching from it, if any.
    lease_owner UUID,
    -- No other node leases it before this time: the end of the lease, or of the pause after a fetch.
    available_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE newsletter_feeds (
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    feed_id UUID NOT NULL REFERENCES feeds (id),
    -- When the feed was first read for this newsletter. Older entries that it had then are its back catalogue.
    first_read_at TIMESTAMPTZ,
    PRIMARY KEY (newsletter_id, feed_id)
);
CREATE INDEX newsletter_feeds_by_feed ON newsletter_feeds (feed_id);

CREATE TABLE articles (
    id UUID NOT NULL PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    feed_id UUID REFERENCES feeds (id),
    -- The scope in which its guid and keys identify it: the feed's id, 'editorial', 'json-lines', or 'file:' with the name of an imported file.
    scope TEXT NOT NULL,
    -- The guid or id of the feed's entry.
    guid TEXT,
    -- How close its source is to its address: 'other_host', 'related_host', 'same_host' or 'editorial'.
    closeness TEXT NOT NULL,
    -- Why no issue of any newsletter may contain it: its feed had more new entries than [feeds] allows. NULL if issues may.
    over_limit_reason TEXT,
    title TEXT NOT NULL,
    -- NULL: an editorial article, whose page is on the site.
    url TEXT,
    canonical_url TEXT,
    summary TEXT NOT NULL,
    authors TEXT NOT NULL,
    category TEXT,
    -- The category as topics are compared: in lower case, without markup. NULL without a category.
    topic_key TEXT,
    -- The part of an address that names the category, or topic_key if the category has no letters and digits.
    topic_slug TEXT,
    source_name TEXT NOT NULL,
    -- The language tag (BCP 47) that the feed declares or, without one, that was detected in the text.
    language TEXT,
    -- At the publisher's server. Daywire never fetches it.
    image_url TEXT,
    image_alt TEXT NOT NULL,
    image_width BIGINT,
    image_height BIGINT,
    -- Whether the site shows the whole text even if the feed's full_text is FALSE. TRUE for an editorial article.
    full_text BOOLEAN NOT NULL,
    -- 'due': its page is to be fetched, 'used': content_html is from its page, 'failed': its page had no text, 'unused': all others.
    page_state TEXT NOT NULL DEFAULT 'unused',
    -- How often its page was asked for in vain.
    page_attempts BIGINT NOT NULL DEFAULT 0,
    published_at TIMESTAMPTZ,
    arrived_at TIMESTAMPTZ NOT NULL,
    -- Lists are sorted by this: published_at, or arrived_at if that is earlier or no date is known. So a date in the future does not
    -- keep an article on top.
    listed_at TIMESTAMPTZ NOT NULL,
    -- When an editor last changed it. From then on its feed changes nothing.
    edited_at TIMESTAMPTZ,
    retracted_at TIMESTAMPTZ,
    -- The last column, because SQLite reads a row up to the last column that a statement needs: a list of headlines skips the texts.
    content_html TEXT NOT NULL
);
CREATE INDEX articles_by_arrival ON articles (arrived_at);
CREATE INDEX articles_by_feed ON articles (feed_id, arrived_at);
CREATE INDEX articles_with_due_page ON articles (feed_id) WHERE page_state = 'due';
-- For the front page and the site's feed.
CREATE INDEX articles_latest ON articles (listed_at, id) WHERE retracted_at IS NULL;
-- For the sitemap.
CREATE INDEX articles_own ON articles (listed_at) WHERE retracted_at IS NULL AND (scope = 'editorial' OR url IS NULL);
-- For the pages of topics.
CREATE INDEX articles_latest_of_topic ON articles (topic_slug, listed_at, id) WHERE retracted_at IS NULL;

-- The index of the site's search. A document is an article that was not retracted, or an issue whose sending began.
CREATE TABLE search_documents (
    -- Documents that were added later have a higher id.
    id /* sqlite: INTEGER */ /* postgres: BIGINT GENERATED ALWAYS AS IDENTITY */ NOT NULL PRIMARY KEY,
    -- The id of the article or issue.
    subject_id UUID NOT NULL UNIQUE,
    is_issue BOOLEAN NOT NULL /* postgres: , words TSVECTOR NOT NULL */
);
-- The words are split and folded before they get here (see src/text/search.rs). On SQLite they are in a table of their own, which
-- stores the index and not the text; rowid is the id of the document.
/* sqlite: CREATE VIRTUAL TABLE search_words USING fts5 (title, text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 0'); */
/* postgres: CREATE INDEX search_documents_words ON search_documents USING gin (words); */

-- A row while the index of the site's search is incomplete after an import. The program completes it when it starts.
CREATE TABLE search_rebuilds (
    id BIGINT NOT NULL PRIMARY KEY,
    requested_at TIMESTAMPTZ NOT NULL
);

-- One row. Each transaction that changes the content of the front page adds 1, so a process knows whether the page that it keeps in
-- memory is current.
CREATE TABLE site_revision (
    id BIGINT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO site_revision (id, revision) VALUES (1, 0);

-- Changes and retractions of articles by editors. Append-only.
CREATE TABLE corrections (
    id UUID NOT NULL PRIMARY KEY,
    article_id UUID NOT NULL REFERENCES articles (id),
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    -- The editor's note.
    note TEXT NOT NULL,
    title_before TEXT NOT NULL
);
CREATE INDEX corrections_by_article ON corrections (article_id, at);
CREATE INDEX corrections_by_time ON corrections (at);

-- The fields of an article that an editor changed after it was added. If the file that the article came from is added again, it does not
-- overwrite them.
CREATE TABLE article_edits (
    article_id UUID NOT NULL REFERENCES articles (id),
    -- A word of `ArticleField` (src/domain/states.rs).
    field TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- The editor's note; may be empty.
    note TEXT NOT NULL,
    PRIMARY KEY (article_id, field)
);

-- The Markdown in which an editor wrote the text of an article, so that the editor can change it in the same form.
CREATE TABLE article_markdown (
    article_id UUID NOT NULL PRIMARY KEY REFERENCES articles (id),
    markdown TEXT NOT NULL
);
-- Paths at which posts were on an earlier site. They redirect to the articles that the posts became.
CREATE TABLE article_redirects (
    -- Decoded, and without a slash at its end.
    path TEXT NOT NULL PRIMARY KEY,
    article_id UUID NOT NULL REFERENCES articles (id),
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX article_redirects_by_article ON article_redirects (article_id);

-- The keys by which an article is recognised when it arrives again: SHA-256 of a text made from its guid, address, text or date. Several
-- articles may have the same key, such as a guid that a feed used twice or the address of a live page.
CREATE TABLE article_keys (
    key_hash BYTEA NOT NULL,
    article_id UUID NOT NULL REFERENCES articles (id),
    PRIMARY KEY (key_hash, article_id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX article_keys_by_article ON article_keys (article_id);

CREATE TABLE issues (
    id UUID NOT NULL PRIMARY KEY,
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    -- Why it is paused, held back, skipped or cancelled.
    reason TEXT,
    subject TEXT NOT NULL,
    -- Of an edition: the differences from its issue's HTML and text, as JSON.
    html TEXT NOT NULL,
    text TEXT NOT NULL,
    sender TEXT NOT NULL,
    -- The articles that arrived from `window_from` up to, but not including, `window_to` were considered.
    window_from TIMESTAMPTZ NOT NULL,
    window_to TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    -- When it was reopened after it had been sent, to send deliveries again that were in doubt.
    reopened_at TIMESTAMPTZ,
    -- When it was paused because the relay refused most recipients. It is paused for that once.
    paused_for_refusals_at TIMESTAMPTZ,
    -- The number of recipients when they were frozen. The delivery report is compared with it.
    recipients BIGINT,
    -- 0: the issue itself. Others are editions of it, for subscribers with other preferences.
    edition BIGINT NOT NULL DEFAULT 0,
    edition_of UUID REFERENCES issues (id),
    edition_name TEXT NOT NULL DEFAULT '',
    -- Whether it is the weekly edition.
    weekly BOOLEAN NOT NULL DEFAULT FALSE,
    -- Number of changes to subject, HTML and text.
    revision BIGINT NOT NULL DEFAULT 0,
    -- Number of subscriber groups that want an edition and get the issue itself, because digest.max_editions is reached.
    groups_without_edition BIGINT NOT NULL DEFAULT 0,
    UNIQUE (newsletter_id, number, edition)
);
CREATE INDEX issues_editions ON issues (edition_of) WHERE edition_of IS NOT NULL;
-- For the archive.
CREATE INDEX issues_started ON issues (started_at, id) WHERE started_at IS NOT NULL;
CREATE INDEX issues_started_of_newsletter ON issues (newsletter_id, started_at) WHERE started_at IS NOT NULL;
CREATE INDEX issues_unstarted ON issues (newsletter_id, due_at) WHERE state IN ('draft', 'approved');
CREATE INDEX issues_in_delivery ON issues (state) WHERE state IN ('sending', 'paused', 'cancelled');

-- The content of the editions that operators approved together with an issue. Hashes of what readers get.
CREATE TABLE approved_editions (
    issue_id UUID NOT NULL REFERENCES issues (id),
    content BYTEA NOT NULL,
    PRIMARY KEY (issue_id, content)
) /* sqlite: WITHOUT ROWID */;

-- An article that arrived for a newsletter. It has one issue_id, so it is in at most one issue. Without an issue and a reason it waits for
-- the next issue. With a reason and no issue, no issue of the newsletter will contain it.
CREATE TABLE newsletter_articles (
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    article_id UUID NOT NULL REFERENCES articles (id),
    arrived_at TIMESTAMPTZ NOT NULL,
    issue_id UUID REFERENCES issues (id),
    -- The number of its story in issue_stories.
    story BIGINT,
    -- The position of its story in the issue, from 1. NULL with issue_id set: it was considered, and the issue does not contain it.
    position BIGINT,
    reason TEXT,
    -- Why no issue of the newsletter will contain it: 'back_catalogue', 'same_article' or 'over_limit'.
    left_out TEXT,
    -- An editor's rating.
    pinned BOOLEAN NOT NULL DEFAULT FALSE,
    weight_percent BIGINT NOT NULL DEFAULT 100,
    PRIMARY KEY (newsletter_id, article_id)
);
CREATE INDEX newsletter_articles_waiting ON newsletter_articles (newsletter_id, arrived_at)
    WHERE issue_id IS NULL AND reason IS NULL;
-- For the topics that subscribers can choose.
CREATE INDEX newsletter_articles_by_arrival ON newsletter_articles (newsletter_id, arrived_at);
CREATE INDEX newsletter_articles_by_issue ON newsletter_articles (issue_id, position);
CREATE INDEX newsletter_articles_by_article ON newsletter_articles (article_id);

-- All data that an issue was compiled from, as JSON. Compiling it again gives the same bytes.
CREATE TABLE issue_inputs (
    issue_id UUID NOT NULL PRIMARY KEY REFERENCES issues (id),
    inputs TEXT NOT NULL
);

-- The stories that were considered for an issue. Those with a position have the lowest numbers.
CREATE TABLE issue_stories (
    issue_id UUID NOT NULL REFERENCES issues (id),
    story BIGINT NOT NULL,
    position BIGINT,
    lead_article_id UUID NOT NULL REFERENCES articles (id),
    -- The public ids of its articles, the leading one first, one a line.
    reports TEXT NOT NULL,
    -- The heading above it, if any.
    heading TEXT,
    -- The terms of its score, as a JSON object.
    terms TEXT NOT NULL,
    -- The rule that decided.
    reason TEXT NOT NULL,
    PRIMARY KEY (issue_id, story)
);

-- The corrections that an issue lists.
CREATE TABLE issue_corrections (
    issue_id UUID NOT NULL REFERENCES issues (id),
    correction_id UUID NOT NULL REFERENCES corrections (id),
    PRIMARY KEY (issue_id, correction_id)
);
CREATE INDEX issue_corrections_by_correction ON issue_corrections (correction_id);

-- One row for each due time of a newsletter. The primary key lets one node claim a due time, so it makes one issue.
CREATE TABLE runs (
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    due_at TIMESTAMPTZ NOT NULL,
    -- A word of `RunState` (src/domain/states.rs).
    state TEXT NOT NULL,
    reason TEXT,
    issue_id UUID REFERENCES issues (id),
    -- When a node claimed the due time.
    claimed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (newsletter_id, due_at)
);

-- Processes that send mail. A process's leases are valid while it is listed here. When its heartbeat stops, another process removes
-- its row and releases its leases in one transaction.
CREATE TABLE nodes (
    id UUID NOT NULL PRIMARY KEY,
    -- The machine and the process, if the operating system provides them. Another process on the machine can then see at once that
    -- this one has ended.
    process TEXT,
    -- Increased with each heartbeat. Other processes watch it change; no clocks are compared.
    heartbeat BIGINT NOT NULL,
    -- How fast it sends to each relay and limited domain, as JSON (src/domain/sending_status.rs). NULL: it has sent nothing.
    sending TEXT
);

-- One issue for one subscription. The table has no foreign keys, and frequent statements name rows by the primary key, so it can be
-- partitioned or sharded by subscription_id.
CREATE TABLE deliveries (
    issue_id UUID NOT NULL,
    subscription_id UUID NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- When it is due. NULL in the first pass, before it was attempted or released: then deliveries are leased in the order of their
    -- subscriptions.
    next_attempt_at TIMESTAMPTZ,
    -- The node that has leased it, if any.
    lease_owner UUID,
    -- The relay's last reply, or why nothing was sent.
    last_reply TEXT,
    updated_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issue_id, subscription_id)
) /* sqlite: WITHOUT ROWID */ /* postgres: WITH (fillfactor = 45) */;
-- No index contains a column that changes between queued and accepted. So PostgreSQL updates rows in place (HOT), in the space that the
-- fillfactor leaves in each page.
CREATE INDEX deliveries_due ON deliveries (issue_id, next_attempt_at, subscription_id)
    WHERE next_attempt_at IS NOT NULL;

-- How many deliveries of each state were compacted. The transaction that deletes their rows adds them here.
CREATE TABLE issue_totals (
    issue_id UUID NOT NULL REFERENCES issues (id),
    state TEXT NOT NULL,
    deliveries BIGINT NOT NULL,
    PRIMARY KEY (issue_id, state)
);

-- How many messages of each relay's daily cap are reserved or sent.
CREATE TABLE daily_caps (
    relay TEXT NOT NULL,
    -- The date in ISO 8601.
    day TEXT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (relay, day)
);

-- Mails that the built-in inbox received because no relay is set. Only the latest are kept.
CREATE TABLE captured_mails (
    id UUID NOT NULL PRIMARY KEY,
    return_path TEXT NOT NULL,
    recipient TEXT NOT NULL,
    message BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX captured_mails_by_time ON captured_mails (received_at);

-- People and programs that may use the console and the API.
CREATE TABLE operators (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- owner, publisher, editor or analyst (domain/role.rs).
    role TEXT NOT NULL,
    -- Where invitations and links for a new password are sent. NULL: nowhere, as for a program.
    email TEXT,
    email_key TEXT UNIQUE,
    -- Argon2id in the PHC string format. NULL: the operator has no password, and cannot sign in with one.
    password_hash TEXT,
    -- The secret of the authenticator app, encrypted (domain/sealed.rs). NULL: no code is asked for.
    totp_secret BYTEA,
    -- The time step of the last code that was used. A code of this step or an earlier one is refused.
    totp_step BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    -- When the operator was removed. The row stays, because the audit log refers to it.
    removed_at TIMESTAMPTZ
);

-- Codes that replace one code of the authenticator app each. Only hashes are stored.
CREATE TABLE operator_recovery_codes (
    operator_id UUID NOT NULL REFERENCES operators (id),
    code_hash BYTEA NOT NULL,
    used_at TIMESTAMPTZ,
    PRIMARY KEY (operator_id, code_hash)
) /* sqlite: WITHOUT ROWID */;

-- Tokens with which people and programs use the API. Only the hash is stored, and the first characters as a name.
CREATE TABLE operator_tokens (
    id UUID NOT NULL PRIMARY KEY,
    operator_id UUID NOT NULL REFERENCES operators (id),
    token_hash BYTEA NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    -- The operator's description of its purpose.
    label TEXT NOT NULL,
    -- What the token may be used for: words of domain/role.rs, separated by blanks.
    scopes TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- NULL: it does not expire.
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX operator_tokens_by_operator ON operator_tokens (operator_id, created_at);

-- Browsers in which operators are signed in to the console. Only the hash of the cookie's token is stored. An ended session is deleted.
CREATE TABLE operator_sessions (
    id UUID NOT NULL PRIMARY KEY,
    operator_id UUID NOT NULL REFERENCES operators (id),
    token_hash BYTEA NOT NULL UNIQUE,
    -- code: the password was right, and the code of the authenticator app is missing. open: signed in.
    stage TEXT NOT NULL,
    -- The browser, as its User-Agent field names it, and the network address; empty if none is known.
    browser TEXT NOT NULL,
    network TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX operator_sessions_by_operator ON operator_sessions (operator_id, created_at);
CREATE INDEX operator_sessions_by_expiry ON operator_sessions (expires_at);

-- Links that work once: to create the first owner, to accept an invitation, to choose a new password. Only the hash is stored.
CREATE TABLE operator_links (
    id UUID NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    -- NULL: the operator does not exist yet (the first owner).
    operator_id UUID REFERENCES operators (id),
    -- NULL: the link is signed and names this row (domain/signed_links.rs).
    token_hash BYTEA UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX operator_links_by_expiry ON operator_links (expires_at);

-- Passkeys of operators. The private key never leaves the operator's device.
CREATE TABLE operator_passkeys (
    id UUID NOT NULL PRIMARY KEY,
    operator_id UUID NOT NULL REFERENCES operators (id),
    -- The id by which the device knows it.
    credential_id BYTEA NOT NULL UNIQUE,
    -- The public key and the number of signatures so far, as JSON.
    credential TEXT NOT NULL,
    -- The operator's name for it.
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ
);
CREATE INDEX operator_passkeys_by_operator ON operator_passkeys (operator_id, created_at);

-- The accounts at the identity provider with which operators sign in. The provider never gives the subject to another person; an address it may.
CREATE TABLE operator_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    operator_id UUID NOT NULL REFERENCES operators (id),
    created_at TIMESTAMPTZ NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (operator_id, issuer)
) /* sqlite: WITHOUT ROWID */;

-- What the browser of an operator was asked and has not answered yet: to sign with a passkey, or to sign in at the identity provider. An
-- answer deletes its row, so each is accepted once, by whichever node gets it.
CREATE TABLE operator_challenges (
    -- SHA-256 of the token that the browser sends back.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    -- NULL: the answer says who it is.
    operator_id UUID REFERENCES operators (id),
    -- What the answer is checked with, encrypted (domain/sealed.rs).
    state BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX operator_challenges_by_expiry ON operator_challenges (expires_at);

-- Who changed what, when, and how it was before. Secrets are left out and addresses masked. Rows are only added: triggers refuse
-- everything else.
CREATE TABLE audit_log (
    id UUID NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    -- NULL: a person at the command line who is no operator, or the program.
    operator_id UUID REFERENCES operators (id),
    -- The name of the operator at that time, or of the person at the command line.
    actor TEXT NOT NULL,
    -- console, api or command.
    way TEXT NOT NULL,
    -- Such as operator.role_changed.
    action TEXT NOT NULL,
    -- What was changed: its kind and its name, such as operator and ada.
    object_kind TEXT NOT NULL,
    object_name TEXT NOT NULL,
    -- The changed fields as JSON. NULL: there was nothing before, or is nothing after.
    old_values TEXT,
    new_values TEXT
);
CREATE INDEX audit_log_by_operator ON audit_log (operator_id, id);
CREATE INDEX audit_log_by_action ON audit_log (action, id);
CREATE INDEX audit_log_by_object ON audit_log (object_kind, object_name, id);
/* sqlite: CREATE TRIGGER audit_log_is_not_updated BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never changed'); END;
CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'rows of audit_log are never deleted'); END; */
/* postgres: CREATE FUNCTION refuse_audit_log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'rows of audit_log are never changed or deleted'; END $$;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_audit_log_change();
CREATE TRIGGER audit_log_is_not_truncated BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_log_change(); */

-- Readers' comments on articles, if comments.provider is 'builtin'.
CREATE TABLE comments (
    id UUID NOT NULL PRIMARY KEY,
    article_id UUID NOT NULL REFERENCES articles (id),
    subscriber_id UUID NOT NULL REFERENCES subscribers (id),
    -- The name that the page shows.
    name TEXT NOT NULL,
    -- Plain text: paragraphs, separated by empty lines.
    body TEXT NOT NULL,
    -- Only approved comments are shown.
    state TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    -- When an operator last decided about it.
    decided_at TIMESTAMPTZ,
    -- How often readers have reported it since.
    reports BIGINT NOT NULL,
    -- When the operators were notified that it waits or was reported, or decided about it without a notice.
    announced_at TIMESTAMPTZ
);
CREATE INDEX comments_by_article ON comments (article_id, created_at);
CREATE INDEX comments_by_subscriber ON comments (subscriber_id);
CREATE INDEX comments_by_state ON comments (state, id);
CREATE INDEX comments_reported ON comments (id) WHERE reports > 0;
CREATE INDEX comments_unannounced ON comments (state) WHERE announced_at IS NULL;

-- Webhooks out: addresses of other programs that get events. docs/reference/webhooks-out.md describes them.
CREATE TABLE webhook_endpoints (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    -- The events that it wants: words of `WebhookEvent` (src/domain/webhook.rs), separated by blanks; `*` for all.
    events TEXT NOT NULL,
    -- The keys that sign its messages, encrypted (domain/sealed.rs). The previous one signs too until the time beside it.
    secret BYTEA NOT NULL,
    previous_secret BYTEA,
    previous_secret_until TIMESTAMPTZ,
    -- Attempts that failed since the last success, and since when. With several in a row, none is made before next_attempt_at.
    failures BIGINT NOT NULL DEFAULT 0,
    failing_since TIMESTAMPTZ,
    next_attempt_at TIMESTAMPTZ,
    -- When the operators were notified of that.
    notified_at TIMESTAMPTZ,
    -- A disabled endpoint gets no events. NULL: it is enabled.
    disabled_at TIMESTAMPTZ,
    disabled_reason TEXT,
    created_at TIMESTAMPTZ NOT NULL
);

-- Events for webhook endpoints, written by the transaction that made the change. The rows are the outbox, and the log of what was sent.
CREATE TABLE webhook_messages (
    endpoint_id UUID NOT NULL,
    -- The same for all endpoints and all attempts.
    event_id TEXT NOT NULL,
    -- Of two events of one subject, the later one has the higher number.
    position BIGINT NOT NULL,
    -- A word of `WebhookEvent` (src/domain/webhook.rs).
    event TEXT NOT NULL,
    -- The subscriber or the issue. While an event of a subject waits, its later ones are not sent to that endpoint.
    subject_id UUID NOT NULL,
    -- The JSON document that is sent.
    body TEXT NOT NULL,
    -- waiting, delivered or failed.
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Attempts are made for a limited time from here on: the time of the event, or of the last replay.
    retry_from TIMESTAMPTZ NOT NULL,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    -- The process that makes an attempt, and until when no other one does.
    lease_owner UUID,
    leased_until TIMESTAMPTZ,
    -- The HTTP status of the last attempt, or why there was none.
    last_status BIGINT,
    last_error TEXT,
    finished_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (endpoint_id, event_id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX webhook_messages_due ON webhook_messages (endpoint_id, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX webhook_messages_in_order ON webhook_messages (endpoint_id, subject_id, position) WHERE state = 'waiting';
CREATE INDEX webhook_messages_to_give_up ON webhook_messages (retry_from) WHERE state = 'waiting';
CREATE INDEX webhook_messages_by_position ON webhook_messages (position);
CREATE INDEX webhook_messages_log ON webhook_messages (endpoint_id, position);
CREATE INDEX webhook_messages_by_subject ON webhook_messages (subject_id);
CREATE INDEX webhook_messages_finished ON webhook_messages (finished_at) WHERE finished_at IS NOT NULL;
