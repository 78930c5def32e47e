# The pages of the console about articles.
console-articles = 文章

# The list of articles.
articles-lede = 订阅源带来和编辑部撰写的文章，最新的在前。
articles-empty = 还没有文章。请添加订阅源，或自己写一篇。
articles-none = 没有符合条件的文章。
articles-words = 词语或编号
articles-newsletter = 简报
articles-every = 全部
articles-find = 查找
articles-all = 显示全部文章
articles-older = 更早的文章
articles-of-feed = 仅来自订阅源 { $feed }
article-write = 写文章
article-state-waiting = 等待某一期
article-state-in-issue = 已入某一期
article-state-left-out = 未采用
article-state-editorial = 自己撰写
article-state-edited = 已编辑
article-state-retracted = 已撤回
article-waits-for = 等待 { $newsletter }
article-in-issue-of = 已入 { $newsletter } 的某一期
article-left-out-of = { $newsletter } 未采用

# One article.
article-edit = 编辑
article-on-site = 网站上的页面
article-original = 原网页
article-facts = 文章信息
article-headline = 标题
article-summary = 导语
article-summary-note = 标题下的纯文本。留空则用正文开头。
article-text = 正文
article-text-note = Markdown 写法：
markdown-bold = 粗体
markdown-italic = 斜体
markdown-link = 链接
markdown-heading = 小标题
markdown-item = 列表
article-format = 书写格式
article-authors = 作者
article-authors-note = 每行一个姓名。
article-category = 主题
article-language = 语言
article-language-note = 如 en、de 或 pt-BR 的代码。留空则从正文识别。
article-source = 来源
article-source-note = 留空则用网站名称。
article-url = 所谈网页的地址
article-url-note = 留空则文章在本网站有自己的页面。
article-published = 发布时间
article-published-note = 以 UTC 计。留空则为现在。
article-arrived = 到达时间
article-image = 图片地址
article-image-note = https 地址。仅当网站显示图片时显示。
article-image-alt = 图片内容说明
article-image-alt-note = 供看不到图片的人使用。
article-in-newsletters = 在各简报中
article-in-no-newsletter = 未到达任何简报。
article-at-place = 第 { $place } 位
article-pin = 置于下一期顶部
article-correction-list = 更正
article-corrected = 已更正
article-restored = 已取消撤回
article-former-headline = 原标题：{ $title }
article-retracted-at = 此文章已撤回，{ $time }。
article-no-reason = 读者看不到原因。
article-reason = 给读者的原因
article-retract = 撤回文章
article-retract-text = 其页面会说明已撤回。草稿会去掉它重新编成。如果已发送，下一期会说明。
article-change-reason = 更改原因
article-change-reason-text = 文章页面会显示此原因。如果文章已发送，下一期也会说明。
article-restore = 取消撤回
article-restore-text = 其页面恢复，草稿可以再次采用。得知撤回的读者会得知此事。

# The form of an article.
article-edit-title = 编辑“{ $title }”
article-write-note = 发布后立即出现在网站上，并等待所选简报的下一期。
article-for-newsletters = 等待以下简报的下一期
article-more = 更多字段
article-note = 给读者的更正说明
article-note-note = 如果文章已发送，其页面和下一期会给出此说明。留空则列出更改的字段。
article-save = 保存
article-publish = 发布
article-title-missing = 请写标题。
article-text-missing = 请写正文。
article-text-long = 正文超过 200 KiB。请缩短，或分成两篇发布。
article-field-long = 太长了。请缩短。
article-language-wrong = 请写 en、de 或 pt-BR 这样的代码。
article-url-wrong = 请写以 https:// 或 http:// 开头的地址。
article-image-wrong = 请写以 https:// 开头的地址。
article-published-wrong = 请写如 2026-11-23 07:30 的日期和时间。
article-is-retracted-already = 此文章曾发布并撤回。请在新表单中撰写。

# Two editors changed an article.
article-conflict-title = 此文章在此期间已被修改
article-conflict-feed = 其订阅源带来了另一个版本。
article-conflict-kept = 没有覆盖任何内容，您输入的也没有丢失。您未动过的字段已是新内容。请比较后再次保存。
article-conflict-now = { $field }（现在存储的）
article-conflict-retracted = 文章已撤回，无法修改。请在其页面取消撤回，然后再次保存。
article-changed-by = { $name } 修改了它，{ $time }
article-retracted-by = { $name } 撤回了它，{ $time }
article-restored-by = { $name } 取消了撤回，{ $time }

# After an action.
notice-article-published = 文章已发布。
notice-article-changed = 文章已修改。含有它的草稿已重新编成。
notice-article-changed-sent = 文章已修改。读者手中是旧文；下一期会告知更正。
notice-article-changed-unapproved = 文章已修改。含有它的草稿已重新编成，批准已撤回。请再次批准。
notice-article-unchanged = 没有变化。
notice-article-retracted = 文章已撤回，其页面有说明。
notice-article-retracted-sending = 文章已撤回。含有它的一期正在发送；如果不能送达，请在“期刊”中暂停。
notice-article-restored = 已取消撤回。
notice-article-pinned = 文章将排在下一期最前。
notice-article-unpinned = 文章已取消置顶。
notice-article-not-waiting = 未做任何操作，因为文章已不再等待此简报。
