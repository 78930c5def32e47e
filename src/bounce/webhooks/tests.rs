//! What single events lead to: the cases of each provider that differ from a plain failure, complaint or request to leave.

use serde_json::{Value, json};

use super::read;
use crate::bounce::read::parsed_mail::Kind;

const ADDRESS: &str = "ada@reader.example";

/// The kind of an event, or the type of a complaint, and the action for the only recipient.
fn outcome(provider: &str, event: &Value) -> String {
    let mail = read(provider, event.to_string().as_bytes()).expect("the provider is known");
    assert!(mail.recipients.len() < 2, "{provider} {event}");
    let kind = match mail.kind {
        Kind::Complaint(kind) => kind.name(),
        Kind::Bounce => "bounce",
        Kind::Delayed => "delayed",
        Kind::AutoReply => "autoreply",
        Kind::Unsubscribe => "unsubscribe",
        Kind::Other => "other",
    };
    let Some(recipient) = mail.recipients.first() else {
        return kind.to_owned();
    };
    assert_eq!(recipient.address.as_typed(), ADDRESS);
    format!("{kind} {}", mail.action(recipient).name())
}

fn check(provider: &str, cases: &[(Value, &str)]) {
    for (event, expected) in cases {
        assert_eq!(outcome(provider, event), *expected, "{provider} {event}");
    }
}

#[test]
fn postmark() {
    let bounce =
        |kind: &str, details: &str| json!({"RecordType": "Bounce", "Type": kind, "Email": ADDRESS, "Details": details});
    let change = |suppress: bool, reason: Option<&str>| json!({"RecordType": "SubscriptionChange", "Recipient": ADDRESS, "SuppressSending": suppress, "SuppressionReason": reason});
    check(
        "postmark",
        &[
            (bounce("HardBounce", ""), "bounce suppress"),
            (bounce("BadEmailAddress", ""), "bounce suppress"),
            (bounce("HardBounce", "smtp;550 5.7.1 Blocked by policy"), "bounce none"),
            (bounce("SoftBounce", "smtp;550 5.1.1 No such user"), "bounce suppress"),
            (bounce("ManuallyDeactivated", ""), "bounce count"),
            (bounce("SpamNotification", ""), "bounce none"),
            (bounce("DnsError", ""), "delayed retry"),
            (bounce("AutoResponder", ""), "autoreply"),
            (bounce("ChallengeVerification", ""), "autoreply"),
            (bounce("Unsubscribe", ""), "unsubscribe unsubscribe"),
            (bounce("Subscribe", ""), "other"),
            (change(false, None), "other"),
            (change(true, Some("HardBounce")), "other"),
            (change(true, Some("ManualSuppression")), "unsubscribe unsubscribe"),
        ],
    );
}

#[test]
fn sendgrid() {
    let dropped = |reason: &str| json!({"event": "dropped", "email": ADDRESS, "reason": reason});
    let bounce = |kind: &str, class: &str| json!({"event": "bounce", "email": ADDRESS, "type": kind, "bounce_classification": class});
    check(
        "sendgrid",
        &[
            (dropped("Bounced Address"), "bounce suppress"),
            (dropped("Invalid"), "bounce suppress"),
            (dropped("Spam Reporting Address"), "abuse suppress"),
            (dropped("Unsubscribed Address"), "unsubscribe unsubscribe"),
            (dropped("Recipient List over Package Quota"), "bounce none"),
            (dropped("Invalid SMTPAPI header"), "bounce none"),
            (bounce("bounce", ""), "bounce suppress"),
            (bounce("blocked", ""), "bounce none"),
            (bounce("blocked", "Mailbox Unavailable"), "bounce count"),
            (bounce("bounce", "Reputation"), "bounce none"),
            (
                json!({"event": "group_unsubscribe", "email": ADDRESS}),
                "unsubscribe unsubscribe",
            ),
            (json!({"event": "group_resubscribe", "email": ADDRESS}), "other"),
        ],
    );
}

