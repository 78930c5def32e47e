//! The messages of the console's pages about settings, relays and statistics (`locales/LANG/operation.ftl`).

use super::argument::Text;
use super::declaration::messages;

messages! {
    text console_settings();
    text settings_lede();
    text settings_search();
    text settings_changed();
    text settings_none();
    text settings_default();
    text settings_file(name: Text);
    text settings_environment(name: Text);
    text settings_hidden();
    text console_statistics();
    text statistics_lede();
    text statistics_days();
    text statistics_day();
    text statistics_numbers();
    text statistics_about(first: Text, last: Text, max: Text);
    text chart_growth();
    text chart_signups();
    text chart_asked();
    text chart_confirmed();
    text chart_left();
    text chart_deliveries();
    text chart_recipients();
    text chart_returned();
    text chart_bounces();
    text chart_domains();
    text chart_no_domains();
    text console_relays();
    text relays_lede();
    text relays_captured();
    text relays_relay();
    text relays_weight();
    text relays_connections();
    text relays_rate();
    text relays_cap();
    text relays_of(part: Text, all: Text);
    text relays_no_limit();
    text relays_process(name: Text);
    text relays_no_process();
    text relays_at_once();
    text relays_paused(time: Text);
    text relays_goes_on();
    text relays_cap_used(time: Text);
    text relays_closed(time: Text);
    text relays_trouble(reason: Text);
    text relays_domains();
    text relays_no_domains();
    text relays_waiting();
}
