//! The header fields by which mail programs recognise a newsletter, and offer help, sign-up, the archive and leaving.

use crate::app::App;
use crate::mail::mailbox::Mailbox;
use crate::mail::message::{ListHeaders, mailto};
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;

/// The name of the site's own page that `List-Help` names.
const HELP_PAGE: &str = "help";

/// The addresses that an issue's messages have already.
pub(super) struct ListAddresses<'a> {
    /// The domain of the From address.
    pub(super) domain: &'a str,
    pub(super) reply_to: Option<&'a Mailbox>,
    pub(super) unsubscribe_url: String,
    /// The placeholder of the unsubscribe address's tag; empty if messages name no such address.
    pub(super) tag: &'a str,
}

pub(super) fn list_headers(
    app: &App,
    issue: &Issue,
    newsletter: &Newsletter,
    addresses: ListAddresses<'_>,
) -> ListHeaders {
    let slug = &newsletter.slug;
    let ListAddresses {
        domain,
        reply_to,
        unsubscribe_url,
        tag,
    } = addresses;
    ListHeaders {
        id: format!("{slug}.{}", app.config.site.url.host()),
        name: newsletter.name.clone(),
        unsubscribe_url,
        unsubscribe_mail: app.config.unsubscribe_address(tag),
        post: true,
        help: help_address(app, newsletter, reply_to),
        // The pages of a newsletter that is not public do not exist.
        subscribe: newsletter
            .public
            .then(|| app.link(&format!("/subscribe?newsletter={slug}"))),
        archive: (newsletter.public && newsletter.archive).then(|| app.link(&format!("/archive/{slug}"))),
        feedback_id: format!("{}:{slug}:digest:{domain}", issue.number),
    }
}

/// Where readers get help: at the newsletter's own address, on the site's page, or by a reply.
fn help_address(app: &App, newsletter: &Newsletter, reply_to: Option<&Mailbox>) -> Option<String> {
    let site = &app.config.site;
    let page = || {
        let page = site.own_pages.get(HELP_PAGE, site.language.tag());
        page.map(|_| app.link(&format!("/pages/{HELP_PAGE}")))
    };
    let replies = || reply_to.map(|mailbox| mailto(&mailbox.address));
    newsletter.help.clone().or_else(page).or_else(replies)
}
