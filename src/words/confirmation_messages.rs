//! The messages of confirmation mails (`locales/LANG/mail.ftl`).

use super::argument::{Count, Text};
use super::declaration::messages;

messages! {
    text confirm_mail_subject(newsletters: Text);
    text confirm_mail_request(site: Text, newsletters: Text);
    text confirm_mail_button();
    text confirm_mail_open();
    text confirm_mail_open_text();
    text confirm_mail_valid(within: Text);
    text confirm_mail_valid_text(within: Text);
    text within_minutes(count: Count);
    text within_hours(count: Count);
    text within_days(count: Count);
    text confirm_mail_ignore();
    link confirm_mail_sent_by(site: Text);
    text imported_mail_request(site: Text, newsletters: Text);
    text imported_mail_ignore();
    link imported_mail_sent_by(site: Text);
}
