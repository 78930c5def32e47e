# 电台日志的文字（site.voice = "radio"）。plain.ftl 含有相同的各条文字。

signup-label = transmission_log
subscribe-to = 订阅广播。
latest = 最新电讯
nothing-yet = 尚无播送。第一则电讯到达后会立即显示。
read-latest = 阅读最新电讯
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = 此地址没有播送任何内容。网址可能输入有误或不完整。
check-address = 请检查网址，或查看最新电讯。
unavailable = 暂时停播
opening =
    { $count ->
        [0] 本期没有新的新闻，只更正以往各期的内容。
        [1] 日志中有 1 则电讯。
       *[other] 日志中有 { $count } 则电讯，按重要程度排列。
    }
opening-by-hand =
    { $count ->
        [0] 本期没有新的新闻，只更正以往各期的内容。
       *[other] 日志中有 { $count } 则电讯。
    }
also-in-issue = 日志中的其他内容
other-topic = 其他信号
corrections = 信号更正
end-of-issue = 播送完毕。
more-stories = 更多电讯
earlier-stories = 更早的电讯
