//! The words by which servers say what a reply is about, where the codes do not tell.
//!
//! Each list is of whole words or of beginnings of words: a space at an end stands for the end of a word.

/// The words of a reply: in lower case, with single spaces between them and at both ends. Addresses, links, host names and
/// numbers with dots are left out, since what is in a name says nothing.
pub(super) struct Words(String);

impl Words {
    pub(super) fn new(text: &str) -> Self {
        let mut words = String::with_capacity(text.len() + 2);
        words.push(' ');
        for token in text.split_whitespace().filter(|token| !is_name(token)) {
            for word in token.split(|c: char| !c.is_alphanumeric() && c != '\'') {
                // As in `doesn't`, not as quotation marks.
                let word = word.trim_matches('\'');
                if !word.is_empty() {
                    words.extend(word.chars().flat_map(char::to_lowercase));
                    words.push(' ');
                }
            }
        }
        Self(words)
    }

    /// Whether one of the expressions is there.
    pub(super) fn say(&self, expressions: &[&str]) -> bool {
        expressions.iter().any(|expression| self.0.contains(expression))
    }
}

/// Whether it names a mailbox, a page, a host or an IP address.
fn is_name(token: &str) -> bool {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric());
    let host = token.split([':', '[', '/']).next().unwrap_or_default();
    // Not `RESOLVER.ADR.RecipNotFound`, and not the end of a sentence and the beginning of the next without a space.
    let is_last_label = |label: &str| {
        let of = |kind: fn(&u8) -> bool| label.bytes().all(|b| kind(&b) || b.is_ascii_digit());
        !label.is_empty() && (of(u8::is_ascii_lowercase) || of(u8::is_ascii_uppercase))
    };
    token.contains('@')
        || token.contains("://")
        || host
            .rsplit_once('.')
            .is_some_and(|(name, last)| !name.ends_with('.') && !name.is_empty() && is_last_label(last))
}

/// Come back later, said to everyone new.
pub(super) const GREYLISTING: &[&str] = &[
    " greylist",
    " graylist",
    " grey list",
    " gray list",
    " greylst",
    " postgrey",
];

/// Nothing but patience is asked for.
pub(super) const PATIENCE: &[&str] = &[
    " try again",
    " try later",
    " retry ",
    " try your request",
    " come back",
    " temporar",
    " later ",
];

/// There is no such recipient, or none who takes mail; said without a doubt.
pub(super) const NO_RECIPIENT: &[&str] = &[
    " user unknown",
    " unknown user",
    " user not found",
    " user doesn't exist",
    " user does not exist",
    " user not exist",
    " user invalid",
    " user is unknown",
    " invalid user",
    " illegal user",
    " unknown or illegal",
    " no such user",
    " no such person",
    " no such recipient",
    " no such mailbox",
    " no such account",
    " no such address",
    " no such local user",
    " no such customer",
    " no such email",
    " no such domain",
    " no mailbox",
    " no account",
    " no user ",
    " not a known user",
    " not a valid user",
    " not a valid mailbox",
    " not a valid recipient",
    " not our customer",
    " not our user",
    " not listed in",
    " unknown recipient",
    " recipient unknown",
    " recipient not found",
    " recipient does not exist",
    " recipient doesn't exist",
    " recipient no longer",
    " recipient not exist",
    " recipient is not exist",
    " recipient invalid",
    " recipient address unknown",
    " recipient account",
    " disabled recipient",
    " invalid recipient",
    " bad recipient",
    " recipnotfound",
    " invalid mailbox",
    " unknown mailbox",
    " mailbox unknown",
    " mailbox not found",
    " mailbox not available",
    " mailbox does not exist",
    " mailbox doesn't exist",
    " mailbox disabled",
    " mailbox is disabled",
    " mailbox is inactive",
    " mailbox inactive",
    " mailbox is frozen",
    " mailbox is locked",
    " mailbox is blocked",
    " mailbox closed",
    " account does not exist",
    " account doesn't exist",
    " account not found",
    " account is disabled",
    " account disabled",
    " account is locked",
    " account is inactive",
    " account inactive",
    " account is closed",
    " account closed",
    " account that you tried to reach",
    " account is not active",
    " account expired",
    " this user doesn't have",
    " user has moved",
    " user is disabled",
    " user disabled",
    " user inactive",
    " no longer valid",
    " no longer available",
    " no longer exist",
    " no longer in use",
    " inactive email",
    " inactive user",
    " addressee unknown",
    " destinataire",
    " unbekannt",
    " host unknown",
    " unknown host",
    " domain not found",
    " domain does not exist",
    " domain is not reachable",
    " domain does not accept",
    " null mx",
    " unrouteable",
    " unroutable",
];

