# The layout of every page, the front page, articles and the archive.

skip-to-content = Skip to content
site-navigation = Site
language-navigation = Languages
past-issues = Past issues
# The same in the navigation, whose links stand on one line on a phone of 360 pixels in every language.
past-issues-short = Past issues
inbox = Inbox
mail-is-captured = No relay is set: mail is captured here, not delivered.

# A time. $date is such as “23 Nov 2025”, $time such as “07:09 CET”.
time-stamp = { $date } · { $time }
# A time of another day. $weekday is such as “Mon”, $time such as “07:09 CET”.
weekday-time = { $weekday } { $time }
# A label before a value or an address.
labelled = { $label }:
# Between the names of a list.
list-separator = { ", " }
# The end of a list. $names are all names but the last, $name is the last.
list-end = { $names } and { $name }

# Stands before the names of further sources.
also = also:
# How many sources there are after those that are named.
more-sources = { $count } more
# How many further sources there are, if none of them is named.
other-sources =
    { $count ->
        [one] 1 other
       *[other] { $count } others
    }
read-at = Read at { $source }
article-corrections = Corrections
article-sources = Sources
retracted-title = Retracted
# $id is the id of the article, such as TX_080089.
retracted-happened = { $id } was retracted on { $date }.
retracted-reason = The reason given: { $reason }
retracted-without-reason = No reason was given.

past-issues-label = past issues
past-issues-of = Past issues of { $newsletter }
# What search engines and previews show below the title of the page.
past-issues-description = Past issues of the newsletters of { $site }
issue-number = issue { $number }
newsletter-issue = { $newsletter }, issue { $number }
issue-link = Issue { $number }
issue-navigation = Issues
all-issues = All issues
edition-note = This edition is for readers who chose topics, a language or one email a week.
whole-issue = Read the full issue
edition-expired = Links to editions work for a year.
edition-expired-next = You can read every issue among the past issues.
newsletter-navigation = Newsletters
all-newsletters = All
no-issue-yet = No issue has been sent yet. The first one appears here as soon as it is sent.
earlier-issues = Earlier issues
atom-feed = Atom feed of these issues
# Marks beside headlines.
mark-corrected = corrected
mark-retracted = retracted
mark-restored = restored
# These stand before the date of the change.
change-corrected = Corrected
change-retracted = Retracted
change-restored = Restored
# A correction without a note of its own names what was changed.
corrected-fields = Changed: { $fields }
corrected-headline = the headline
corrected-address = the address
corrected-summary = the summary
corrected-text = the text
corrected-authors = the authors
corrected-category = the category
corrected-language = the language
corrected-source = the source
corrected-date = the date
corrected-picture = the picture
# Stands after the name of a source whose report was retracted.
report-retracted = (retracted)

no-issue-title = No such issue
no-issue-of-number = { $newsletter } has sent no issue of that number.
no-archive = No newsletter of that name shows its past issues here.
no-issue-next = Check the number in the address, or look through <a>the past issues</a>.
no-issue-next-of = Check the number in the address, or look through <a>the past issues of { $newsletter }</a>.
search = Search
search-for = Search for
# What search engines and previews show below the title of the page.
search-description = Search the articles and past issues of { $site }
search-nothing = Nothing found. Try fewer or other words.
# How many articles and issues a search found.
search-count =
    { $count ->
        [one] 1 result
       *[other] { $count } results
    }
# $count is the most results that are shown, such as 200.
search-best = The best { $count } results
page-navigation = Pages
previous-page = Previous page
next-page = Next page
newer-story = Newer story
earlier-story = Earlier story
footer-navigation = More about this site
topic-navigation = Topics
# The short link to the front page.
front-page = Latest
more-on = More on { $topic }
# Stands before or above the names of further sources.
also-reported = Also reported by
by-authors = By { $authors }
read-issue = Read the issue
# $time is a date and time.
next-issue-at = Next issue: { $time }
latest-issue = Latest issue
share-by-mail = Share by email
site-feed = Atom feed
