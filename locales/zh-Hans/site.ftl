# 每个页面的框架、首页、文章和往期存档。

skip-to-content = 跳到正文
site-navigation = 网站
language-navigation = 语言
past-issues = 往期内容
inbox = 收件箱
mail-is-captured = 未设置发信服务器：邮件只保存在这里，不会送达。

time-stamp = { $date } · { $time } UTC
weekday-time = { $weekday } { $time }
labelled = { $label }：
list-separator = 、
list-end = { $names }和{ $name }

also = 另见：
more-sources = 另外 { $count } 家
other-sources = 另外 { $count } 个来源
read-at = 在 { $source } 阅读全文
article-corrections = 更正
article-sources = 来源
retracted-title = 已撤回
retracted-happened = { $id } 已于 { $date } 撤回。
retracted-reason = 撤回原因：{ $reason }
retracted-without-reason = 未说明原因。

past-issues-label = 往期内容
past-issues-of = 《{ $newsletter }》往期内容
issue-number = 第 { $number } 期
newsletter-issue = { $newsletter } 第 { $number } 期
issue-link = 第 { $number } 期
issue-sent = 发送于
issue-navigation = 各期内容
all-issues = 所有各期
newsletter-navigation = 电子报
all-newsletters = 全部
no-issue-yet = 尚未发送过任何一期。第一期发送后会立即显示在这里。
earlier-issues = 更早的各期
atom-feed = 这些内容的 Atom 订阅源
mark-corrected = 已更正
mark-retracted = 已撤回
mark-restored = 已恢复
change-corrected = 更正于
change-retracted = 撤回于
change-restored = 恢复于
report-retracted = （已撤回）

no-issue-title = 没有这一期
status-label = 状态 { $code }
no-issue-of-number = 《{ $newsletter }》没有发送过这一期。
no-archive = 这里没有以此为名并公开往期内容的电子报。
no-issue-next = 请检查网址中的期号，或浏览<a>往期内容</a>。
no-issue-next-of = 请检查网址中的期号，或浏览<a>《{ $newsletter }》的往期内容</a>。
