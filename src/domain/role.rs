//! What operators may do: roles, the permissions of each, and the scopes of API tokens.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::column::text_column;
use super::state_words::{UnknownState, states};

states! {
    /// What an operator is to the newsroom. [`Role::allows`] is the one table of what each may do.
    Role {
        /// Does everything, and decides who the other operators are.
        Owner = "owner",
        /// Sends issues, and manages newsletters and readers.
        Publisher = "publisher",
        /// Writes articles, edits drafts and moderates comments. An editor sends nothing and sees no address of a reader.
        Editor = "editor",
        /// Reads reports, and changes nothing.
        Analyst = "analyst",
    }
}

states! {
    /// Something that an operator may do or not. Every route of the console and of the API names one.
    Permission {
        /// Read newsletters, issues, drafts, articles, feeds and reports. They contain no address of a reader.
        ReadReports = "read_reports",
        /// Read the addresses of readers, their records and their mail.
        ReadReaders = "read_readers",
        /// Change the drafts of issues.
        EditDrafts = "edit_drafts",
        /// Write, change and retract articles.
        EditArticles = "edit_articles",
        /// Decide about readers' comments.
        ModerateComments = "moderate_comments",
        /// Add, change and remove feeds.
        ManageFeeds = "manage_feeds",
        /// Approve, schedule, send, pause and cancel issues.
        Send = "send",
        /// Create, change and remove newsletters.
        ManageNewsletters = "manage_newsletters",
        /// Import, suppress, change and erase readers.
        ManageReaders = "manage_readers",
        /// Read the settings in force, and the state of relays and domains.
        ReadSettings = "read_settings",
        /// Add, change and remove webhooks, which send the data of readers to other programs.
        ManageWebhooks = "manage_webhooks",
        /// Invite and remove operators, and change their roles.
        ManageOperators = "manage_operators",
        /// Read the audit log.
        ReadAudit = "read_audit",
    }
}

states! {
    /// What an API token may be used for, at most. A token never permits more than its operator's role.
    Scope {
        /// Read newsletters, issues, articles, feeds and reports.
        Read = "read",
        /// Change drafts, articles, feeds, newsletters and comments.
        Write = "write",
        /// Approve and send issues.
        Send = "send",
        /// Read and change readers.
        Readers = "readers",
        /// Manage operators, their tokens and webhooks, and read the audit log. A token has it only if it is asked for by name.
        Admin = "admin",
    }
}

impl Role {
    /// Whether an operator with this role may do it.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        use Role::{Analyst, Editor, Owner, Publisher};
        match permission {
            P::ReadReports => matches!(self, Owner | Publisher | Editor | Analyst),
            P::EditDrafts | P::EditArticles | P::ModerateComments | P::ManageFeeds => {
                matches!(self, Owner | Publisher | Editor)
            }
            P::Send | P::ManageNewsletters | P::ReadReaders | P::ManageReaders | P::ReadSettings => {
                matches!(self, Owner | Publisher)
            }
            P::ManageWebhooks | P::ManageOperators | P::ReadAudit => matches!(self, Owner),
        }
    }
}

impl Permission {
    /// The scope that an API token needs for it.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::ReadReports | Self::ReadSettings => Scope::Read,
            Self::EditDrafts
            | Self::EditArticles
            | Self::ModerateComments
            | Self::ManageFeeds
            | Self::ManageNewsletters => Scope::Write,
            Self::Send => Scope::Send,
            Self::ReadReaders | Self::ManageReaders => Scope::Readers,
            Self::ManageWebhooks | Self::ManageOperators | Self::ReadAudit => Scope::Admin,
        }
    }
}

/// The scopes of a token. In the database they are words, separated by blanks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// The scopes of a token that permits everything.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// The scopes of a token for which none is named: all but [`Scope::Admin`], so that a stolen token creates no operator.
    #[must_use]
    pub fn usual() -> Self {
        let scopes = Scope::ALL.iter().copied();
        scopes.filter(|scope| *scope != Scope::Admin).collect()
    }

    /// Whether a token with these scopes may be used for it.
    #[must_use]
    pub fn allow(&self, permission: Permission) -> bool {
        self.0.contains(&permission.scope())
    }

    /// The scopes in the order of their declaration.
    pub fn list(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }

    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.list().map(Scope::as_str).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        text.split_whitespace().map(str::parse).collect()
    }
}

text_column!(Scopes);

#[cfg(test)]
mod tests {
    use super::*;

    /// Permissions, and for owner, publisher, editor and analyst whether they have it.
    const TABLE: &[(Permission, [bool; 4])] = &[
        (Permission::ReadReports, [true, true, true, true]),
        (Permission::ReadReaders, [true, true, false, false]),
        (Permission::EditDrafts, [true, true, true, false]),
        (Permission::EditArticles, [true, true, true, false]),
        (Permission::ModerateComments, [true, true, true, false]),
        (Permission::ManageFeeds, [true, true, true, false]),
        (Permission::Send, [true, true, false, false]),
        (Permission::ManageNewsletters, [true, true, false, false]),
        (Permission::ManageReaders, [true, true, false, false]),
        (Permission::ReadSettings, [true, true, false, false]),
        (Permission::ManageWebhooks, [true, false, false, false]),
        (Permission::ManageOperators, [true, false, false, false]),
        (Permission::ReadAudit, [true, false, false, false]),
    ];

    #[test]
    fn each_role_has_the_permissions_of_the_table() {
        let listed: Vec<_> = TABLE.iter().map(|(permission, _)| *permission).collect();
        assert_eq!(listed, Permission::ALL);
        for (permission, expected) in TABLE {
            for (role, expected) in Role::ALL.iter().zip(expected) {
                assert_eq!(role.allows(*permission), *expected, "{role} and {permission}");
            }
        }
    }

    #[test]
    fn a_token_permits_what_its_scopes_name_and_manages_operators_only_by_name() {
        let read: Scopes = "read".parse().expect("a scope");
        assert!(read.allow(Permission::ReadReports) && !read.allow(Permission::EditArticles));
        assert!(
            !read.allow(Permission::ReadReaders),
            "addresses have a scope of their own"
        );
        let (usual, all) = (Scopes::usual(), Scopes::all());
        for permission in Permission::ALL {
            let is_for_owners = matches!(
                permission,
                Permission::ManageWebhooks | Permission::ManageOperators | Permission::ReadAudit
            );
            assert_eq!(usual.allow(*permission), !is_for_owners, "{permission}");
            assert!(all.allow(*permission), "{permission}");
        }
        assert_eq!(usual.to_string(), "read write send readers");
        assert_eq!(usual.to_string().parse::<Scopes>().expect("the same scopes"), usual);
        assert!("read owner".parse::<Scopes>().is_err());
    }
}
