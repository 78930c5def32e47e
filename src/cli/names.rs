//! Finds what an operator names on the command line: newsletters by slug, and issues, feeds, articles and subscriptions by id, by a
//! prefix of the id, or by a name such as `morning/7`, `last` or a feed's address.
//!
//! A name that matches nothing is an error that says which command lists the candidates. A name that matches several is an error that
//! lists them: a command never guesses.

use std::convert::Infallible;
use std::str::FromStr;

use uuid::Uuid;

use super::output;
use crate::domain::ids::{FeedId, IssueId, NewsletterId, ReturnedMailId, SubscriptionId};
use crate::domain::redact::without_secrets;
use crate::domain::slug::NewsletterSlug;
use crate::store::Tx;
use crate::store::articles::Article;
use crate::store::feeds::Feed;
use crate::store::issue_lists::IssueSummary;
use crate::store::newsletters::Newsletter;
use crate::store::returned_mails::WholeMail;
use crate::store::subscriptions::Subscription;

/// The shortest prefix of an id that is accepted. Shorter ones are usually typing mistakes.
const MIN_PREFIX: usize = 4;
/// At most this many candidates are listed when a name matches several.
const MAX_CANDIDATES: usize = 5;
/// The most digits of an issue number that names no newsletter; longer text is a prefix of an id.
const MAX_NUMBER_DIGITS: usize = 6;

/// The newsletter with this slug, also a removed one; or an error that says how to list newsletters.
pub(crate) async fn newsletter_or_removed(tx: &mut Tx, slug: &str) -> anyhow::Result<Newsletter> {
    match tx.newsletter_by_slug(slug).await? {
        Some(newsletter) => Ok(newsletter),
        None => anyhow::bail!("there is no newsletter “{slug}”; `daywire newsletter list` shows them"),
    }
}

/// The newsletter with this slug, unless it was removed; or an error that says how to list newsletters.
pub(crate) async fn newsletter(tx: &mut Tx, slug: &str) -> anyhow::Result<Newsletter> {
    let newsletter = newsletter_or_removed(tx, slug).await?;
    if let Some(at) = newsletter.removed_at {
        anyhow::bail!(
            "the newsletter “{slug}” was removed on {}; `daywire newsletter apply` its file again to bring it back",
            output::time(at)
        );
    }
    Ok(newsletter)
}

/// A whole id or a prefix of one. The ids from `low` to `high` begin with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct IdPrefix {
    low: Uuid,
    high: Uuid,
}

impl IdPrefix {
    fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| *c != '-').collect();
        let is_prefix = (MIN_PREFIX..=32).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let filled = |with: char| {
            let text: String = digits.chars().chain(std::iter::repeat(with)).take(32).collect();
            u128::from_str_radix(&text, 16).ok().map(Uuid::from_u128)
        };
        Some(Self {
            low: filled('0').filter(|_| is_prefix)?,
            high: filled('f')?,
        })
    }

    fn matches(self, id: Uuid) -> bool {
        (self.low..=self.high).contains(&id)
    }
}

/// The name of an issue as an operator types it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IssueName {
    /// `last` or `morning/last`: the issue that was compiled last, of any newsletter or of this one.
    Last(Option<String>),
    /// `7`, `morning/7`, or `morning/7/2` for an edition; edition 0 is the issue itself.
    Number {
        newsletter: Option<String>,
        number: i64,
        edition: i64,
    },
    /// A prefix of its id, or the whole id.
    Id(String),
}

/// The text cannot be the name of an issue.
#[derive(Debug, thiserror::Error)]
#[error("name an issue by its id, the first characters of its id, NEWSLETTER/NUMBER such as morning/7, or `last`")]
pub(crate) struct IssueNameError;

impl FromStr for IssueName {
    type Err = IssueNameError;

    fn from_str(text: &str) -> Result<Self, IssueNameError> {
        let number = |text: &str| text.parse::<i64>().ok().filter(|number| *number > 0);
        if let Some((slug, rest)) = text.split_once('/') {
            let newsletter = NewsletterSlug::parse(slug).is_ok().then(|| slug.to_owned());
            let newsletter = Some(newsletter.ok_or(IssueNameError)?);
            if rest == "last" {
                return Ok(Self::Last(newsletter));
            }
            let (issue, edition) = rest
                .split_once('/')
                .map_or((rest, Some(0)), |(issue, edition)| (issue, number(edition)));
            return Ok(Self::Number {
                newsletter,
                number: number(issue).ok_or(IssueNameError)?,
                edition: edition.ok_or(IssueNameError)?,
            });
        }
        if text == "last" {
            return Ok(Self::Last(None));
        }
        let is_number =
            text.len() <= MAX_NUMBER_DIGITS && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
        if let Some(number) = number(text).filter(|_| is_number) {
            return Ok(Self::Number {
                newsletter: None,
                number,
                edition: 0,
            });
        }
        match IdPrefix::parse(text) {
            Some(_) => Ok(Self::Id(text.to_owned())),
            None => Err(IssueNameError),
        }
    }
}

