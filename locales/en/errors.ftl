# What went wrong: pages of failed requests, and problems with the fields of a form.

error-label = Error { $code }
error-request-id = Request id: { $id }
bad-request-title = Not understood
bad-request-happened = Part of the address, or of what was sent to it, is missing or not UTF-8. Nothing was changed.
other-site-title = Sent from another site
other-site-happened = A page of another site sent this form. That site may not use it. Nothing was changed.
other-site-next = Open the form on this site, and send it from there.
not-found-title = No such page
wrong-method-title = That doesn’t work here
wrong-method-happened = This address does not accept that kind of request. Nothing was changed.
wrong-method-next = Open the address in a browser, or use the button on its page.
too-slow-title = Too slow
too-slow-happened = Your request did not arrive completely within a minute. Nothing was changed.
too-slow-next = Try again over a better connection.
too-large-title = Too large
too-large-happened = Your request is larger than this address accepts. Nothing was changed.
too-large-next = Send less: a form or document may have at most 64 KiB.
wrong-format-title = Wrong format
wrong-format-happened = This address does not accept that content type. Nothing was changed.
wrong-format-next = Send a form as application/x-www-form-urlencoded, or JSON to the API.
unavailable-happened = The service is overloaded, or cannot reach its database. Nothing was changed.
unavailable-next = Try again in a minute.
too-many-requests-title = Too many requests
too-many-lost-links-happened = Too many requests for links came from your network. Nothing was sent.
too-many-title = Too many sign-ups
too-many-happened = There were too many sign-ups from your network. Nothing was changed.
too-many-next = Please try again later.
broken-title = Something broke
broken-happened = We couldn’t show this page. The fault is ours, and our log has it.
broken-next = Try again in a minute. If it happens again, please tell us.

# Problems with the address that was typed.
address-empty = The address is empty; type one such as name@example.org.
address-without-at = The address has no @ sign; type it in full, such as name@example.org.
address-several-ats = The address has more than one @ sign; type a single address.
address-with-name = Type only the address, without a name and without < and >.
address-control = The address contains a line break or another control character; type it by hand.
address-space = The address contains a space; remove it.
address-comment = The address contains a comment in parentheses; remove it.
address-invisible = The address contains an invisible character; type it by hand instead of pasting it.
address-local-empty = The part before the @ sign is missing.
address-local-too-long = The part before the @ sign is too long; it may have at most 64 bytes.
address-local-dots = The part before the @ sign cannot begin or end with a dot or have two dots in a row.
# $character is such as “(” or “U+00AD”.
address-local-character = The part before the @ sign cannot contain the character { $character }.
address-local-quotes = Quotes must be closed and enclose everything before the @ sign.
address-domain-empty = The part after the @ sign is missing.
address-domain-literal = The part after the @ sign must be a domain name, not an IP address.
address-domain-without-dot = The part after the @ sign is incomplete; it needs a dot, such as example.org.
address-domain-dots = The part after the @ sign cannot begin or end with a dot or have two dots in a row.
address-domain-number = The part after the @ sign cannot end in a number.
address-domain-tld = What follows the last dot is not a top-level domain; it has letters only, such as .org.
address-domain-too-long = The part after the @ sign is too long; it may have at most 253 characters, and at most 63 between two dots.
address-domain-invalid = The part after the @ sign is not a valid domain name; check it for typing errors.
address-too-long = The address is too long; it may have at most 254 bytes.

# Problems with other fields.
newsletter-unknown = There is no newsletter “{ $slug }”; the sign-up page lists them.
newsletter-none-chosen = Choose at least one newsletter.
newsletter-none = There is no newsletter to subscribe to yet.
name-invalid = That is not a name; write at most 100 characters and no web address.
topic-unknown = “{ $topic }” is not a topic of this newsletter; its topics are: { $topics }.
topic-none-offered = “{ $topic }” is not a topic of this newsletter; there are no topics to choose from yet. Choose none to get all stories.
topics-too-many = These are too many topics; choose at most { $count }, or none for all stories.
cadence-unknown = Choose “Every issue” or “Once a week”.
time-zone-unknown = “{ $zone }” is not a known time zone. Write one such as Europe/Berlin, or leave the field empty.
pause-day-and-end = Choose a day or end the pause, not both.
# $day is what was typed.
pause-day-unknown = “{ $day }” is not a date. Write one such as 2027-01-31, or leave the field empty.
pause-day-begun = { $day } has begun already; choose a later day.
pause-day-impossible = A pause cannot end on { $day }; choose another day.
pause-too-long = A pause lasts at most a year; choose a day up to { $day }.
pause-not-possible = Only a confirmed subscription can be paused.
pause-not-running = The subscription is not paused.
# $reason is one of the sentences above.
nothing-saved = Nothing was saved. Please check the marked fields.
