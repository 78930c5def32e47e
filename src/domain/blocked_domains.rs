//! Domains whose addresses cannot sign up, such as those of throw-away mailboxes.

use std::collections::HashSet;

use super::address::EmailAddress;

/// A list of domains. Each includes its subdomains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockedDomains(HashSet<String>);

impl BlockedDomains {
    /// Adds a domain in any spelling; returns false if it is not a domain.
    pub fn add(&mut self, domain: &str) -> bool {
        let Some(domain) = normal(domain) else {
            return false;
        };
        self.0.insert(domain);
        true
    }

    /// Adds the domains of a text, one a line. Empty lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// The number of the first line that is not a domain.
    pub fn add_lines(&mut self, text: &str) -> Result<(), usize> {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') && !self.add(line) {
                return Err(number + 1);
            }
        }
        Ok(())
    }

    /// Whether the domain of an address, or a domain above it, is in the list.
    #[must_use]
    pub fn contains(&self, address: &EmailAddress) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let mut domain = Some(address.domain());
        while let Some(name) = domain {
            if self.0.contains(name) {
                return true;
            }
            domain = name.split_once('.').map(|(_, above)| above);
        }
        false
    }
}

/// The domain in the form that addresses are compared by.
fn normal(domain: &str) -> Option<String> {
    let address = EmailAddress::parse(&format!("x@{}", domain.trim())).ok()?;
    Some(address.domain().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_domain_is_found_in_every_spelling_with_its_subdomains() {
        let mut blocked = BlockedDomains::default();
        assert_eq!(
            blocked.add_lines("# throw-away\n\nTrash.example\nb\u{fc}cher.example\n"),
            Ok(())
        );
        let contains = |address: &str| blocked.contains(&EmailAddress::parse(address).expect("an address"));
        for address in [
            "a@trash.example",
            "a@TRASH\u{3002}example",
            "a@\u{ff54}rash.example",
            "a@deep.below.trash.example",
            "a@xn--bcher-kva.example",
        ] {
            assert!(contains(address), "{address}");
        }
        assert!(!contains("a@nottrash.example") && !contains("a@example.org"));
        assert_eq!(blocked.add_lines("good.example\nnot a domain"), Err(2));
    }
}
