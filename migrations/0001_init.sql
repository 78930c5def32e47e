-- One set of SQL for SQLite and PostgreSQL. `/* sqlite: … */` is uncommented on SQLite only (see src/store/migrate.rs).

-- Keys that sign links. Old ones are kept, so that links in mails sent years ago still work.
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
    schedule TEXT,
    timezone TEXT NOT NULL,
    grace_seconds BIGINT NOT NULL,
    -- A draft is compiled so long before it is sent.
    lead_seconds BIGINT NOT NULL,
    -- `auto` or `required`: whether a draft waits for an operator.
    approval TEXT NOT NULL,
    -- Days without an issue, a word each.
    skip_days TEXT NOT NULL,
    -- The topics that readers can choose from, one a line; empty: those of its articles.
    topics TEXT NOT NULL DEFAULT '',
    -- The rules of its digest, as JSON.
    rules TEXT NOT NULL,
    -- Whether it is delivered at its hour on each reader's own clock.
    local_time BOOLEAN NOT NULL,
    -- From which day of the week on the week's readers get their edition.
    weekly_day TEXT NOT NULL,
    -- Whether its past issues are on the site.
    archive BOOLEAN NOT NULL,
    -- FALSE: it is neither on the site nor open to new readers; its readers get it as before.
    public BOOLEAN NOT NULL DEFAULT TRUE,
    -- When it was removed. The row stays: issues, deliveries and consent records belong to it.
    removed_at TIMESTAMPTZ,
    expire_after_seconds BIGINT,
    -- Due times up to here have been dealt with: made, or recorded as skipped.
    scheduled_through TIMESTAMPTZ NOT NULL,
    -- Counts the changes to what its issues are compiled from: rules, texts and ratings of its articles, its other issues.
    revision BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE subscribers (
    id UUID NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    address_key TEXT NOT NULL UNIQUE,
    -- Keyed hash of address_key: what a suppression keeps when all else is erased.
    address_hash BYTEA NOT NULL UNIQUE,
    name TEXT,
    timezone TEXT,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE subscriptions (
    id UUID NOT NULL PRIMARY KEY,
    subscriber_id UUID NOT NULL REFERENCES subscribers (id),
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    state TEXT NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    -- When the last confirmation mail was written, until its link is used.
    mailed_at TIMESTAMPTZ,
    confirmed_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    -- What the reader wants: topics in lower case, one a line, none for all; every issue, or one a week.
    topics TEXT NOT NULL DEFAULT '',
    cadence TEXT NOT NULL DEFAULT 'every',
    -- While paused: until when.
    paused_until TIMESTAMPTZ,
    -- Since when issues were missed that the next one is to tell of.
    missed_since TIMESTAMPTZ,
    UNIQUE (newsletter_id, subscriber_id)
);
CREATE INDEX subscriptions_paused ON subscriptions (paused_until) WHERE state = 'paused';
-- Readers of a newsletter who want the same, in the order in which they become recipients: nothing else is read for that.
CREATE INDEX subscriptions_by_preferences ON subscriptions (newsletter_id, topics, cadence, missed_since, id)
    WHERE state = 'confirmed';
CREATE INDEX subscriptions_by_subscriber ON subscriptions (subscriber_id);
CREATE INDEX subscriptions_to_purge ON subscriptions (requested_at) WHERE state = 'pending';

-- A token is one row for each subscription it confirms. Only its hash is here.
CREATE TABLE confirmation_tokens (
    token_hash BYTEA NOT NULL,
    subscription_id UUID NOT NULL REFERENCES subscriptions (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ,
    -- What was typed at the sign-up: taken over when this token is used, because only then it is the reader's own word.
    name TEXT,
    timezone TEXT,
    topics TEXT NOT NULL,
    PRIMARY KEY (token_hash, subscription_id)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX confirmation_tokens_by_subscription ON confirmation_tokens (subscription_id);

-- Texts that many rows share, by their SHA-256: the words of the sign-up form, and mails that are the same for every reader.
CREATE TABLE texts (
    hash BYTEA NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
);

-- Append-only: what was asked, shown and answered, and from where.
CREATE TABLE consent_records (
    id UUID NOT NULL PRIMARY KEY,
    subscription_id UUID NOT NULL REFERENCES subscriptions (id),
    event TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    network_address TEXT,
    source TEXT NOT NULL,
    words_hash BYTEA REFERENCES texts (hash),
    mail_text_hash BYTEA REFERENCES texts (hash)
);
CREATE INDEX consent_records_by_subscription ON consent_records (subscription_id, at);

CREATE TABLE suppressions (
    address_hash BYTEA NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

-- Mails to one person about what they did, sent by senders of their own: a digest never delays them.
CREATE TABLE transactional_mails (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    -- NULL: an operator, who need not be a subscriber.
    subscriber_id UUID REFERENCES subscribers (id),
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- A mail of its own: emptied once nothing is left to send.
    html TEXT NOT NULL,
    text TEXT NOT NULL,
    -- A mail that others get too; the columns above are empty then.
    html_hash BYTEA REFERENCES texts (hash),
    text_hash BYTEA REFERENCES texts (hash),
    -- The token of a confirmation link is made from these two; the token itself is not stored. The nonce has 32 bytes, and is deleted
    -- when the mail is final. NULL: the mail has no confirmation link.
    token_nonce BYTEA,
    signing_key_id BIGINT REFERENCES signing_keys (id),
    -- The subscriptions whose preferences and unsubscribe links the mail has: ids of 16 bytes each, in the order of the links.
    -- NULL: the mail has no such links, or is final.
    linked_subscriptions BYTEA,
    -- Who caused it: the network that asked, or the recipient's domain. Mails of one requester queue behind each other.
    requester TEXT NOT NULL,
    -- Its place in the queue: when it was made, or a second after the one before of the same requester, if that is later.
    turn_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    lease_owner UUID,
    last_reply TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX transactional_mails_due ON transactional_mails (next_attempt_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX transactional_mails_by_turn ON transactional_mails (turn_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX transactional_mails_by_requester ON transactional_mails (requester, turn_at)
    WHERE state IN ('queued', 'deferred');
CREATE INDEX transactional_mails_leased ON transactional_mails (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX transactional_mails_by_subscriber ON transactional_mails (subscriber_id);

-- Limits of sign-ups, shared by all nodes. Keys are keyed hashes: no network, domain or address stands here.
CREATE TABLE rate_limits (
    key BYTEA NOT NULL PRIMARY KEY,
    -- When all its permits are there again, in microseconds since 1970 (see src/store/rate_limits.rs). Rows whose time is over
    -- mean nothing, and are deleted.
    replenished_at BIGINT NOT NULL
) /* sqlite: WITHOUT ROWID */ /* postgres: WITH (fillfactor = 70) */;

-- Mails that sign-ups sent to one mailbox, over all newsletters. The key is a keyed hash of the address without its plus-tag and
-- without the characters that its mail service ignores.
CREATE TABLE mailbox_allowances (
    mailbox BYTEA NOT NULL PRIMARY KEY,
    -- When the latest mails were sent or will be sent, in microseconds since 1970, in ascending order, with blanks between them.
    -- A letter before each names the spelling of the address: p (plain), d (dotted), t (tagged).
    sent TEXT NOT NULL,
    -- Mails to each spelling since the link of one was used. The wait for the next mail doubles with each.
    unanswered_plain BIGINT NOT NULL,
    unanswered_dotted BIGINT NOT NULL,
    unanswered_tagged BIGINT NOT NULL,
    -- When the mailbox was last told that it is subscribed already.
    reminded_at TIMESTAMPTZ,
    updated_at TIMESTAMPTZ NOT NULL
) /* sqlite: WITHOUT ROWID */;

CREATE TABLE feeds (
    id UUID NOT NULL PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    -- The server, as in feed_hosts.
    host TEXT NOT NULL,
    title TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    -- SHA-256 of the last document, for servers that give no validator.
    body_hash BYTEA,
    -- How long it was left alone last: shorter as it brings more.
    interval_seconds BIGINT NOT NULL,
    next_fetch_at TIMESTAMPTZ NOT NULL,
    -- When it was last asked for, and when an answer last brought a document or said that nothing has changed.
    last_fetched_at TIMESTAMPTZ,
    last_read_at TIMESTAMPTZ,
    last_error TEXT,
    failing_since TIMESTAMPTZ,
    -- When the operators were told.
    notified_at TIMESTAMPTZ,
    failures BIGINT NOT NULL,
    gone BOOLEAN NOT NULL,
    -- Whether the site shows its articles whole. Otherwise it shows an excerpt and links to the publisher.
    full_text BOOLEAN NOT NULL DEFAULT FALSE,
    -- The last fetch that brought more new entries than [feeds] allows, how many it left out, and when the operators were
    -- mailed about it.
    overflow_at TIMESTAMPTZ,
    overflow_entries BIGINT NOT NULL DEFAULT 0,
    overflow_notified_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX feeds_due ON feeds (next_fetch_at) WHERE NOT gone;
CREATE INDEX feeds_by_host ON feeds (host, next_fetch_at);
CREATE INDEX feeds_failing ON feeds (failing_since) WHERE failing_since IS NOT NULL;

-- Servers of feeds. What is leased is a server, not a feed: of all processes together one asks it, for one feed at a time,
-- and then it is left alone for a moment.
CREATE TABLE feed_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    -- Who asks it now.
    lease_owner UUID,
    -- Before this nobody else may: the lease's end, or the pause's.
    available_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE newsletter_feeds (
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    feed_id UUID NOT NULL REFERENCES feeds (id),
    -- When the feed was first read for this newsletter: what it held already then is its back catalogue.
    first_read_at TIMESTAMPTZ,
    PRIMARY KEY (newsletter_id, feed_id)
);
CREATE INDEX newsletter_feeds_by_feed ON newsletter_feeds (feed_id);

CREATE TABLE articles (
    id UUID NOT NULL PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    feed_id UUID REFERENCES feeds (id),
    -- Within what its guid and keys identify it: the feed's id, 'editorial', 'json-lines', or 'file:' with the name of an imported file.
    scope TEXT NOT NULL,
    -- The guid that it arrived with.
    guid TEXT,
    -- How close its source is to its address: 'other_host', 'related_host', 'same_host' or 'editorial'.
    closeness TEXT NOT NULL,
    -- Why no issue may have it: its feed brought more than [feeds] allows.
    left_out TEXT,
    title TEXT NOT NULL,
    -- NULL: the article is the site's own, and its page is its address.
    url TEXT,
    canonical_url TEXT,
    summary TEXT NOT NULL,
    authors TEXT NOT NULL,
    category TEXT,
    source_name TEXT NOT NULL,
    -- BCP 47: as declared, or else as its text shows.
    language TEXT,
    -- At its publisher's server; never fetched here.
    image_url TEXT,
    image_alt TEXT NOT NULL,
    image_width BIGINT,
    image_height BIGINT,
    -- Whether the site shows it whole, whatever its feed's full_text says: the newsroom's own article.
    full_text BOOLEAN NOT NULL,
    published_at TIMESTAMPTZ,
    arrived_at TIMESTAMPTZ NOT NULL,
    -- What lists are sorted by: published_at, or arrived_at if that is earlier or no date is known. So a date in the future
    -- does not keep an article on top.
    listed_at TIMESTAMPTZ NOT NULL,
    -- When somebody here changed it: from then on its feed changes nothing.
    edited_at TIMESTAMPTZ,
    retracted_at TIMESTAMPTZ,
    -- Last, because SQLite reads a row up to the last column that a statement asks for: a list of headlines skips the texts.
    content_html TEXT NOT NULL
);
CREATE INDEX articles_by_arrival ON articles (arrived_at);
-- The front page and the site's feed.
CREATE INDEX articles_latest ON articles (listed_at, id) WHERE retracted_at IS NULL;

-- One row. Each transaction that changes what the front page shows adds 1, so a process knows whether the page that it
-- keeps in memory is still true.
CREATE TABLE site_revision (
    id BIGINT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO site_revision (id, revision) VALUES (1, 0);
CREATE INDEX articles_by_feed ON articles (feed_id, arrived_at);

-- What was changed in an article, or that it was taken back, after it had been compiled into an issue. Append-only.
CREATE TABLE corrections (
    id UUID NOT NULL PRIMARY KEY,
    article_id UUID NOT NULL REFERENCES articles (id),
    at TIMESTAMPTZ NOT NULL,
    kind TEXT NOT NULL,
    -- What was corrected, in an editor's words.
    note TEXT NOT NULL,
    title_before TEXT NOT NULL
);
-- Which fields of an article an editor changed after it was added. The file or document that the article came from does not
-- overwrite them when it is added again.
CREATE TABLE article_edits (
    article_id UUID NOT NULL REFERENCES articles (id),
    -- A name of src/ingest/field.rs.
    field TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    -- The editor's note; may be empty.
    note TEXT NOT NULL,
    PRIMARY KEY (article_id, field)
);
CREATE INDEX corrections_by_article ON corrections (article_id, at);
CREATE INDEX corrections_by_time ON corrections (at);

-- By which guid, address, text or date an article is found again: SHA-256 of the key's text. Several articles may have one
-- key, such as a guid that a feed used twice or the address of a live page.
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
    -- Why it is paused, skipped or cancelled.
    reason TEXT,
    subject TEXT NOT NULL,
    -- Of an edition: the difference to its issue's, as JSON.
    html TEXT NOT NULL,
    text TEXT NOT NULL,
    sender TEXT NOT NULL,
    -- Half-open: from is in, through is not.
    window_from TIMESTAMPTZ NOT NULL,
    window_to TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    -- When it was taken up again after it had been sent, to settle what was in doubt.
    reopened_at TIMESTAMPTZ,
    -- How many were frozen: what its account is held against.
    recipients BIGINT,
    -- 0: the issue itself. Others are editions of it, for readers who want something else of it.
    edition BIGINT NOT NULL DEFAULT 0,
    edition_of UUID REFERENCES issues (id),
    edition_name TEXT NOT NULL DEFAULT '',
    -- Whether it is the edition of the week's readers.
    weekly BOOLEAN NOT NULL DEFAULT FALSE,
    -- Counts the changes to subject, HTML and text.
    revision BIGINT NOT NULL DEFAULT 0,
    -- Groups of readers that get the issue itself because it has as many editions as it may have.
    groups_without_edition BIGINT NOT NULL DEFAULT 0,
    UNIQUE (newsletter_id, number, edition)
);
CREATE INDEX issues_editions ON issues (edition_of) WHERE edition_of IS NOT NULL;
-- What the archive lists.
CREATE INDEX issues_started ON issues (started_at, id) WHERE started_at IS NOT NULL;
CREATE INDEX issues_unstarted ON issues (newsletter_id, due_at) WHERE state IN ('draft', 'approved');
CREATE INDEX issues_in_delivery ON issues (state) WHERE state IN ('sending', 'paused', 'cancelled');

-- An article that arrived for a newsletter. issue_id is set once, so it is in one issue at most. Without an issue it waits,
-- unless there is a reason: then it was left out of every issue when it arrived.
CREATE TABLE newsletter_articles (
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    article_id UUID NOT NULL REFERENCES articles (id),
    arrived_at TIMESTAMPTZ NOT NULL,
    issue_id UUID REFERENCES issues (id),
    -- Number of its story in issue_stories.
    story BIGINT,
    -- Place in the issue from 1; NULL with issue_id set: considered and left out for reason.
    position BIGINT,
    reason TEXT,
    -- Set if it was left out of every issue when it arrived: 'back_catalogue', 'same_article' or 'over_limit'.
    left_out TEXT,
    -- What an editor thinks of it.
    pinned BOOLEAN NOT NULL DEFAULT FALSE,
    weight_percent BIGINT NOT NULL DEFAULT 100,
    PRIMARY KEY (newsletter_id, article_id)
);
CREATE INDEX newsletter_articles_waiting ON newsletter_articles (newsletter_id, arrived_at)
    WHERE issue_id IS NULL AND reason IS NULL;
-- The topics that readers can choose from.
CREATE INDEX newsletter_articles_by_arrival ON newsletter_articles (newsletter_id, arrived_at);
CREATE INDEX newsletter_articles_by_issue ON newsletter_articles (issue_id, position);
CREATE INDEX newsletter_articles_by_article ON newsletter_articles (article_id);

-- Everything that an issue was compiled from, as JSON: compiling it again gives the same bytes.
CREATE TABLE issue_inputs (
    issue_id UUID NOT NULL PRIMARY KEY REFERENCES issues (id),
    inputs TEXT NOT NULL
);

-- Each story that was considered for an issue, those that are in first.
CREATE TABLE issue_stories (
    issue_id UUID NOT NULL REFERENCES issues (id),
    story BIGINT NOT NULL,
    position BIGINT,
    lead_article_id UUID NOT NULL REFERENCES articles (id),
    -- Its reports by the ids that readers see, the leading one first, one a line.
    reports TEXT NOT NULL,
    -- The heading it stands under.
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

-- One row for each due time of a newsletter, whatever became of it: any number of nodes, one issue.
CREATE TABLE runs (
    newsletter_id UUID NOT NULL REFERENCES newsletters (id),
    due_at TIMESTAMPTZ NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    issue_id UUID REFERENCES issues (id),
    made_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (newsletter_id, due_at)
);

-- Processes that send mail. A process's leases are valid while it is listed here. When its heartbeat stops, another process removes
-- its row and releases its leases in one transaction.
CREATE TABLE nodes (
    id UUID NOT NULL PRIMARY KEY,
    -- The machine and the process, where the system tells: the next process there notices at once that this one has ended.
    process TEXT,
    -- Increased with each heartbeat. Other processes watch it change; no clocks are compared.
    heartbeat BIGINT NOT NULL
);

-- One issue for one subscription. The table has no foreign keys, and frequent statements name rows by the primary key, so it can be
-- partitioned or sharded by subscription_id.
CREATE TABLE deliveries (
    issue_id UUID NOT NULL,
    subscription_id UUID NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- When it is due. NULL in the first pass, before it was ever attempted or released: then it is leased in the order of
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

-- What became of deliveries that ended long ago: counted here in the transaction that deletes their rows.
CREATE TABLE issue_totals (
    issue_id UUID NOT NULL REFERENCES issues (id),
    state TEXT NOT NULL,
    deliveries BIGINT NOT NULL,
    PRIMARY KEY (issue_id, state)
);

-- How many messages of issues each relay was given on each day, while its sending address is new.
CREATE TABLE relay_days (
    relay TEXT NOT NULL,
    day TEXT NOT NULL,
    taken BIGINT NOT NULL,
    PRIMARY KEY (relay, day)
);

-- Mail taken by the built-in inbox when no relay is set. Only the latest are kept.
CREATE TABLE captured_mails (
    id UUID NOT NULL PRIMARY KEY,
    return_path TEXT NOT NULL,
    recipient TEXT NOT NULL,
    message BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX captured_mails_by_time ON captured_mails (received_at);

-- People and programs that may use the API.
CREATE TABLE operators (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL
);

-- What programs show for themselves. Of a token only its hash is here, and its first characters, to name it by.
CREATE TABLE operator_tokens (
    id UUID NOT NULL PRIMARY KEY,
    operator_id UUID NOT NULL REFERENCES operators (id),
    token_hash BYTEA NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    -- What it is for, in the operator's words.
    label TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ
);
CREATE INDEX operator_tokens_by_operator ON operator_tokens (operator_id, created_at);
