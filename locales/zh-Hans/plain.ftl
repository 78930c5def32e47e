# 新闻网站的常用文字（site.voice = "plain"）。radio.ftl 含有相同的各条文字。

signup-label = { "" }
subscribe-to = 订阅 { $name }
latest = 最新消息
nothing-yet = 这里还没有内容。第一则新闻到达后会立即显示。
read-latest = 阅读最新消息
article-id = 文章 { $id }
comments-label = 评论
comments-status = { "" }
no-such-page = 这里没有页面。网址可能输入有误或不完整。
check-address = 请检查网址，或查看最新消息。
unavailable = 暂时无法访问
opening =
    { $count ->
        [0] 本期没有新的新闻，只更正以往各期的内容。
        [1] 本期共有 1 则新闻。
       *[other] 本期共有 { $count } 则新闻，按重要程度排列。
    }
opening-by-hand =
    { $count ->
        [0] 本期没有新的新闻，只更正以往各期的内容。
       *[other] 本期共有 { $count } 则新闻。
    }
also-in-issue = 本期其他内容
other-topic = 其他新闻
corrections = 更正
end-of-issue = 今天的内容就是这些。
more-stories = 更多消息
earlier-stories = 更早的消息
