//! A mail with the operator's parts, as preflight checks it.

use chrono::DateTime;

use crate::config::{Config, Severity};
use crate::mail::message::{ListHeaders, Mail, build};
use crate::mail::{Mailbox, SmtpAddress};
use crate::preflight::{Rule, check_bytes};
use crate::templates::{TemplateFault, Templates};

/// The token in the links of every sample.
pub(super) const TOKEN: &str = "SampleTokenOfThirtyTwoCharacters";
/// The rules of preflight that concern settings, and not templates.
const RULES_OF_SETTINGS: [Rule; 3] = [Rule::Headers, Rule::Https, Rule::Subject];

/// A mail with links that work for one reader.
pub(super) struct SampleMail {
    /// The templates of its HTML and its text.
    pub(super) names: [&'static str; 2],
    pub(super) subject: String,
    pub(super) html: String,
    pub(super) text: String,
    /// Whether it is an issue, from which a reader can unsubscribe.
    pub(super) is_issue: bool,
}

impl SampleMail {
    /// What preflight finds in the parts that `templates` replace. What would not stop an issue is no fault.
    pub(super) fn preflight(self, config: &Config, templates: &Templates) -> Vec<TemplateFault> {
        let [html_name, text_name] = self.names;
        let replaced: Vec<&str> = self.names.into_iter().filter(|name| templates.replaces(name)).collect();
        let Some(one) = replaced.first() else { return Vec::new() };
        let is_issue = self.is_issue;
        let fault = |name: &str, reason: String| TemplateFault {
            file: name.to_owned(),
            line: None,
            reason,
        };
        let message = match self.message(config) {
            Some(Ok(message)) => message,
            Some(Err(reason)) => return vec![fault(one, reason)],
            None => return Vec::new(),
        };
        let findings = check_bytes(&message, config);
        let blocking = findings.all().iter().filter(|finding| {
            let applies = match finding.rule {
                Rule::Unsubscribe => is_issue,
                // The parts of an issue need the same links. In another mail the built-in part may have more.
                Rule::Text => replaced.len() == 2 || is_issue && replaced.contains(&html_name),
                _ => true,
            };
            finding.severity == Severity::Block && applies && !RULES_OF_SETTINGS.contains(&finding.rule)
        });
        let faults = blocking.map(|finding| {
            // The links of both parts are compared, and those of the text are the ones that are missing.
            let name = match finding.rule {
                Rule::Text if replaced.contains(&text_name) => text_name,
                _ if replaced.contains(&html_name) => html_name,
                _ => text_name,
            };
            let effect = if is_issue {
                "preflight would stop the issue"
            } else {
                "preflight finds a fault"
            };
            fault(name, format!("{effect}: {finding}"))
        });
        faults.collect()
    }

    /// The bytes of the mail; an error if it cannot be built.
    fn message(self, config: &Config) -> Option<Result<Vec<u8>, String>> {
        let base = config.site.url.to_string();
        let address = "sample@news.example".parse::<SmtpAddress>().ok()?;
        let mail = Mail {
            from: Mailbox::named("Sample", address.clone()),
            to: Mailbox::bare(address),
            reply_to: None,
            subject: self.subject,
            date: DateTime::UNIX_EPOCH,
            message_id: "sample@news.example".into(),
            reference_headers: Vec::new(),
            boundary_seed: "sample".into(),
            text: self.text,
            html: Some(self.html),
            list: self.is_issue.then(|| ListHeaders {
                id: "sample.news.example".into(),
                name: "Sample".into(),
                unsubscribe_url: format!("{base}/unsubscribe/{TOKEN}"),
                unsubscribe_mail: None,
                post: true,
                feedback_id: "sample".into(),
                help: None,
                subscribe: None,
                archive: None,
            }),
            auto_generated: !self.is_issue,
        };
        Some(build(&mail).map_err(|error| error.to_string()))
    }
}
