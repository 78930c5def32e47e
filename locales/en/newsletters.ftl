# The pages of the console about newsletters.
console-newsletters = Newsletters

# The list, and one newsletter.
newsletters-empty = There is no newsletter yet. Create the first: it reads feeds, and people can sign up for it.
newsletters-removed = Removed
newsletter-create = Create a newsletter
newsletter-create-button = Create
newsletter-create-note = Only the short name and the name are needed. You can change everything else later.
newsletter-edit = Change
newsletter-edit-title = Change “{ $name }”
newsletter-edit-note = A draft that is compiled keeps the rules with which it was compiled. Empty fields have their defaults.
newsletter-hidden = hidden
newsletter-shown = shown on the site
newsletter-on-demand = Sent on demand
newsletter-next = next { $time }
newsletter-readers =
    { $count ->
        [one] 1 reader
       *[other] { $count } readers
    }
newsletter-reader-count = Readers
newsletter-feeds =
    { $count ->
        [one] 1 feed
       *[other] { $count } feeds
    }
newsletter-coming = The next runs
newsletter-past = The last runs
newsletter-no-run = No run was due yet.
run-local = Local time
run-no-issue = no issue: { $day }
run-clock-skips = The clock skips this time on that day, so it goes out right after.
run-clock-repeats = The clock shows this time twice on that day.
run-claimed = being compiled
run-drafted = draft waits
run-empty = nothing to send
newsletter-facts = About the newsletter
newsletter-created = Created
newsletter-changed = Last change
newsletter-file = As a file
newsletter-file-text = The newsletter is stored in the database, and the program reads no file when it starts. Only the command “daywire newsletter apply FILE” replaces it, with every key of that file, and prints what it changes. Before you apply an older file, copy this text into it, or changes made here are lost.

# Removing one.
newsletter-remove = Remove …
newsletter-remove-title = Remove “{ $name }”?
newsletter-remove-readers =
    { $count ->
        [one] 1 subscription ends.
       *[other] { $count } subscriptions end.
    }
newsletter-remove-drafts = These drafts are cancelled:
newsletter-remove-feeds =
    { $count ->
        [one] It no longer reads 1 feed.
       *[other] It no longer reads { $count } feeds.
    }
newsletter-remove-stays = Its issues, delivery reports and consent records stay. Its short name stays taken.
newsletter-remove-refused = It cannot be removed now, because an issue is being sent or is paused.
newsletter-remove-button = Remove { $name }
newsletter-keep = Keep it
newsletter-removed-at = This newsletter was removed, { $time }. Create one with the same short name to bring it back, without readers.

# The form.
newsletter-mistakes = Nothing was saved. Correct the marked fields.
newsletter-conflict-title = This newsletter was changed meanwhile
newsletter-slug-taken = Another newsletter has this short name. Choose another one.
newsletter-identity = Name and sender
newsletter-content = Content
newsletter-ranking = Order of the stories
newsletter-slug = Short name in addresses
newsletter-slug-note = Lower-case letters, digits and hyphens, such as morning. It cannot be changed later.
newsletter-name = Name
newsletter-description = One line about it
newsletter-from = Sender
newsletter-mailbox-note = Such as Morning Wire <morning@example.org>.
newsletter-reply-to = Replies go to
newsletter-welcome = Mail after a confirmation
newsletter-welcome-note = Your text; “true” sends the built-in text. Empty: no such mail.
newsletter-help = Address for help
newsletter-public = Show it on the site and accept sign-ups
newsletter-archive = Show past issues on the site
newsletter-topics = Topics
newsletter-topics-note = One topic a line. Categories of feeds that belong to it follow: Security = infosec, Sicherheit
newsletter-schedule = Schedule
schedule-when = It is sent
schedule-none = on demand
schedule-days = on these days at a time
schedule-cron = by a cron line
schedule-days-legend = Days
schedule-time = Time
schedule-line = Cron line
schedule-line-note = Minute, hour, day, month, weekday, such as 0 7 * * MON-FRI
schedule-show = Show the next runs
schedule-without-day = Choose at least one day.
schedule-without-time = Choose a time such as 07:00.
day-monday = Monday
day-tuesday = Tuesday
day-wednesday = Wednesday
day-thursday = Thursday
day-friday = Friday
day-saturday = Saturday
day-sunday = Sunday
newsletter-timezone = Time zone
newsletter-skip = Days without an issue
newsletter-skip-note = One a line: sat, 12-25 (every year), or 2026-12-25.
newsletter-local-time = Each reader gets it at that hour on their own clock
newsletter-weekly-day = Weekly digests go out from
newsletter-lead-time = How long before that the draft is compiled
newsletter-lead-note = Such as 45m or 2h: the time that you have to read and change the draft. 0s: none.
newsletter-approval = Before it is sent
newsletter-approval-auto = nobody needs to approve it
newsletter-approval-required = a person must approve it
newsletter-grace = A missed issue is still sent for
newsletter-expire-after = A delivery is given up after
newsletter-span-note = A duration such as 45m, 12h or 7days.
newsletter-subject-note = These words are replaced: { "{" }lead{ "}" }, { "{" }date{ "}" }, { "{" }count{ "}" }, { "{" }newsletter{ "}" }, { "{" }number{ "}" }.
newsletter-lines-note = One a line.
newsletter-numbers-note = A name and a number a line, such as Security = 2
newsletter-min-stories = Fewest stories in an issue
newsletter-max-stories = Most stories in an issue
newsletter-top-stories = Stories that stand first, by score
newsletter-story-note = Say how many sources report a story, and since when
newsletter-include-topics = Only articles of these topics
newsletter-include-sources = Only articles of these sources
newsletter-include-words = Only articles with these words
newsletter-exclude-topics = No articles of these topics
newsletter-exclude-sources = No articles of these sources
newsletter-exclude-words = No articles with these words
newsletter-caps-per-topic = Most stories of any topic
newsletter-caps-per-source = Most stories led by any source
newsletter-caps-topics = Most stories of single topics
newsletter-caps-sources = Most stories led by single sources
newsletter-ranking-sources = Factor for the number of sources
newsletter-ranking-source = Factor for the best source
newsletter-ranking-freshness = Factor for freshness
newsletter-ranking-topic = Factor for the topic
newsletter-ranking-novelty = Points that a story loses if readers know it
newsletter-ranking-half-life = A story is half as fresh after
newsletter-ranking-memory = A sent story counts as known for
newsletter-ranking-source-weights = Weights of sources
newsletter-ranking-topic-weights = Weights of topics

# After an action.
notice-newsletter-created = The newsletter is created. Add feeds next.
notice-newsletter-changed = The newsletter was changed.
notice-newsletter-restored = The newsletter is back. It has no readers.
notice-newsletter-removed = The newsletter is removed.
