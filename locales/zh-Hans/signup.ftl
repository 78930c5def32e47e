# 订阅表单、邮件链接所打开的页面，以及读者设置。

subscribe = 订阅
check-form = 请检查表单
no-newsletter-title = 暂无电子报
no-newsletter-text = 目前还没有可以订阅的内容，请稍后再来。
newsletters-legend = 电子报
email = 电子邮箱
name = 姓名
optional = 选填
honeypot = 网站：请将此栏留空，它只供机器填写
chosen-newsletter = 电子报：
choose-others = 选择其他
form-delivery = 我们会给您发送一封带有确认链接的邮件。在您使用该链接之前，不会再收到其他邮件。
form-consent = 订阅即表示您同意接收 { $site } 的《{ $newsletter }》。您可以随时通过每期邮件中的链接退订。
form-consent-chosen = 订阅即表示您同意接收 { $site } 的所选电子报。您可以随时通过每期邮件中的链接退订。
did-you-mean = 您是指 { $domain } 吗？请更正地址，或再按一次按钮以保留原地址。
form-wrong-title = 此表单设置有误
form-wrong-happened = 其字段“{ $field }”指向一个无权使用此表单的网站页面。没有发送任何内容。
form-wrong-next = 请告知显示此表单的网站，或在我们自己的页面上订阅。
topics-of = { $newsletter }的主题
time-zone-of-newsletter = 电子报的时区
time-zone-used = 每期会按此时区的时间送达。

check-inbox-title = 请查收邮件
check-inbox-heading = 请查收邮件。
check-inbox-text = 如果此地址尚未订阅，确认链接已经发出。请打开链接，并按下按钮进行确认。
check-inbox-retry = 几分钟后仍未收到？请查看垃圾邮件文件夹，检查邮箱地址，然后<a>重试</a>。
check-inbox-captured = 本站未设置发信服务器：邮件在<a>收件箱</a>中。

prove-title = 还有一步
prove-heading = 还有一步。
prove-text = 目前有非常多的人或程序正在订阅。这一步用来阻止程序。尚未发送任何内容。
prove-working = 您的浏览器正在为您完成这一步，需要几秒钟。
prove-wrong = 答案不正确，或者提交得太晚。请再试一次。
prove-question = { $one } 加 { $other } 等于多少？

confirm-title = 请确认您的订阅
confirm-heading = 请确认您的订阅。
confirm-text = 按下按钮后，{ $site } 将向您发送：
confirm-button = 确认订阅
confirm-ignore = 如果这不是您本人的请求，请关闭此页面，您不会被订阅。
confirmed-title = 订阅成功
confirmed-heading = 订阅成功。
confirmed-text = 从下一期起，您将收到：
confirmed-leave = 每期邮件中都有退订链接。

link-fails-title = 链接无效
link-expired-heading = 此链接已过期。
link-expired-text = 确认链接{ $within }。您尚未完成订阅。
link-used-heading = 此链接已被使用。
link-used-text = 确认链接只能使用一次。它所确认的订阅后来已经结束。
link-unknown-heading = 此链接无效。
link-unknown-text = 链接可能不完整。请从邮件中重新打开，或复制完整的网址。
link-unknown-next = 如果仍然无效，请<a>重新订阅</a>以获得新的链接。

unsubscribe = 退订
unsubscribe-heading = 要退订《{ $newsletter }》吗？
unsubscribe-text = 您目前仍在订阅。按下按钮即可立即退订。
unsubscribe-instead = 想减少邮件、更换主题或暂停一段时间？请<a>管理您的订阅</a>。
unsubscribed-title = 已退订
unsubscribed-heading = 您已退订《{ $newsletter }》。
unsubscribed-text = 您不会再收到新的内容。
unsubscribed-mistake = 误操作了？<a>重新订阅</a>。

test-link-title = 此链接来自测试邮件
test-link-happened = 此链接来自一封测试邮件，不属于任何订阅，因此没有任何作用。
test-link-next = 在每位读者的邮件中，此处是其专用的链接。
bad-link-title = 此链接无效
bad-link-happened = 链接可能输入有误或不完整。没有任何更改。
bad-link-next = 请重新打开邮件，使用邮件底部的链接，或使用邮件程序的退订按钮。
not-subscribed-title = 您没有订阅
not-subscribed-happened = 您没有订阅《{ $newsletter }》。
not-subscribed-next = 如需接收，请使用本页顶部的“订阅”。
not-subscribed-closed = 它不再接受新的订阅。

settings-title = 您的《{ $newsletter }》设置
settings-saved = 已保存。更改将从下一期起生效。
settings-text = 请选择，然后保存。
topics-legend = 主题
topics-note = 全部不勾选，即可接收所有主题。
cadence-legend = 频率
cadence-every = 每一期
cadence-weekly = 每周一次，只收最重要的新闻
time-zone = 时区
time-zone-note = 例如 Asia/Shanghai 或 America/New_York。此设置适用于您从我们这里收到的所有电子报。
pause-legend = 暂停
paused-until = 已暂停：在 { $day } 之前，您不会收到任何一期。
paused-after-bounces = 已暂停：您的邮箱没有接收我们最近的邮件。当它恢复接收后，请结束暂停。
end-pause = 立即结束暂停
pause-or-until = 或暂停发送，直到
pause-until = 暂停发送，直到
pause-note = 恢复后的第一期会包含您错过的内容。
save = 保存
or-unsubscribe = 或者<a>退订</a>。

undo-leaving = 撤销
leaving-legend = 愿意告诉我们原因吗？
leaving-note = 用您自己的话说
leaving-send = 发送
leaving-thanks = 谢谢。这对编辑部很有帮助。
your-data = 您的数据
your-data-text = 任何收到您转发邮件的人都能打开此页面。因此我们会先向您的地址发送链接。
request-export = 下载我的数据
request-erasure = 删除我的数据
