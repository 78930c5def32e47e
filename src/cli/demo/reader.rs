//! The demo's reader: a browser's share of HTTP, and a mailbox that is read through `/inbox`.

use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::{Client, StatusCode, redirect};
use tokio::time::Instant;
use url::Url;

use super::join;

/// How long the reader waits for a mail.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);

/// A page as it was answered.
pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub body: String,
}

/// Asks the site for pages.
pub struct Reader {
    client: Client,
    base: Url,
}

impl Reader {
    pub fn new(base: &str) -> anyhow::Result<Self> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()?;
        Ok(Self {
            client,
            base: Url::parse(base)?,
        })
    }

    pub async fn get(&self, link: &str) -> anyhow::Result<Page> {
        let url = join(&self.base, link)?;
        Self::page(self.client.get(url).send().await?).await
    }

    pub async fn post(&self, link: &str, form: &[(&str, &str)]) -> anyhow::Result<Page> {
        let url = join(&self.base, link)?;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        Self::page(request.send().await?).await
    }

    async fn page(answer: reqwest::Response) -> anyhow::Result<Page> {
        let status = answer.status();
        let location = answer
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Page {
            status,
            location,
            body: answer.text().await?,
        })
    }

    /// Asks for a page that must be there.
    pub async fn expect(&self, link: &str) -> anyhow::Result<String> {
        let page = self.get(link).await?;
        ensure!(page.status == StatusCode::OK, "GET of a page answered {}", page.status);
        Ok(page.body)
    }

    /// Waits for a mail in whose text a link to `path` stands. Returns the mail's page and the link.
    pub async fn wait_for_mail(&self, path: &str) -> anyhow::Result<(String, String)> {
        let deadline = Instant::now() + MAIL_TIMEOUT;
        loop {
            let list = self.expect("/inbox").await?;
            for link in links_to(&list, "/inbox/") {
                let text = self.expect(&format!("{link}?show=text")).await?;
                let start = join(&self.base, path)?;
                if let Some(found) = word_with(&text, start.as_str()) {
                    return Ok((link, found));
                }
            }
            let left = deadline.checked_duration_since(Instant::now());
            left.with_context(|| format!("no mail with a link to {path} came within {} s", MAIL_TIMEOUT.as_secs()))?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The addresses in a page's links that begin so.
fn links_to(html: &str, start: &str) -> Vec<String> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links
        .filter(|link| link.starts_with(start) && link.len() > start.len())
        .map(str::to_owned)
        .collect()
}

/// The word that begins so: an address in a mail's text.
pub fn word_with(text: &str, start: &str) -> Option<String> {
    let rest = &text[text.find(start)?..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~:/?#[]@!$'()*+,;=%".contains(c)));
    Some(rest[..end.unwrap_or(rest.len())].to_owned())
}
