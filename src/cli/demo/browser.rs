//! The demo's subscriber: opens pages and submits forms as a browser does, and reads mail at `/inbox`.

use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::{Client, StatusCode, redirect};
use tokio::time::Instant;
use url::Url;

/// How long to wait for a mail.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);

/// What the site responded to a request.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    /// The target of a redirect, which the browser does not follow.
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

/// An HTTP client for the demo's site.
pub(crate) struct Browser {
    client: Client,
    base: Url,
}

impl Browser {
    pub(crate) fn new(base: &str) -> anyhow::Result<Self> {
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

    pub(crate) async fn get(&self, link: &str) -> anyhow::Result<Page> {
        let url = join(&self.base, link)?;
        Self::page(self.client.get(url).send().await?).await
    }

    pub(crate) async fn post(&self, link: &str, form: &[(&str, &str)]) -> anyhow::Result<Page> {
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

    /// The hidden token of the form on a page.
    pub(crate) async fn form_token(&self, link: &str) -> anyhow::Result<String> {
        let page = self.open(link).await?;
        let token = page
            .split_once("name=\"form\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        Ok(token.context("the page has no form with a token")?.0.to_owned())
    }

    async fn page(response: reqwest::Response) -> anyhow::Result<Page> {
        let status = response.status();
        let location = response
            .headers()
            .get("location")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Page {
            status,
            location,
            body: response.text().await?,
        })
    }

    /// The body of a page. Any status but 200 is an error.
    pub(crate) async fn open(&self, link: &str) -> anyhow::Result<String> {
        let page = self.get(link).await?;
        ensure!(page.status == StatusCode::OK, "GET {link} returned {}", page.status);
        Ok(page.body)
    }

    /// Waits for a mail whose text has a link to `path`. Returns the path of the mail's page, and the link.
    pub(crate) async fn wait_for_mail(&self, path: &str) -> anyhow::Result<(String, String)> {
        let deadline = Instant::now() + MAIL_TIMEOUT;
        loop {
            let list = self.open("/inbox").await?;
            for link in links_to(&list, "/inbox/") {
                let text = self.open(&format!("{link}?show=text")).await?;
                let prefix = join(&self.base, path)?;
                if let Some(found) = url_with_prefix(&text, prefix.as_str()) {
                    return Ok((link, found));
                }
            }
            let left = deadline.checked_duration_since(Instant::now());
            left.with_context(|| {
                format!(
                    "no mail with a link to {path} arrived within {} s",
                    MAIL_TIMEOUT.as_secs()
                )
            })?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// The addresses in a page's links that begin with `prefix` and are longer.
fn links_to(html: &str, prefix: &str) -> Vec<String> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links
        .filter(|link| link.starts_with(prefix) && link.len() > prefix.len())
        .map(str::to_owned)
        .collect()
}

/// The first address in a mail's text that begins with `prefix`.
fn url_with_prefix(text: &str, prefix: &str) -> Option<String> {
    let rest = &text[text.find(prefix)?..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-._~:/?#[]@!$'()*+,;=%".contains(c)));
    Some(rest[..end.unwrap_or(rest.len())].to_owned())
}

/// Resolves a link against the site's address.
fn join(base: &Url, link: &str) -> anyhow::Result<Url> {
    base.join(link)
        .map_err(|error| anyhow::anyhow!("{link} is not an address: {error}"))
}