#[test]
fn mailgun() {
    let failed = |severity: &str, reason: &str, code: u16, words: &str| {
        json!({"event": "failed", "severity": severity, "reason": reason, "recipient": ADDRESS,
            "delivery-status": {"code": code, "message": words}})
    };
    check(
        "mailgun",
        &[
            (
                failed(
                    "permanent",
                    "suppress-bounce",
                    605,
                    "Not delivering to previously bounced address",
                ),
                "bounce suppress",
            ),
            (failed("permanent", "suppress-complaint", 607, ""), "abuse suppress"),
            (
                failed("permanent", "suppress-unsubscribe", 606, ""),
                "unsubscribe unsubscribe",
            ),
            (
                failed("permanent", "generic", 550, "5.1.1 The email account does not exist"),
                "bounce suppress",
            ),
            (failed("permanent", "old", 602, "Too old"), "bounce count"),
            (failed("permanent", "espblock", 0, ""), "bounce none"),
            (failed("temporary", "greylisted", 450, "Greylisted"), "delayed retry"),
            (
                json!({"event": "rejected", "recipient": ADDRESS, "reject": {"reason": "Sandbox"}}),
                "bounce none",
            ),
            (json!({"event": "list_member_uploaded"}), "other"),
        ],
    );
}

#[test]
fn mailjet() {
    let event = |kind: &str, error: &str, hard: bool| json!({"event": kind, "email": ADDRESS, "error": error, "hard_bounce": hard, "error_related_to": "recipient"});
    check(
        "mailjet",
        &[
            (event("bounce", "user unknown", true), "bounce suppress"),
            (event("bounce", "quota exceeded", false), "bounce count"),
            (event("bounce", "greylisted", false), "delayed retry"),
            (event("bounce", "something new", true), "bounce suppress"),
            (event("bounce", "something new", false), "bounce count"),
            (event("blocked", "preblocked", false), "bounce suppress"),
            (event("blocked", "spam reporter", false), "abuse suppress"),
            (event("blocked", "sender blocked", false), "bounce none"),
            (event("blocked", "duplicate in campaign", false), "bounce none"),
        ],
    );
}

#[test]
fn sparkpost() {
    let bounce = |class: &str| json!({"type": "bounce", "rcpt_to": ADDRESS, "bounce_class": class});
    let complaint = |kind: &str| json!({"type": "spam_complaint", "rcpt_to": ADDRESS, "fbtype": kind});
    check(
        "sparkpost",
        &[
            (bounce("10"), "bounce suppress"),
            (bounce("30"), "bounce suppress"),
            (bounce("1"), "bounce count"),
            (bounce("22"), "bounce count"),
            (bounce("51"), "bounce none"),
            (bounce("60"), "autoreply"),
            (bounce("100"), "autoreply"),
            (bounce("90"), "unsubscribe unsubscribe"),
            (complaint("abuse"), "abuse suppress"),
            (complaint("not-spam"), "not_spam none"),
            (json!({"type": "policy_rejection", "rcpt_to": ADDRESS}), "bounce none"),
            (json!({"type": "relay_tempfail", "rcpt_to": ADDRESS}), "other"),
        ],
    );
}

#[test]
fn brevo() {
    let event = |kind: &str| json!({"event": kind, "email": ADDRESS});
    check(
        "brevo",
        &[
            (event("hard_bounce"), "bounce suppress"),
            (event("hardBounce"), "bounce suppress"),
            (event("invalid_email"), "bounce suppress"),
            (event("soft_bounce"), "bounce count"),
            (event("blocked"), "bounce count"),
            (event("error"), "bounce none"),
            (event("deferred"), "delayed retry"),
            (event("complaint"), "abuse suppress"),
            (event("list_addition"), "other"),
        ],
    );
}