/// The id of the issue with this name.
pub(crate) async fn issue(tx: &mut Tx, name: &IssueName) -> anyhow::Result<IssueId> {
    let (name, found) = match name {
        IssueName::Last(newsletter) => {
            let newsletter = newsletter_id(tx, newsletter.as_deref()).await?;
            let last = tx.last_compiled_issue(newsletter).await?;
            ("last".to_owned(), last.into_iter().collect::<Vec<_>>())
        }
        IssueName::Number {
            newsletter,
            number,
            edition,
        } => {
            let id = newsletter_id(tx, newsletter.as_deref()).await?;
            let mut found = tx.issues_numbered(id, *number, *edition).await?;
            // Digits alone can also be the beginning of an id.
            if let (None, Some(prefix)) = (newsletter, IdPrefix::parse(&number.to_string())) {
                found.extend(issues_with_prefix(tx, prefix).await?);
            }
            let name = match newsletter {
                Some(slug) => format!("{slug}/{number}"),
                None => number.to_string(),
            };
            (name, found)
        }
        IssueName::Id(text) => {
            let prefix = IdPrefix::parse(text).ok_or(IssueNameError)?;
            (text.clone(), issues_with_prefix(tx, prefix).await?)
        }
    };
    let listed = found
        .iter()
        .map(|line| (line.id, format!("{} {} ({})", line.id, line.name(), line.state)));
    only_match(&name, "issue", &listed.collect::<Vec<_>>())
}

async fn issues_with_prefix(tx: &mut Tx, prefix: IdPrefix) -> anyhow::Result<Vec<IssueSummary>> {
    let limit = i64::try_from(MAX_CANDIDATES + 1)?;
    Ok(tx
        .issues_between(IssueId(prefix.low), IssueId(prefix.high), limit)
        .await?)
}

async fn newsletter_id(tx: &mut Tx, slug: Option<&str>) -> anyhow::Result<Option<NewsletterId>> {
    Ok(match slug {
        Some(slug) => Some(newsletter_or_removed(tx, slug).await?.id),
        None => None,
    })
}

/// The only match of a name, or an error that lists all matches.
fn only_match<T: Copy>(name: &str, kind: &str, found: &[(T, String)]) -> anyhow::Result<T> {
    match found {
        [] => anyhow::bail!("there is no {kind} “{name}”; `daywire {kind} list` shows them"),
        [(id, _)] => Ok(*id),
        several => {
            let mut listed: Vec<_> = several
                .iter()
                .map(|(_, line)| line.clone())
                .take(MAX_CANDIDATES)
                .collect();
            if several.len() > MAX_CANDIDATES {
                listed.push("and more".to_owned());
            }
            anyhow::bail!(
                "“{name}” matches more than one {kind}: {}; name one of them",
                listed.join(", ")
            )
        }
    }
}

/// The subscription with this id or prefix of an id.
pub(crate) async fn subscription(tx: &mut Tx, text: &str) -> anyhow::Result<Subscription> {
    let Some(prefix) = IdPrefix::parse(text) else {
        anyhow::bail!(
            "“{text}” is neither an address nor the id of a subscription; `daywire subscriber list` shows addresses"
        );
    };
    let (low, high) = (SubscriptionId(prefix.low), SubscriptionId(prefix.high));
    let mut found = tx
        .subscriptions_between(low, high, i64::try_from(MAX_CANDIDATES + 1)?)
        .await?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => anyhow::bail!("there is no subscription “{text}”; `daywire subscriber list --json` shows their ids"),
        _ => {
            let ids: Vec<_> = found
                .iter()
                .take(MAX_CANDIDATES)
                .map(|found| found.id.to_string())
                .collect();
            anyhow::bail!(
                "“{text}” matches more than one subscription: {}; write more of the id",
                ids.join(", ")
            )
        }
    }
}

/// The returned mail or event with this id or prefix of an id.
pub(crate) async fn returned_mail(tx: &mut Tx, text: &str) -> anyhow::Result<WholeMail> {
    let Some(prefix) = IdPrefix::parse(text) else {
        anyhow::bail!("“{text}” is not the id of a returned mail; `daywire bounce list --all` shows their ids");
    };
    let (low, high) = (ReturnedMailId(prefix.low), ReturnedMailId(prefix.high));
    let mut found = tx.returned_mails_between(low, high, 2).await?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => anyhow::bail!("there is no returned mail “{text}”; `daywire bounce list --all` shows their ids"),
        _ => anyhow::bail!("“{text}” matches more than one returned mail; write more of the id"),
    }
}

