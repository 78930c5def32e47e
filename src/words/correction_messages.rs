//! The messages about a correction for which nobody wrote a note (`locales/LANG/site.ftl`).

use super::argument::Text;
use super::declaration::messages;

messages! {
    text corrected_fields(fields: Text);
    text corrected_headline();
    text corrected_address();
    text corrected_summary();
    text corrected_text();
    text corrected_authors();
    text corrected_category();
    text corrected_language();
    text corrected_source();
    text corrected_date();
    text corrected_picture();
}
