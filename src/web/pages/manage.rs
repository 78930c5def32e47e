//! The pages on which a reader changes newsletters and address.

use askama::Template;

use super::site::Site;

/// GET `/preferences/{token}` of a link to all subscriptions.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/manage.html")]
pub struct ManagePage {
    pub site: Site,
    /// The address of the reader.
    pub address: String,
    pub newsletters: Vec<ManageLine>,
    /// The beginning of the paths that the forms post to.
    pub action: String,
    /// Whether something was just saved.
    pub saved: bool,
    /// Why a newsletter was not joined, a sentence.
    pub problem: Option<String>,
    /// What is wrong with the new address, a sentence.
    pub address_problem: Option<String>,
    /// The new address as typed, if the form is shown again because of it.
    pub address_typed: String,
}

impl ManagePage {
    fn offers_more(&self) -> bool {
        self.newsletters.iter().any(|line| line.settings.is_none())
    }
}

/// A newsletter and what the reader has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManageLine {
    pub slug: String,
    pub name: String,
    /// One line; may be empty.
    pub description: String,
    pub is_paused: bool,
    /// The path of its settings; `None` if the reader is not subscribed.
    pub settings: Option<String>,
}

/// A step of a change of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressStep {
    /// The link was mailed to the new address.
    Requested,
    /// The button makes the change.
    Confirm,
    /// The change is made.
    Confirmed,
    /// The button undoes it.
    Undo,
    /// The reader has the old address again.
    Undone,
}

/// GET and POST `/address/{token}` and `/address/undo/{token}`, and GET `/preferences/{token}/address/sent`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/address.html")]
pub struct AddressPage {
    pub site: Site,
    pub step: AddressStep,
    /// The path that the button posts to, or the page to which the reader goes back.
    pub action: String,
}

/// GET `/lost-link`, and the answer to a POST with an address that cannot be read.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/lost_link.html")]
pub struct LostLinkPage {
    pub site: Site,
    /// The address as typed, if the form is shown again.
    pub email: String,
    /// What is wrong with it, a sentence.
    pub problem: Option<String>,
}

/// GET `/lost-link/sent`, the same for every address.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/lost_link_sent.html")]
pub struct LostLinkSentPage {
    pub site: Site,
}
