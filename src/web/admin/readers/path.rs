//! The address of a reader's page.

use crate::domain::ids::SubscriberId;

pub(super) fn reader_path(reader: SubscriberId) -> String {
    format!("/admin/readers/{reader}")
}
