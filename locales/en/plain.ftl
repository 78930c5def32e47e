# The usual words of a news site (site.voice = "plain"). radio.ftl has the same messages.

# The label above the sign-up form and the pages about subscriptions. Empty: there is none.
signup-label = { "" }
# The heading of the sign-up form. $name is the newsletter's, or the site's if there are several.
subscribe-to = Subscribe to { $name }
latest = Latest stories
nothing-yet = Nothing here yet. The first story appears as soon as it arrives.
read-latest = Read the latest stories
article-id = Article { $id }
comments-label = Comments
# Stands where the comments would be, if there are none. Empty: nothing does.
comments-status = { "" }
no-such-page = There’s no page here. The address may be mistyped or cut off.
check-address = Check the address, or go to the latest stories.
unavailable = Unavailable for a moment
# The first sentence of a digest whose stories are ordered by importance.
opening =
    { $count ->
        [0] There are no new stories in this issue. It corrects what earlier issues said.
        [one] In this issue: 1 story.
       *[other] In this issue: { $count } stories, the most important first.
    }
# The first sentence of a digest whose stories an editor ordered.
opening-by-hand =
    { $count ->
        [0] There are no new stories in this issue. It corrects what earlier issues said.
        [one] In this issue: 1 story.
       *[other] In this issue: { $count } stories.
    }
also-in-issue = Also in this issue
# The heading of the stories without a topic, after those with one.
other-topic = Other news
corrections = Corrections
end-of-issue = That’s all for today.
# The heading of the stories that belong to no section of the front page.
more-stories = More stories
# The link to the next page of the latest stories.
earlier-stories = Earlier stories
