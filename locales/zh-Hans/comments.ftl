comments-elsewhere = 评论保存在 { $host }。显示评论时，您的浏览器会连接该服务器。
comments-show = 显示评论
comments-need-script = { $host } 的评论需要 JavaScript。
