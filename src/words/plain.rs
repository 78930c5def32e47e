//! The texts of `site.voice = "plain"`.

use super::texts::Words;

pub(super) const WORDS: Words = Words {
    signup_label: "",
    subscribe_to: "Subscribe to {name}",
    latest: "Latest stories",
    nothing_yet: "Nothing here yet. The first story appears as soon as it arrives.",
    read_latest: "Read the latest stories",
    article_id: "Article {id}",
    comments_label: "Comments",
    comments_status: "Comments are not available yet.",
    no_such_page: "There’s no page here. The address may be mistyped or cut off.",
    check_address: "Check the address, or go to the latest stories.",
    unavailable: "Unavailable for a moment",
    opening_none: "There are no new stories in this issue. It corrects what earlier issues said.",
    opening_one: "In this issue: 1 story.",
    opening_many: "In this issue: {count} stories, the most important first.",
    opening_by_hand: "In this issue: {count} stories.",
    also_in_issue: "Also in this issue",
    other_topic: "Other news",
    corrections: "Corrections",
    end_of_issue: "That’s all for today.",
};