#[test]
fn resend() {
    let event = |kind: &str, bounce: Value| json!({"type": kind, "data": {"to": [format!("Ada <{ADDRESS}>")], "bounce": bounce}});
    check(
        "resend",
        &[
            (
                event("email.bounced", json!({"message": "a hard bounce"})),
                "bounce suppress",
            ),
            (
                event("email.bounced", json!({"type": "Permanent", "subType": "Suppressed"})),
                "bounce suppress",
            ),
            (
                event("email.bounced", json!({"type": "Transient", "subType": "MailboxFull"})),
                "bounce count",
            ),
            (
                event(
                    "email.bounced",
                    json!({"type": "Transient", "subType": "ContentRejected"}),
                ),
                "bounce none",
            ),
            (event("email.suppressed", Value::Null), "bounce suppress"),
            (event("email.failed", Value::Null), "bounce none"),
            (event("email.received", Value::Null), "other"),
        ],
    );
}

#[test]
fn postal() {
    let event = |kind: &str, details: &str, output: &str| json!({"event": kind, "payload": {"details": details, "output": output, "message": {"direction": "outgoing", "to": ADDRESS}}});
    let bounced = |kind: Option<&str>, subject: &str| {
        json!({"event": "MessageBounced", "payload": {"original_message": {"direction": "outgoing", "to": ADDRESS},
            "bounce": {"subject": subject, "bounce_type": kind}}})
    };
    let mut incoming = event("MessageDeliveryFailed", "", "550 5.1.1 unknown");
    incoming["payload"]["message"]["direction"] = "incoming".into();
    check(
        "postal",
        &[
            (
                event(
                    "MessageDeliveryFailed",
                    "Permanent SMTP delivery error",
                    "550 5.1.1 unknown user\n",
                ),
                "bounce suppress",
            ),
            (
                event(
                    "MessageDeliveryFailed",
                    "Maximum number of delivery attempts (18) has been reached",
                    "",
                ),
                "bounce count",
            ),
            (
                event(
                    "MessageHeld",
                    "Recipient is on the suppression list (reason: permanent failure)",
                    "",
                ),
                "bounce suppress",
            ),
            (
                event(
                    "MessageHeld",
                    "Recipient is on the suppression list (reason: too many soft fails)",
                    "",
                ),
                "bounce count",
            ),
            (event("MessageHeld", "Server is in development mode", ""), "other"),
            (event("MessageDelayed", "", "451 try later"), "delayed retry"),
            (
                bounced(None, "Mail delivery failed: returning message to sender"),
                "bounce count",
            ),
            (bounced(Some("hard"), "Mail delivery failed"), "bounce suppress"),
            (bounced(None, "Automatic reply: I am away"), "autoreply"),
            (bounced(None, "Delayed: still being retried"), "delayed retry"),
            (incoming, "other"),
        ],
    );
}

#[test]
fn ses() {
    let bounce = |kind: &str, subtype: &str, status: &str| {
        json!({"notificationType": "Bounce", "bounce": {"bounceType": kind, "bounceSubType": subtype,
            "bouncedRecipients": [{"emailAddress": ADDRESS, "status": status}]}})
    };
    let complaint = |kind: Option<&str>| json!({"eventType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": ADDRESS}], "complaintFeedbackType": kind}});
    check(
        "ses",
        &[
            (bounce("Permanent", "General", ""), "bounce suppress"),
            (bounce("Permanent", "OnAccountSuppressionList", ""), "bounce suppress"),
            (bounce("Transient", "General", "5.4.4"), "bounce suppress"),
            (bounce("Transient", "General", "4.4.7"), "bounce count"),
            (bounce("Transient", "MailboxFull", ""), "bounce count"),
            (bounce("Transient", "MessageTooLarge", ""), "bounce none"),
            (bounce("Undetermined", "Undetermined", ""), "bounce count"),
            (complaint(None), "abuse suppress"),
            (complaint(Some("not-spam")), "not_spam none"),
            (complaint(Some("auth-failure")), "auth_failure none"),
            (json!({"eventType": "Rendering Failure"}), "other"),
        ],
    );
}
