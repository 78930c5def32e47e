//! The texts of `site.voice = "radio"`.

use super::texts::Words;

pub(super) const WORDS: Words = Words {
    signup_label: "transmission_log",
    subscribe_to: "Subscribe to the broadcast.",
    latest: "Latest transmissions",
    nothing_yet: "Nothing on the air yet. The first transmission appears as soon as it arrives.",
    read_latest: "Read the latest transmissions",
    article_id: "{id}",
    comments_label: "operator_channel",
    comments_status: "comments_offline · provider_not_configured",
    no_such_page: "Nothing is transmitted on this address. It may be mistyped or cut off.",
    check_address: "Check the address, or go to the latest transmissions.",
    unavailable: "Off the air for a moment",
    opening_none: "There are no new stories in this issue. It corrects what earlier issues said.",
    opening_one: "1 transmission on the log.",
    opening_many: "{count} transmissions on the log, the most important first.",
    opening_by_hand: "{count} transmissions on the log.",
    also_in_issue: "Also on the log",
    other_topic: "Other signals",
    corrections: "Signal corrections",
    end_of_issue: "End of transmission.",
};
