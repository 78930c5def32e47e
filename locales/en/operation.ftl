# The console's page about settings.
console-settings = Settings
settings-lede = What this process read when it started: from the defaults, the settings file and the environment. To change a setting, change it there and start the service again.
settings-search = Part of a name, a value or an explanation
settings-changed = Only those that are not defaults
settings-none = No setting matches.
settings-default = default
settings-file = file { $name }
settings-environment = environment variable { $name }
settings-hidden = set, not shown here

# The console's page about statistics.
console-statistics = Statistics
statistics-lede = What happened on each day (UTC). Nobody is tracked for it, and no number names a person.
statistics-days = Days
statistics-day = Day
statistics-numbers = The numbers
statistics-about = From { $first } to { $last }. The highest value is { $max }.
chart-growth = Subscriptions in force
chart-signups = Sign-ups
chart-asked = requested
chart-confirmed = confirmed
chart-left = left
chart-deliveries = Recipients, on the day on which their issue started
chart-recipients = recipients
chart-returned = Bounces and complaints
chart-bounces = bounces
chart-domains = Bounces and complaints by domain of the recipients
chart-no-domains = No domain has had enough recipients in an issue to be counted by itself.
