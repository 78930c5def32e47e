# The pages of the console about feeds.
console-feeds = Feeds

# The list of feeds.
feeds-lede = Where your articles come from. Feeds that cannot be read come first.
feeds-empty = No newsletter reads a feed yet. Add the address of a site that you want to read.
feeds-none = No feed matches.
feeds-text = Part of the name or address
feeds-failing = cannot be read
feeds-unused = read by no newsletter
feeds-more = More feeds
feed-articles =
    { $count ->
        [one] 1 article in 7 days
       *[other] { $count } articles in 7 days
    }
feed-read = read { $time }
feed-never-read = not read yet
feed-next = next request { $time }
feed-failing-since = since { $time }

# Why a feed cannot be read, and what to do.
feed-gone = The feed was closed by its publisher
feed-gone-advice = It is no longer fetched. Look for a new address on the publisher’s site, add that, and remove this one.
feed-missing = There is nothing at this address (404)
feed-missing-advice = Open the publisher’s site and look for the feed. If it has moved, add the new address and remove this one.
feed-refused = The server refuses to send it
feed-refused-advice = Ask the publisher whether programs may read the feed. If it needs a login, set one on the feed’s page.
feed-busy = The server has a problem
feed-busy-advice = It is tried again by itself. You need to do nothing, unless this lasts for days.
feed-unreachable = The server cannot be reached
feed-unreachable-advice = It is tried again by itself. If this lasts, check whether the address is right.
feed-not-a-feed = There is no feed at this address
feed-not-a-feed-advice = Add the address of the publisher’s page: the feed that it links is found.
feed-not-allowed = The settings do not allow this address
feed-not-allowed-advice = If it is right, ask the person who runs Daywire to add it to feeds.allow.
feed-proxy = The proxy opens no way to the server
feed-proxy-advice = All feeds are fetched through it. Ask the person who runs Daywire to check feeds.proxy.
feed-failed = It cannot be read
feed-failed-advice = It is tried again by itself. The line below says what happened.

# One feed.
feed-health = State
feed-last-request = Last request
feed-interval = Fetched every
feed-minutes =
    { $count ->
        [one] 1 minute
       *[other] { $count } minutes
    }
feed-flood = Left out
feed-flood-text =
    { $count ->
        [one] 1 entry over the limit for one fetch, { $time }
       *[other] { $count } entries over the limit for one fetch, { $time }
    }
feed-fetch = Fetch now
feed-newsletters = Read by
feed-no-newsletter = No newsletter reads this feed, so it is not fetched.
feed-read-since = since { $time }
feed-read-for = Also for
feed-add-to = Add
feed-remove = Stop reading …
feed-remove-text = { $newsletter } gets no new articles from this feed. Articles that have arrived stay, and those that wait can still be in an issue.
feed-remove-button = Stop reading it for { $newsletter }
feed-on-site = On the site
feed-is-whole = The site shows the articles of this feed whole.
feed-is-excerpt = The site shows an excerpt of each article, and links to the publisher.
feed-show-whole = Show them whole: it is ours, or the publisher agreed
feed-show-excerpts = Show excerpts
feed-text = Text of the articles
feed-text-of-feed = The text of an article is what the feed has of it.
feed-text-of-page = If an entry of the feed has only a few lines, the text is taken from the article’s page.
feed-take-page = If an entry has only a few lines, take the text from the article’s page
feed-take-feed = Take only the feed’s text
feed-text-note = The site and its search then have more than an excerpt, and the link to the publisher stays. Shown whole is the text only if you allow that for the feed. This concerns new articles.
feed-page-failed = A page was not used, { $time }:
feed-request = Login and requests
feed-user-agent = Name of the program (User-Agent)
feed-user-agent-note = For a server that answers only some programs. Empty: as for all feeds.
feed-login-name = Login name
feed-login-note = HTTP Basic. The login is sent only to the server of this feed. Empty: no login.
feed-login-password = Login password
feed-login-kept = A password is set. Leave this empty to keep it.
feed-headers = Further header fields
feed-headers-note = One a line, as “Name: value”. They are sent only to the server of this feed, and their values are not shown again. “Name:” keeps a value, and a removed line removes the field.
feed-request-save = Save
feed-request-refused = This cannot be sent: { $reason }
feed-latest = Its latest articles
feed-no-article = It has brought no article yet.

# Adding feeds.
feed-add = Add a feed
feed-needs-newsletter = A newsletter reads feeds. Create a newsletter first.
feed-by-address = By its address
feed-address = Address of the feed, or of a page that links it
feed-address-note = Such as example.org. It is read at once, so that you see whether it works.
feed-for = For the newsletter
feed-full-text = The site shows its articles whole: it is ours, or the publisher agreed.
feed-add-button = Add the feed
feed-add-anyway = Add it anyway
feed-unreadable = Nothing was added, because no feed can be read there now. Correct the address, or add it anyway: it is then tried again and again.
feed-address-refused = This address cannot be read: { $reason }
feeds-found = This page links several feeds. Which one?
feeds-from-list = From a list
feeds-from-list-text = Feed readers export their feeds as an OPML file. Choose the file or paste its content.
feeds-file = File
feeds-add-all = Add these feeds
feeds-not-a-list = This is not OPML, or it is incomplete. Export the list again, and paste all of it. Nothing was added.
feeds-imported = Added: { $added }. Read before: { $known }.
feeds-refused = These were not added:
feeds-only-site = the list has only the page { $site }; add that address above
feeds-no-address = it has no address that can be read

# After an action.
notice-feed-added = The feed is added. It is read within a moment; of older articles, only the last day’s go into the next issue.
notice-feed-known = The newsletter reads this feed already.
notice-feed-changed = The feed was changed.
notice-feed-due = The feed is read within a moment. Load the page again to see the result.
notice-feed-removed = The newsletter no longer reads the feed. Its articles stay.
