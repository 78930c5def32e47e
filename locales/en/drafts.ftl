# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = Drafts
console-issues = Issues
state-draft = draft
state-approved = approved
state-sending = being sent
state-paused = paused
state-sent = sent
state-skipped = skipped
state-cancelled = cancelled
delivery-queued = waiting
delivery-sending = being sent
delivery-accepted = accepted
delivery-deferred = deferred
delivery-rejected = rejected
delivery-suppressed = suppressed
delivery-expired = expired
delivery-in-doubt = in doubt

# The list of drafts.
drafts-lede = Issues that are compiled and not sent yet.
drafts-empty = No draft waits. A newsletter with a schedule compiles its draft before it is due; you can also compile one now.
drafts-build = Compile a draft now
drafts-build-note = From the articles that wait for the newsletter.
drafts-nothing = There is nothing to send in { $newsletter }:
draft-name = { $newsletter }, issue { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = goes out { $time }
draft-was-due = was due { $time }
draft-on-demand = goes out when somebody sends it
draft-waits-for-approval = waits for approval

# A draft.
draft-approve = Approve
draft-withdraw = Withdraw the approval
draft-send = Send now …
draft-cancel = Cancel the issue
draft-readers = Readers and editions
draft-publisher-approves = A publisher or an owner approves it. Until then it is not sent.
draft-checks = Checks
draft-checks-passed = The checks found nothing. The issue can go out.
finding-blocks = stops the issue
finding-warns = warning
finding-size = The message is too large
finding-headers = A header is missing or wrong
finding-unsubscribe = Readers cannot unsubscribe everywhere
finding-https = The unsubscribe link is not secure
finding-text = The text version lacks something
finding-links = A link is wrong
finding-images = A picture lacks its size or its description
finding-contrast = Some text is hard to read
finding-subject = The subject is missing or too long
finding-postal-address = The postal address is missing
finding-document = The language or the title is missing
finding-hidden-text = Some text is hidden
finding-support = Some mail programs cannot show everything
draft-stories =
    { $count ->
        [one] 1 story in the issue
       *[other] { $count } stories in the issue
    }
draft-left-out = Left out
draft-show-all =
    { $count ->
        [one] Show 1 more
       *[other] Show { $count } more
    }
story-drag = Drag the story to another place
story-up = Up
story-down = Down
story-pin = Pin
story-unpin = Unpin
story-pinned = pinned
story-put-in = Put in
story-more = Change
story-score = score { $score }
story-headline = Headline
story-headline-note = Leave it empty for the article’s own headline.
story-change-headline = Save the headline
story-place = Place
story-place-wrong = Write a place from 1 to { $count }.
story-move = Move
story-because = Why it is left out
story-drop = Leave out
story-join-with = Put into the story
story-join = Join
story-split = Make it a story of its own
story-split-note = These articles are one story.
story-unknown = The draft has no such story any more. Look at it again.
draft-texts = Subject and introduction
draft-subject = Subject
draft-subject-note = Leave it empty for the newsletter’s own subject. These words are replaced:
draft-subject-wrong = This subject cannot be used: { $reason }
slot-lead = the first headline
slot-date = the date of the issue
slot-count = the number of stories
slot-newsletter = the name of the newsletter
slot-number = the number of the issue
draft-intro = Introduction
draft-intro-note = A short text before the stories.
draft-save-texts = Save
draft-reset = Undo all changes
draft-reset-note = Order, headlines, subject and introduction become again as they were compiled.
draft-would-be-empty = No story would be left. Cancel the issue instead.
draft-test-send = Send a test
draft-test-to = Email for the test
draft-test-waits = { $to }: waits to be sent
draft-test-retried = { $to }: is tried again, because { $reply }
draft-test-accepted = { $to }: sent { $time }
draft-test-failed = { $to }: not sent, because { $reply }
draft-test-interrupted = { $outcome }. The program ended while it was sending this test. It was queued again at { $time }, so it may arrive twice.
draft-preview = Preview
preview-phone = On a phone
preview-desktop = On a desktop
preview-text = As text
draft-back = Back to the draft
notice-draft-built = The draft is compiled.
notice-draft-changed = The draft was changed.
notice-draft-approved = The issue is approved. A change withdraws the approval.
notice-approval-withdrawn = The approval was withdrawn.
notice-draft-cancelled = The issue was cancelled. Its articles wait for the next one.
notice-test-queued = The test is on its way. Load the page again to see what became of it.

# Two operators changed a draft.
conflict-title = Somebody changed this draft meanwhile
conflict-by-program = An article in it was corrected, or the schedule changed it.
conflict-kept = Nothing was overwritten. Look at the draft as it is now, then decide about what you wanted to do:
conflict-again = Do it now: { $action }
conflict-gone = The issue cannot be changed any more. Its state is: { $state }.
draft-changed-by = { $name } changed it, { $time }
draft-approved-by = { $name } approved it, { $time }
draft-withdrawn-by = { $name } withdrew the approval, { $time }
draft-sent-by = { $name } sent it, { $time }
draft-cancelled-by = { $name } cancelled it, { $time }

# The question before an issue is sent or cancelled.
send-title = Send { $issue } now?
send-readers =
    { $count ->
        [one] 1 reader gets it.
       *[other] { $count } readers get it.
    }
send-weekly =
    { $count ->
        [one] 1 of them gets the weekly edition.
       *[other] { $count } of them get the weekly edition.
    }
send-not-mailed = Not mailed:
send-instead-of = It would go out by itself { $time }.
send-button =
    { $count ->
        [one] Send to 1 reader
       *[other] Send to { $count } readers
    }
send-needs-approval = The issue waits for approval. Read it, approve it, then send it.
send-no-reader = Nobody would get it. The issue stays as it is and keeps its articles.
send-blocked = Nothing was sent. The checks stop the issue: { $reason }
cancel-title = Cancel { $issue }?
cancel-text = Nothing of it is sent. Its articles wait for the next issue.
editions-none = Every reader gets the same issue.
edition-unapproved = not approved: its readers get the whole issue

# Issues that were sent.
issues-empty = No issue was sent yet.
issues-older = Older issues
issue-recipients =
    { $count ->
        [one] 1 recipient
       *[other] { $count } recipients
    }
issue-started = started { $time }
issue-finished = ended { $time }
issue-progress = { $done } of { $total } done
issue-live = The numbers update by themselves.
issue-reload = Load again
issue-in-archive = The issue as readers see it
issue-pause = Pause
issue-resume = Resume
issue-settle-accepted = They arrived
issue-settle-resend = Send them again
issue-pause-text = Messages that are on their way are finished, and no other is sent. You can resume the issue later.
issue-resume-text = The messages that are left are sent.
issue-cancel-text = The messages that are left are not sent. This cannot be undone.
issue-settle-accepted-text = The messages in doubt count as accepted. Nothing more is sent to these readers.
issue-settle-resend-text = The messages in doubt are sent again with the same Message-ID. Some readers may get the issue twice.
issue-in-doubt =
    { $count ->
        [one] 1 message is in doubt
       *[other] { $count } messages are in doubt
    }
issue-in-doubt-text = The connection to the relay broke while the relay took these messages. It may or may not have accepted them. Look into the relay’s log, then decide.
issue-back = Back to the issue
issue-proof = Delivery report
report-came-back = What came back
report-hard-bounces = hard bounces
report-soft-bounces = soft bounces
report-other-bounces = other bounces
report-complaints = complaints
report-domains = By recipient domain
report-domain = domain
report-editions = Editions
report-state = state
report-reason = reason
report-deliveries = messages
report-sum = sum
report-adds-up = every recipient is counted once
report-differs = the issue had another number of recipients when it started
proof-balanced =
    { $count ->
        [one] The report adds up: 1 recipient, in one state, with a reason.
       *[other] The report adds up: { $count } recipients, each in one state, with a reason.
    }
proof-unbalanced = The report does not add up: { $counted } recipients are counted, but the issue had { $frozen } when it started.
notice-sending-started = The issue is being sent.
notice-issue-paused = The issue is paused.
notice-issue-resumed = The issue is being sent again.
notice-issue-cancelled = The issue was cancelled.
notice-issue-settled = It was decided about the messages in doubt.
notice-issue-state-changed = Nothing was done, because the issue is in another state by now.

# What needs an operator today.
today-needs = What needs you
today-next = What runs next
today-last = The last issue
today-no-newsletter = There is no newsletter yet. Publishers and owners create one under Newsletters.
today-no-schedule = No newsletter has a schedule. Compile a draft and send it yourself.
today-numbers = { $accepted } accepted, { $rejected } rejected, { $open } left
need-relay = The relay accepts no mail
need-paused = { $issue } is paused
need-in-doubt =
    { $count ->
        [one] 1 message of { $issue } is in doubt
       *[other] { $count } messages of { $issue } are in doubt
    }
need-feeds =
    { $count ->
        [one] 1 feed fails
       *[other] { $count } feeds fail
    }
need-comments =
    { $count ->
        [one] 1 comment waits for you
       *[other] { $count } comments wait for you
    }
need-alerts =
    { $count ->
        [one] 1 limit of bounces or complaints is reached
       *[other] { $count } limits of bounces or complaints are reached
    }
