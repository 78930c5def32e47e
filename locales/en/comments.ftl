# Comments on articles, which the program itself or another server keeps (comments.provider).

comments-none-yet = No comments yet.
# $host is the server that keeps the comments.
comments-elsewhere = The comments are kept by { $host }. Showing them connects your browser to that server.
comments-show = Show comments
# Shown in a browser without scripts. $host is the server that keeps the comments.
comments-need-script = The comments of { $host } need JavaScript.
comment-invitation = Subscribers can comment. Type the address to which you get our newsletter, and we’ll email you a link.
comment-request-link = Email me a link
# The same for every address.
comment-link-sent = If this address gets one of our newsletters, a link is on its way. Open it to write your comment.
back-to-article = Back to the article
# The label of a button beside a comment.
comment-report = Report
# The same for screen readers. $name is the name under the comment.
comment-report-of = Report the comment by { $name }
comment-reported-title = Thank you for the report
comment-reported-text = An editor will look at the comment.
# The page where a reader comments.
comment-title = Write a comment
comment-own = Your comments on this article
comment-held = Waits for an editor
comment-approved = Published
comment-rejected = Not published
comment-delete = Delete
comment-rules = An editor reads each comment before it is published with your name. Plain text only; links are not made clickable.
comment-name = Name, shown with the comment
comment-text = Comment
comment-send = Send comment
# Problems with what was typed.
comment-name-problem = Write a name of at most { $count } characters, without a web address.
comment-empty = The comment is empty. Write something first.
comment-too-long = The comment is too long. It may have at most { $count } characters and 200 lines.
comment-go-back = Go back and try again.
comment-too-many-text = There were too many requests or comments within an hour. Nothing was changed.
comment-too-many-held = { $count } of your comments wait for an editor, so this one was not stored.
comment-held-next = Copy your text, and write again once an editor has decided about some of them.
# Links that do not work.
comment-link-expired-title = This link has expired
comment-link-expired-text = Links for commenting have to be used { $within }. Nothing was changed.
comment-link-next = To get a new link, open the article and type your address below it.
comment-not-sent = Your comment was not sent. Copy it before you leave this page.
comment-not-subscribed-title = Only subscribers can comment
comment-not-subscribed-text = The address of this link gets none of our newsletters any more.
comment-not-subscribed-next = Subscribe again, then ask for a new link below the article.
# The mail with the link. $site is the name of the site.
comment-mail-subject = Your link to comment at { $site }
# $headline is the article’s, $time when the link stops working.
comment-mail-opening = Someone, most likely you, asked to comment on “{ $headline }”. The link below opens the form. It works until { $time }.
comment-mail-link = Write a comment
comment-mail-closing = If it wasn’t you, do nothing: nobody can comment without this email. Don’t pass it on, because anyone who has the link can comment in your name.