/// We, our address, our login, our message or what others think of them.
pub(super) const US: &[&str] = &[
    " spam",
    " unsolicited",
    " ube ",
    " uce ",
    " junk",
    " bulk",
    " phish",
    " virus",
    " malware",
    " malicious",
    " suspicious",
    " blacklist",
    " black list",
    " blocklist",
    " block list",
    " denylist",
    " blocked using",
    " rbl ",
    " dnsbl",
    " spamhaus",
    " spamcop",
    " sorbs ",
    " barracuda",
    " cloudmark",
    " senderbase",
    " is listed",
    " currently listed",
    " listed by",
    " listed on",
    " listed at",
    " reputation",
    " complaint",
    " abus",
    " polic",
    " aup ",
    " content",
    " security",
    " spf ",
    " dkim ",
    " dmarc ",
    " ptr ",
    " rdns ",
    " reverse dns",
    " reverse lookup",
    " dns lookup",
    " name lookup",
    " authenti",
    " unauthenti",
    " login",
    " log in",
    " password",
    " credential",
    " tls ",
    " starttls",
    " encrypt",
    " certificate",
    " relay ",
    " relaying",
    " client host",
    " client ip",
    " your ip",
    " ip in ",
    " ip not ",
    " ip for sending",
    " ip address",
    " ip source",
    " sending ip",
    " source ip",
    " ip has been",
    " ip blocked",
    " your host",
    " your server",
    " your mail server",
    " your domain",
    " your network",
    " your connection",
    " your postmaster",
    " mail server",
    " mail exchanger",
    " helo ",
    " ehlo ",
    " sender",
    " sending domain",
    " sending mail",
    " send as",
    " sendasdenied",
    " outboundspam",
    " outbound spam",
    " envelope from",
    " mail from",
    " return path",
    " from header",
    " from address",
    " from domain",
    " purported",
    " header",
    " rfc 5322",
    " rfc5322",
    " rfc 822",
    " banned",
    " compromised",
    " registered in your",
    " whitelist",
    " allowlist",
    " captcha",
    " message rejected",
    " mail rejected",
    " email rejected",
    " message was rejected",
    " message has been rejected",
    " message was blocked",
    " message has been blocked",
    " message blocked",
    " message not allowed",
    " message refused",
    " mail refused",
];

/// Said of recipients, and of others as well.
pub(super) const PERHAPS_RECIPIENT: &[&str] = &[
    " does not exist",
    " doesn't exist",
    " not exist",
    " not found",
    " disabled",
    " suspended",
    " locked",
    " inactive",
    " deactivated",
    " address unknown",
    " unknown address",
    " mailbox unavailable",
    " mailbox name",
    " invalid address",
    " bad address",
    " bad destination",
    " bad mailbox",
    " malformed address",
    " user not local",
    " undeliverable",
    " not a registered",
    " frozen",
    " moved",
];

/// A refusal that names nobody: of us, more often than not.
pub(super) const REFUSAL: &[&str] = &[
    " access denied",
    " denied",
    " forbidden",
    " prohibited",
    " blocked",
    " not authori",
    " not permitted",
    " not allowed",
    " unauthori",
    " no access",
    " refused to",
    " connection refused",
    " bad command",
    " bad sequence",
    " unrecognized",
    " unrecognised",
];

/// The server cannot, whoever asks.
pub(super) const SERVER: &[&str] = &[
    " service unavailable",
    " service not available",
    " service currently unavailable",
    " service is unavailable",
    " service temporarily",
    " temporarily unavailable",
    " system error",
    " internal error",
    " internal server error",
    " internal system",
    " server error",
    " configuration error",
    " misconfigur",
    " database error",
    " out of memory",
    " mailer error",
];

/// The recipient's servers forward the message in a loop.
pub(super) const LOOP: &[&str] = &[" too many hops", " too many received", " loop ", " loops ", " looping "];
