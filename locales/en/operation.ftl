# The console's page about settings.
console-settings = Settings
settings-lede = What this process read when it started: from the defaults, the settings file and the environment. To change a setting, change it there and start the service again.
settings-search = Part of a name, a value or an explanation
settings-changed = Only those from the file or the environment
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

# The console's page about relays and recipient domains.
console-relays = Relays and domains
relays-lede = How fast mail goes out. If a server asks us to slow down, we pause, halve the number of messages at once, and then raise it step by step.
relays-captured = No relay is set, so all mail stays in the inbox inside the program. To send mail, set relay.url.
relays-relay = Relay
relays-weight = Share
relays-connections = Connections
relays-rate = Messages a second
relays-cap = Cap, today
relays-of = { $part } of { $all }
relays-no-limit = no limit
relays-process = Process { $name }
relays-no-process = No process sends mail now.
relays-at-once = Messages at once, now
relays-paused = paused until { $time }
relays-goes-on = sends
relays-cap-used = waits until { $time }: today’s cap is used up
relays-closed = waits until { $time }: outside the send window
relays-trouble = The relay accepts no mail: { $reason }
relays-domains = Recipient domains with a limit or in a pause
relays-no-domains = No recipient domain is limited now.
relays-waiting = Waiting in memory
