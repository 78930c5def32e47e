//! The messages of the console's page about comments (`locales/LANG/moderation.ftl`).

use super::argument::Text;
use super::declaration::messages;

messages! {
    text console_comments();
    text moderation_lede();
    text moderation_lists();
    text moderation_waiting();
    text moderation_reported();
    text moderation_reports(number: Text);
    text moderation_show();
    text moderation_hide();
    text moderation_block();
    text moderation_block_now();
    text moderation_author();
    text moderation_block_title();
    text moderation_block_text();
    text moderation_none_waiting();
    text moderation_none_reported();
    text moderation_none_published();
    text moderation_none_unpublished();
    text moderation_off();
    text moderation_turn_on();
    text moderation_elsewhere(host: Text);
    text moderation_more();
    text notice_comment_shown();
    text notice_comment_hidden();
    text notice_comment_deleted();
    text notice_author_blocked();
}
