# 发给读者的邮件：确认邮件、订阅通知和电子报。

confirm-mail-subject = 请确认订阅：{ $newsletters }
confirm-mail-request = 有人（很可能是您本人）请求 { $site } 向此地址发送 { $newsletters }。您确认之后，我们才会开始发送。
confirm-mail-button = 打开确认页面
confirm-mail-open = 如果按钮无法使用，请打开此网址：
confirm-mail-open-text = 如需确认，请打开此网址，并按下页面上的按钮：
confirm-mail-valid = 此链接只能使用一次，{ $within }。它会打开一个带有按钮的页面，在您按下按钮之前不会发生任何事情。
confirm-mail-valid-text = 此链接只能使用一次，{ $within }。在您按下其页面上的按钮之前，不会发生任何事情。
within-minutes = { $count } 分钟内有效
within-hours = { $count } 小时内有效
within-days = { $count } 天内有效
confirm-mail-ignore = 如果这不是您本人的请求，请忽略此邮件。没有您的确认，您不会被订阅。
confirm-mail-sent-by = 由于有人登记了此地址，<a>{ $site }</a> 自动发送了这封邮件。
imported-mail-request = 您的地址在 { $site } 从其他系统迁入的读者名单中。这里没有您同意接收 { $newsletters } 的记录，因此我们只询问您这一次。只有在您确认之后，我们才会开始发送。
imported-mail-ignore = 如果您不想接收，请忽略此邮件。您不会被订阅，我们也不会再次询问。
imported-mail-sent-by = 由于此地址在我们从其他系统迁入的名单中，<a>{ $site }</a> 自动发送了这封邮件。

already-subscribed-subject = 您已经订阅了 { $newsletters }
already-subscribed-opening = 有人（很可能是您本人）请求 { $site } 向此地址发送 { $newsletters }。您已经订阅，因此无需确认。
already-subscribed-paused = 目前处于暂停状态。如需结束暂停，请更改设置。
already-subscribed-closing = 如果这不是您本人的请求，无需任何操作：您的订阅保持不变。
change-preferences = 更改设置
subscription-mail-sent-by = 由于此地址已订阅，<a>{ $site }</a> 自动发送了这封邮件。
requested-mail-sent-by = 由于有人在我们的网站上提出请求，<a>{ $site }</a> 自动发送了这封邮件。
former-address-mail-sent-by = 由于此前电子报一直发送到此地址，<a>{ $site }</a> 自动发送了这封邮件。

changed-subject = 您的《{ $newsletter }》设置已更改
changed-subject-paused = 《{ $newsletter }》已暂停至 { $day }
changed-subject-resumed = 《{ $newsletter }》已恢复发送
changed-opening = 有人（很可能是您本人）使用您邮件中的链接更改了设置。目前的设置如下。
changed-closing = 如果这不是您本人的操作，说明有人得到了您的邮件。请打开上面的链接，结束暂停，或请求获取通往您订阅的链接。转发邮件前，请删去底部的链接。
now-paused-until = 在 { $day } 之前，我们不会向您发送任何内容。
now-paused-after-bounces = 由于您的邮箱没有接收我们的邮件，订阅已暂停。下面的链接可以结束暂停。
now-every-issue = 您会收到每一期。
now-weekly = 您每周收到一期。
now-all-topics = 您会收到所有主题。
now-topics = 您会收到这些主题：{ $topics }。
now-time-zone = 您的时区是 { $zone }。
now-language = 我们发给您的邮件使用：{ $language }。

view-in-browser = 在浏览器中查看
corrections-subject = { $newsletter }：{ $count } 则更正
best-of-week-issue = 本周精选，来自第 { $number } 期。
best-of-week = 本周精选，来自第 { $first } 期至第 { $last } 期。
missed-issue = 您错过的内容：第 { $number } 期精选。
missed-issues = 您错过的内容：第 { $first } 期至第 { $last } 期精选。
story-published = 发布于 { $time }
story-reached-us = { $time } 收到
story-sources = { $count } 个来源，最早于 { $time } 收到
more-on-site = 网站上还有 { $count } 则
digest-reason = 您收到这封邮件，是因为您订阅了 { $site } 的电子报《{ $newsletter }》。
manage-subscription = 管理订阅
read-on-site = 在网站上阅读
