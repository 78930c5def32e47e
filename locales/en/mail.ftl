# The mails to readers: confirmation, notes about a subscription, and the digest.

confirm-mail-subject = Confirm your subscription to { $newsletters }
confirm-mail-request = Someone, probably you, asked { $site } to send { $newsletters } to this address. You’ll get it once you confirm.
# The button opens a page, on which another button confirms.
confirm-mail-button = Open the confirmation page
# A button and then the address of the page follow.
confirm-mail-open = If the button doesn’t work, open this address:
confirm-mail-open-text = To confirm, open this address and press the button there:
# $within is one of the phrases below.
confirm-mail-valid = The link works once, { $within }. It opens a page with one button, and nothing happens until you press it.
confirm-mail-valid-text = The link works once, { $within }. Nothing happens until you press the button on its page.
within-minutes =
    { $count ->
        [one] within 1 minute
       *[other] within { $count } minutes
    }
within-hours =
    { $count ->
        [one] within 1 hour
       *[other] within { $count } hours
    }
within-days =
    { $count ->
        [one] within 1 day
       *[other] within { $count } days
    }
confirm-mail-ignore = If it wasn’t you, ignore this email. Without your confirmation, you won’t be subscribed.
confirm-mail-sent-by = Sent automatically by <a>{ $site }</a> because someone signed up with this address.
imported-mail-request = Your address is on a list of readers that { $site } brought from another system. Your consent to { $newsletters } is not on record here, so we are asking you once. You’ll get it only if you confirm.
imported-mail-ignore = If you don’t want it, ignore this email. You won’t be subscribed, and we won’t ask again.
imported-mail-sent-by = Sent automatically by <a>{ $site }</a> because this address is on a list that we took over from another system.

already-subscribed-subject = You are already subscribed to { $newsletters }
already-subscribed-opening = Someone, most likely you, asked { $site } to send { $newsletters } to this address. You are subscribed already, so there is nothing to confirm.
already-subscribed-paused = It is paused. To end the pause, change what you get.
already-subscribed-closing = If it wasn’t you, do nothing: your subscription stays as it is.
change-preferences = Change what you get
subscription-mail-sent-by = Sent automatically by <a>{ $site }</a>, because this address is subscribed there.
requested-mail-sent-by = Sent automatically by <a>{ $site }</a>, because someone asked for it on our site.
former-address-mail-sent-by = Sent automatically by <a>{ $site }</a>, because newsletters from there came to this address until now.

changed-subject = Your { $newsletter } settings have changed
changed-subject-paused = { $newsletter } is paused until { $day }
changed-subject-resumed = { $newsletter } is no longer paused
changed-opening = Someone, most likely you, used the link in one of your emails to change what you get. This is how it is now.
changed-closing = If it wasn’t you, somebody has an email of yours. Open the link above to end a pause, or to ask for a link to your subscriptions. Remove the links at the foot of emails before you forward them.
now-paused-until = Nothing is sent to you until { $day }.
now-paused-after-bounces = It is paused, because your mailbox refused our last emails. The link below ends the pause.
now-every-issue = You get every issue.
now-weekly = You get one issue a week.
now-all-topics = You get all topics.
now-topics = You get these topics: { $topics }.
now-time-zone = Your time zone is { $zone }.
now-language = Our emails to you are in { $language }.

view-in-browser = View in browser
corrections-subject =
    { $count ->
        [one] { $newsletter }: a correction
       *[other] { $newsletter }: { $count } corrections
    }
# Which issues are combined in this one.
best-of-week-issue = The best of the week, from no. { $number }.
best-of-week = The best of the week, from no. { $first } to { $last }.
missed-issue = What you missed: the best of no. { $number }.
missed-issues = What you missed: the best of no. { $first } to { $last }.
# $time is such as “06:12 CET” or “Mon 06:12 CET”.
story-published = published { $time }
story-reached-us = reached us: { $time }
story-sources = { $count } sources, the first report reached us: { $time }
# How many stories or corrections are not in the mail.
more-on-site = { $count } more on the site
digest-reason = You get this email because you are subscribed to { $newsletter }, a newsletter from { $site }.
manage-subscription = Manage your subscription
read-on-site = Read on the site
