//! Whether text can be told from its ground, by the colours a mail reader would use in light and in dark mode.

use std::collections::BTreeMap;

use css_inline::CSSInliner;

use super::checks::shown;
use super::css::dark_rules;
use super::page::{Page, Scheme};
use super::{Report, Rule};

/// WCAG 2.2, success criterion 1.4.3.
const ENOUGH: f64 = 4.5;
/// The same for large text.
const ENOUGH_IF_LARGE: f64 = 3.0;

/// Finds each pair of colours that is too close, once, in either mode.
pub(super) fn check(html: &str, page: &Page, report: &mut Report) {
    judge(html, "", Scheme::Light, report);
    let dark = dark_rules(&page.sheets);
    // Without rules of its own for the dark, a message stays as it is there, or is changed by ways of each mail reader.
    if !dark.is_empty() {
        judge(html, &dark, Scheme::Dark, report);
    }
}

/// Lets the styles that hold now come into the elements, and reads them there.
fn judge(html: &str, rules: &str, scheme: Scheme, report: &mut Report) {
    let inliner = CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_style_tags(true);
    let styled = inliner.extra_css(Some(rules.into())).build().inline(html);
    let Ok(styled) = styled else {
        report.add(
            Rule::Contrast,
            "the styles cannot be read, so contrast is not judged".to_owned(),
            "correct the style sheet",
        );
        return;
    };
    let mut worst: BTreeMap<(String, String), (f64, String)> = BTreeMap::new();
    for run in Page::read(&styled, scheme).runs {
        let Some((colour, ground)) = run.colours.filter(|_| !run.hidden) else {
            continue;
        };
        let ratio = colour.contrast(ground);
        let enough = if run.large { ENOUGH_IF_LARGE } else { ENOUGH };
        if ratio < enough {
            worst
                .entry((colour.hex(), ground.hex()))
                .or_insert_with(|| (ratio, shown(&run.text)));
        }
    }
    let mode = match scheme {
        Scheme::Light => "in light mode",
        Scheme::Dark => "in dark mode",
    };
    for ((colour, ground), (ratio, text)) in worst {
        report.add(
            Rule::Contrast,
            format!("{mode} “{text}” is {colour} on {ground}, a contrast of {ratio:.1}"),
            "choose colours further apart: 4.5, or 3 for large text (WCAG 2.2, 1.4.3)",
        );
    }
}
