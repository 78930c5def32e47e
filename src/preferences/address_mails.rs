//! The mails about a change of address.

use crate::app::App;
use crate::signup::subscription_mail::{self, MailCause, SubscriptionMailLink, SubscriptionMailView};
use crate::signup::subscription_mail_queue::RenderedMail;
use crate::words::Words;

/// The mail to the new address.
pub(super) fn confirmation(app: &App, words: &Words) -> Result<RenderedMail, askama::Error> {
    let site = &app.config.site.name;
    let view = SubscriptionMailView {
        subject: words.use_address_mail_subject(site),
        opening: words.use_address_mail_opening(site, words.within(app.config.privacy.link_ttl)),
        subscriptions: Vec::new(),
        link: Some(SubscriptionMailLink {
            label: words.use_new_address(),
            url: app.link(&format!("/address/{}", subscription_mail::LINK_PLACEHOLDER)),
        }),
        closing: words.link_mail_closing(),
        cause: MailCause::Requested,
    };
    render(app, words, view)
}

/// The mail to the old address.
pub(super) fn mail_to_old_address(app: &App, words: &Words) -> Result<RenderedMail, askama::Error> {
    let site = &app.config.site.name;
    let view = SubscriptionMailView {
        subject: words.address_changed_mail_subject(site),
        opening: words.address_changed_mail_opening(site, words.within(app.config.privacy.undo_address_within)),
        subscriptions: Vec::new(),
        link: Some(SubscriptionMailLink {
            label: words.undo_address_change(),
            url: app.link(&format!("/address/undo/{}", subscription_mail::LINK_PLACEHOLDER)),
        }),
        closing: words.address_changed_mail_closing(),
        cause: MailCause::FormerAddress,
    };
    render(app, words, view)
}

/// The mail to both addresses after a change was undone.
pub(super) fn mail_about_undo(app: &App, words: &Words) -> Result<RenderedMail, askama::Error> {
    let site = &app.config.site.name;
    let view = SubscriptionMailView {
        subject: words.address_undone_mail_subject(site),
        opening: words.address_undone_mail_opening(site),
        subscriptions: Vec::new(),
        link: None,
        closing: words.address_undone_mail_closing(),
        cause: MailCause::Requested,
    };
    render(app, words, view)
}

fn render(app: &App, words: &Words, view: SubscriptionMailView) -> Result<RenderedMail, askama::Error> {
    let (html, text) = subscription_mail::render(&app.mail_site(), words, &view)?;
    Ok(RenderedMail {
        subject: view.subject,
        html,
        text,
    })
}
