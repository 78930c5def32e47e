//! The messages of the console: its frame and pages (`locales/LANG/console.ftl`), and signing in and the accounts of operators
//! (`locales/LANG/access.ftl`).

use super::argument::{Number, Text};
use super::declaration::messages;

messages! {
    // locales/LANG/console.ftl
    text console();
    text console_navigation();
    text console_today();
    text console_empty();
    text console_account();
    text sign_out(name: Text);
    text role_owner();
    text role_publisher();
    text role_editor();
    text role_analyst();
    text not_permitted_title();
    text not_permitted_happened(role: Text);
    text not_permitted_next();
    text needs_https_title();
    text needs_https_happened();
    text needs_https_next();
    text session_ended_title();
    text session_ended_text();
    text session_ended_sign_in();
    text session_ended_resend();
    text session_ended_kept();
    text session_ended_back();

    // locales/LANG/access.ftl
    text sign_in();
    text sign_in_name();
    text password();
    text sign_in_wrong();
    text sign_in_too_many();
    text sign_in_no_owner();
    text setup_title();
    text setup_text(site: Text);
    text setup_button();
    text setup_dead_title();
    text setup_dead_happened();
    text setup_dead_has_owner();
    text operator_name();
    text operator_name_note();
    text operator_email();
    text operator_email_note();
    text operator_name_invalid();
    text operator_email_invalid();
    text operator_taken();
    text operator_last_owner();
    text token_without_scope();
    text password_note();
    text password_too_short(minimum: Number);
    text password_too_long(maximum: Number);
    text password_guessable();
    text account_of(name: Text, role: Text);
    text password_change();
    text current_password();
    text current_password_wrong();
    text new_password();
    text notice_password_changed();
    text sessions_title();
    text sessions_text();
    text session_unknown_browser();
    text session_started(time: Text);
    text session_ends(time: Text);
    text session_this();
    text session_end();
    text sessions_end_others();
    text notice_session_ended();
    text notice_sessions_ended();
}