/// The name of a feed as an operator types it: its address, its id, or a prefix of its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedName(String);

impl FromStr for FeedName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim().to_owned()))
    }
}

/// The feed with this name.
pub(crate) async fn feed(tx: &mut Tx, FeedName(name): &FeedName) -> anyhow::Result<Feed> {
    let feeds = tx.feeds().await?;
    let prefix = IdPrefix::parse(name);
    let address = loose_address(name);
    let matches = |feed: &&Feed| {
        let by_id = prefix.is_some_and(|prefix| prefix.matches(feed.id.0));
        by_id || loose_address(&feed.url) == address
    };
    let mut found: Vec<&Feed> = feeds.iter().filter(matches).collect();
    // If several addresses differ only in a slash or the scheme, the exact one is meant.
    if let Some(exact) = found.iter().find(|feed| feed.url == *name).copied() {
        found = vec![exact];
    }
    let listed = found
        .iter()
        .map(|feed| (feed.id, format!("{} {}", feed.id, without_secrets(&feed.url))));
    let id: FeedId = only_match(&without_secrets(name), "feed", &listed.collect::<Vec<_>>())?;
    let found = feeds.into_iter().find(|feed| feed.id == id);
    found.ok_or_else(|| anyhow::anyhow!("there is no feed {id}; `daywire feed list` shows them"))
}

/// The part of a feed's address that all its spellings share: without scheme, login, fragment and final slash.
fn loose_address(text: &str) -> String {
    let text = text.split_once('#').map_or(text, |(before, _)| before);
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (authority, path) = text.split_at(text.find(['/', '?']).unwrap_or(text.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{}{}", host.to_lowercase(), path.trim_end_matches('/'))
}

/// The article with this id, such as `TX_080089`: also in lower case, without `TX_`, or by its first digits.
pub(crate) async fn article(tx: &mut Tx, name: &str) -> anyhow::Result<Article> {
    let upper = name.trim().to_ascii_uppercase();
    let digits = upper.strip_prefix("TX_").unwrap_or(&upper);
    let is_prefix = (3..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    anyhow::ensure!(
        is_prefix,
        "“{name}” is not an article id; it is `TX_` and six hexadecimal digits, such as TX_080089, of which the first \
         three or more are enough"
    );
    let mut found = tx
        .articles_with_prefix(&format!("TX_{digits}"), MAX_CANDIDATES + 1)
        .await?;
    let listed = found
        .iter()
        .map(|article| (article.id, format!("{} {}", article.public_id, article.title)));
    let id = only_match(name, "article", &listed.collect::<Vec<_>>())?;
    found.retain(|article| article.id == id);
    found
        .pop()
        .ok_or_else(|| anyhow::anyhow!("there is no article “{name}”; `daywire article list` shows them"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_is_named_by_its_number_by_last_or_by_a_prefix_of_its_id() {
        let parse = |text: &str| text.parse::<IssueName>().ok();
        let number = |newsletter: Option<&str>, number, edition| {
            Some(IssueName::Number {
                newsletter: newsletter.map(Into::into),
                number,
                edition,
            })
        };
        assert_eq!(parse("7"), number(None, 7, 0));
        assert_eq!(parse("morning/7"), number(Some("morning"), 7, 0));
        assert_eq!(parse("morning/7/2"), number(Some("morning"), 7, 2));
        assert_eq!(parse("last"), Some(IssueName::Last(None)));
        assert_eq!(parse("morning/last"), Some(IssueName::Last(Some("morning".into()))));
        for id in [
            "01a2",
            "01a21498",
            "01a21498-9f6a-7",
            "01a2077f-8b8a-7e38-8883-88624038db7d",
            "0193",
        ] {
            assert_eq!(parse(id), Some(IssueName::Id(id.into())));
        }
        for invalid in [
            "",
            "abc",
            "morning/",
            "morning/0",
            "morning/x",
            "morning/7/0",
            "Mo rning/7",
            "latest",
            "-7",
            "xyz1",
        ] {
            assert_eq!(parse(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn spellings_of_one_feed_address_match() {
        let known = loose_address("https://Wire.example/feed.xml");
        for spelling in [
            "wire.example/feed.xml",
            "http://wire.example/feed.xml",
            "https://me:pass@wire.example/feed.xml#top",
        ] {
            assert_eq!(loose_address(spelling), known, "{spelling}");
        }
        assert_ne!(loose_address("https://wire.example/feed.xml?tag=1"), known);
        assert_eq!(loose_address("https://wire.example/"), loose_address("wire.example"));
    }
}
