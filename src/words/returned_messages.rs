//! The messages of the console's pages about suppressions and returned mail (`locales/LANG/returned.ftl`).

use super::argument::Text;
use super::declaration::messages;

messages! {
    text console_suppressions();
    text suppressions_lede();
    text suppressions_find();
    text suppressions_not();
    text suppressions_none();
    text suppressions_unknown(code: Text);
    text suppressions_more();
    text suppressions_files();
    text suppressions_export();
    text suppressions_import();
    text console_returned();
    text returned_lede();
    text returned_domain();
    text returned_none();
    text returned_more();
    text returned_report();
    text returned_title();
    text returned_received(time: Text);
    text returned_no_content();
    text returned_rates();
    text returned_alerts();
    text returned_no_alerts();
    text alert_complaints();
    text alert_hard_bounces();
    text alert_warns(what: Text, subject: Text);
    text alert_pauses(what: Text, subject: Text);
    text returned_bounce();
    text returned_complaint();
    text returned_auto_reply();
    text returned_delayed();
    text returned_unsubscribe();
    text returned_other();
    text reason_no_mailbox();
    text reason_no_domain();
    text reason_accepts_no_mail();
    text reason_moved();
    text reason_mailbox_closed();
    text reason_mailbox_disabled();
    text reason_mailbox_full();
    text reason_refused();
    text reason_expired();
    text reason_server_failure();
    text reason_rate_limited();
    text reason_authentication();
    text reason_policy();
    text reason_message();
    text reason_unclear();
    text effect_suppress();
    text effect_unsubscribe();
    text effect_count();
    text effect_none();
}
