# The pages of the console about articles.
console-articles = Articles

# The list of articles.
articles-lede = What your feeds brought and your newsroom wrote, the newest first.
articles-empty = There is no article yet. Add a feed, or write an article of your own.
articles-none = No article matches.
articles-words = Words or id
articles-newsletter = Newsletter
articles-every = all
articles-find = Find
articles-all = Show all articles
articles-older = Older articles
articles-of-feed = Only of the feed { $feed }
article-write = Write an article
article-state-waiting = waits for an issue
article-state-in-issue = in an issue
article-state-left-out = left out
article-state-editorial = our own
article-state-edited = edited
article-state-retracted = retracted
article-waits-for = waits for { $newsletter }
article-in-issue-of = in an issue of { $newsletter }
article-left-out-of = left out of { $newsletter }

# One article.
article-edit = Edit
article-on-site = On the site
article-original = At its publisher
article-facts = About the article
article-headline = Headline
article-summary = Lede
article-summary-note = Plain text under the headline. Empty: the beginning of the text.
article-text = Text
article-text-note = In Markdown you write:
markdown-bold = bold
markdown-italic = italic
markdown-link = link
markdown-heading = heading
markdown-item = list
article-format = Written in
article-authors = Authors
article-authors-note = One name a line.
article-category = Topic
article-language = Language
article-language-note = A tag such as en, de or pt-BR. Empty: found from the text.
article-source = Source
article-source-note = Empty: the name of the site.
article-url = Address of the page it is about
article-url-note = Empty: the article has its own page on this site.
article-published = Published
article-published-note = In UTC. Empty: now.
article-arrived = Arrived
article-image = Address of its picture
article-image-note = An https address. Shown only if the site shows pictures.
article-image-alt = What the picture shows
article-image-alt-note = For people who cannot see it.
article-in-newsletters = In the newsletters
article-in-no-newsletter = It arrived for no newsletter.
article-at-place = at place { $place }
article-pin = Pin to the top of the next issue
article-correction-list = Corrections
article-corrected = corrected
article-restored = retraction undone
article-former-headline = The headline was: { $title }
article-retracted-at = This article was retracted, { $time }.
article-no-reason = Readers see no reason.
article-reason = Reason, for readers
article-retract = Retract the article
article-retract-text = Its page then says that it was retracted. Drafts are compiled again without it. If it was sent, the next issue says so.
article-change-reason = Give another reason
article-change-reason-text = The page of the article gives this reason. If the article was sent, the next issue gives it, too.
article-restore = Undo the retraction
article-restore-text = Its page is back, and issues can have it again. Readers who were informed of the retraction are informed of this, too.

# The form of an article.
article-edit-title = Edit “{ $title }”
article-write-note = When you publish it, it is on the site at once and waits for the next issue of the newsletters that you choose.
article-for-newsletters = Waits for the next issue of
article-more = More fields
article-note = What was corrected, for readers
article-note-note = If the article was sent, its page and the next issue give this note. Empty: they list the fields that changed.
article-save = Save
article-publish = Publish
article-title-missing = Write a headline.
article-text-missing = Write a text.
article-text-long = The text is longer than 200 KiB. Shorten it, or publish it in two articles.
article-field-long = This is too long. Shorten it.
article-language-wrong = Write a tag such as en, de or pt-BR.
article-url-wrong = Write an address that begins with https:// or http://.
article-image-wrong = Write an address that begins with https://.
article-published-wrong = Write a date and time such as 2026-11-23 07:30.
article-is-retracted-already = This article was published and retracted before. Write it in a new form.

# Two editors changed an article.
article-conflict-title = This article was changed meanwhile
article-conflict-feed = Its feed brought another version.
article-conflict-kept = Nothing was overwritten, and nothing you typed is lost. Fields that you left alone have the new content. Compare, then save again.
article-conflict-now = { $field }, as stored now
article-conflict-retracted = The article was retracted, so it cannot be changed. Undo the retraction on its page, then save again.
article-changed-by = { $name } changed it, { $time }
article-retracted-by = { $name } retracted it, { $time }
article-restored-by = { $name } undid the retraction, { $time }

# After an action.
notice-article-published = The article is published.
notice-article-changed = The article was changed. Drafts with it were compiled again.
notice-article-changed-sent = The article was changed. Readers have the former text; the next issue tells them of the correction.
notice-article-changed-unapproved = The article was changed. A draft with it was compiled again, and its approval was withdrawn. Approve it again.
notice-article-unchanged = Nothing changed.
notice-article-retracted = The article is retracted. Its page says so.
notice-article-retracted-sending = The article is retracted. An issue with it is being sent; pause or cancel it under Issues if it must not arrive.
notice-article-restored = The retraction is undone.
notice-article-pinned = The article comes first in the next issue.
notice-article-unpinned = The article is no longer pinned.
notice-article-not-waiting = Nothing was done, because the article no longer waits for this newsletter.
