//! Addresses with a signed tag: how they are built, and how the tag is read from them.

use super::Config;
use crate::mail::SmtpAddress;

impl Config {
    /// The address that carries a tag; `None` if neither `intake.domain` nor `mail.return_path` is set.
    #[must_use]
    pub(crate) fn tagged_address(&self, tag: &str) -> Option<SmtpAddress> {
        if let Some(domain) = &self.intake.domain {
            return Some(SmtpAddress::of_parts(tag, domain));
        }
        let mailbox = self.mail.return_path.as_ref()?;
        let local = format!("{}+{tag}", mailbox.local());
        Some(SmtpAddress::of_parts(&local, mailbox.domain()))
    }

    /// Whether the mail to a tagged address is read, so that readers can be offered to unsubscribe by mail. A return path alone does not
    /// prove it: many operators only set it so that bounces do not come to the sender.
    pub(crate) fn reads_unsubscribe_mail(&self) -> bool {
        self.intake.is_set() && (self.intake.domain.is_some() || self.mail.return_path.is_some())
    }

    /// The address to which a mail unsubscribes; `None` if nothing reads its mail, or if the tag is empty.
    pub(crate) fn unsubscribe_address(&self, tag: &str) -> Option<SmtpAddress> {
        if tag.is_empty() || !self.reads_unsubscribe_mail() {
            return None;
        }
        self.tagged_address(tag)
    }

    /// What an address has in the place of the tag; `None` if it is not one that returned mail comes to.
    pub(crate) fn tag_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        let (local, domain) = address.rsplit_once('@')?;
        if let Some(own) = &self.intake.domain
            && domain.eq_ignore_ascii_case(own)
        {
            return Some(local);
        }
        // Also with `intake.domain`: messages that were sent before it was set have plus-tags.
        let mailbox = self.mail.return_path.as_ref()?;
        // The mailbox may contain a plus sign itself.
        let (name, rest) = local.split_at_checked(mailbox.local().len())?;
        let is_ours = name.eq_ignore_ascii_case(mailbox.local()) && domain.eq_ignore_ascii_case(mailbox.domain());
        rest.strip_prefix('+').filter(|_| is_ours)
    }
}
