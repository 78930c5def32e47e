# The page of the console about webhooks.
console-webhooks = Webhooks
webhooks-lede = Other programs get events from this site: a reader confirmed, an issue was sent, an address bounced. Each message is signed, and contains addresses of readers.
webhooks-none = No program gets events yet.
webhook-counts = Waiting: { $waiting } · delivered: { $delivered } · failed: { $failed }
webhook-enabled = gets events
webhook-disabled-since = disabled since { $time }
webhook-failing-since = fails since { $time }
webhook-all-events = all events

# Adding and changing a webhook.
webhook-add = Add a webhook
webhook-url = Address that gets the events
webhook-url-note = Such as https://crm.example.org/events. An address in your own network must be in the setting webhooks.allow.
webhook-name-note = Letters, digits, dots, hyphens and underscores. Without a name, it is called like the host of the address.
webhook-events = Events
webhook-events-note = If you choose none, it gets all events, also those of later versions.
webhook-secret = This is the secret of { $name }. It is not shown again: copy it now into the program that gets the events, which checks the signatures with it.
webhook-name-wrong = Write 1 to { $most } letters, digits, dots, hyphens or underscores.
webhook-taken = There is a webhook with this name. Choose another name.
webhook-too-many = There are { $most } webhooks already. Remove one first.
webhook-address-refused = Events cannot be sent there: { $reason }

# One webhook.
webhook-added = Added { $time }
webhook-previous-until = Until { $time }, messages are also signed with the previous secret.
webhook-test = Send a test event
webhook-test-accepted = The test event was accepted with the status { $status }.
webhook-test-failed = The test event was not accepted:
webhook-enable = Enable it
webhook-try-now = Try again now
webhook-disable = Disable it …
webhook-disable-text = It gets no events until it is enabled. Events that happen meanwhile are not sent later.
webhook-disable-now = Disable this webhook
webhook-rotate = Make a new secret …
webhook-rotate-text = For 24 hours each message is signed with both secrets, so that nothing is lost while you change it in the program.
webhook-rotate-now = Make a new secret now
webhook-change = Address and events
webhook-remove = Remove it …
webhook-remove-text = Messages that wait for it are not sent, and its log is deleted.
webhook-remove-now = Remove this webhook

# The log of a webhook.
webhook-log = What was sent
webhook-log-none = There is no message to show. A message is listed here when its event happens.
webhook-event = Event
webhook-attempts = Attempts
webhook-answer = Answer
webhook-waiting = waiting
webhook-delivered = delivered
webhook-failed = failed
webhook-next = next attempt { $time }
webhook-replay = Send again
webhook-replay-failed = Send all that failed again
webhook-older = Older messages

# After an action.
notice-webhook-changed = The webhook was changed.
notice-webhook-enabled = The webhook gets events, and is tried at once.
notice-webhook-disabled = The webhook gets no more events.
notice-webhook-removed = The webhook was removed.
notice-webhook-replayed = It is sent again within a moment. Load the page again to see the result.
