# The sign-up form, the pages behind the links of mails, and a reader's settings.

subscribe = Subscribe
check-form = Please check the form
no-newsletter-title = No newsletter yet
no-newsletter-text = There is nothing to subscribe to yet. Please come back later.
newsletters-legend = Newsletters
email = Email
name = Name
optional = optional
# A field that people do not see.
honeypot = Website: leave this empty, it is for machines only
# Stands before the names of the newsletters that the form is for.
chosen-newsletter = Newsletter:
choose-others = Choose others
form-delivery = We’ll email you a link to confirm. You won’t get anything else until you use it.
form-consent = By subscribing, you agree to receive { $newsletter } from { $site }. Unsubscribe at any time with the link in every issue.
form-consent-chosen = By subscribing, you agree to receive the newsletters you chose from { $site }. Unsubscribe at any time with the link in every issue.
# $domain is that of a large mail provider, which the typed one resembles.
did-you-mean = Did you mean { $domain }? Correct the address, or press the button again to keep it.
# A form on another site.
form-wrong-title = This form is not set up right
form-wrong-happened = Its field “{ $field }” names a page of a site that may not use this form. Nothing was sent.
form-wrong-next = Please tell the site that showed you the form, or subscribe on our own page.
topics-of = Topics of { $newsletter }
time-zone-of-newsletter = The newsletter’s time zone
time-zone-used = Each issue arrives at its hour in this time zone.

check-inbox-title = Check your inbox
check-inbox-heading = Check your inbox.
check-inbox-text = If this address isn’t subscribed yet, a confirmation link is on its way. Open the link and press the button to confirm.
check-inbox-retry = Nothing there after a few minutes? Look in your spam folder, then check the address and <a>try again</a>.
check-inbox-captured = This site runs without a relay: the email is in the <a>inbox</a>.

prove-title = One more step
prove-heading = One more step.
prove-text = Many sign-ups are arriving at the moment, some perhaps from programs. This step keeps programs out. Nothing has been sent yet.
prove-working = Your browser is doing this step for you. It takes a few seconds.
prove-wrong = That answer is wrong, or it came too late. Please try once more.
prove-question = How much is { $one } plus { $other }?

confirm-title = Confirm your subscription
confirm-heading = Confirm your subscription.
# The names of the newsletters follow, one a line.
confirm-text = Press the button and { $site } will send you:
confirm-button = Confirm subscription
confirm-ignore = If you didn’t ask for this, close this page and you won’t be subscribed.
confirmed-title = Subscribed
confirmed-heading = You’re subscribed.
# The names of the newsletters follow, one a line.
confirmed-text = From the next issue on, you get:
confirmed-leave = Every issue has a link to unsubscribe.

link-fails-title = Link doesn’t work
link-expired-heading = This link has expired.
link-expired-text = Confirmation links have to be used { $within }. You aren’t subscribed yet.
link-used-heading = This link has already been used.
link-used-text = A confirmation link works once. The subscription that it confirmed has ended since.
link-unknown-heading = This link doesn’t work.
link-unknown-text = Part of it may be missing. Open it again from the email, or copy the whole address.
link-unknown-next = If that doesn’t help, <a>sign up again</a> to get a new one.

unsubscribe = Unsubscribe
unsubscribe-heading = Unsubscribe from { $newsletter }?
unsubscribe-text = You’re still subscribed. Press the button to unsubscribe right away.
unsubscribe-instead = Prefer fewer issues, other topics or a pause? <a>Manage your subscription</a>.
unsubscribed-title = Unsubscribed
unsubscribed-heading = You have unsubscribed from { $newsletter }.
unsubscribed-text = You won’t get any more issues.
unsubscribed-mistake = Was it a mistake? <a>Subscribe again</a>.

test-link-title = This link is from a test
test-link-happened = This link is from a test email. It belongs to no subscription, so it does nothing.
test-link-next = Every reader’s email has a link of their own in this place.
bad-link-title = This link doesn’t work
bad-link-happened = It may be mistyped or cut off. Nothing was changed.
bad-link-next = Open the email again and use the link at its foot, or your mail program’s unsubscribe button.
not-subscribed-title = You aren’t subscribed
not-subscribed-happened = You aren’t subscribed to { $newsletter }.
not-subscribed-next = To get it, use Subscribe at the top of this page.
not-subscribed-closed = It takes no new subscribers.

settings-title = Your { $newsletter } settings
settings-saved = Saved. This takes effect with the next issue.
settings-text = Make your choices, then save.
topics-legend = Topics
topics-note = Leave all boxes empty to get every topic.
cadence-legend = How often
cadence-every = Every issue
cadence-weekly = Once a week, only the best stories
time-zone = Time zone
time-zone-note = Such as Europe/Berlin or America/New_York. This applies to every newsletter you get from us.
pause-legend = Pause
paused-until = Paused: you won’t get any issue until { $day }.
paused-after-bounces = Paused: your mailbox refused our last emails. End the pause once it accepts email again.
end-pause = End the pause now
# Stands before a date field, if a pause is running.
pause-or-until = Or send nothing until
# Stands before a date field.
pause-until = Send nothing until
pause-note = Your first issue back includes what you missed.
save = Save
or-unsubscribe = Or <a>unsubscribe</a>.

undo-leaving = Undo
leaving-legend = Would you tell us why?
leaving-note = In your own words
leaving-send = Send
leaving-thanks = Thank you. This helps the newsroom.
your-data = Your data
your-data-text = Anyone to whom you forward our emails can open this page. So we first send a link to your address.
request-export = Download my data
request-erasure = Erase my data
