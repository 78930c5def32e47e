# The frame of the console for operators, and its first page.
console = 控制台
console-navigation = 控制台页面
console-today = 今天
console-empty = 目前没有需要您处理的事项。
console-account = 您的账户
sign-out = 退出登录（{ $name }）
role-owner = 所有者
role-publisher = 发行人
role-editor = 编辑
role-analyst = 分析员
not-permitted-title = 您的角色无权执行此操作
not-permitted-happened = 您登录的角色是“{ $role }”。没有任何更改。
not-permitted-next = 请让网站所有者来执行，或更改您的角色。
needs-https-title = 控制台需要 HTTPS
needs-https-happened = site.url 以 http:// 开头且不在本机，网络上的其他人可能读到密码。
needs-https-next = 请将 site.url 设为以 https:// 开头的地址。

# A form that was sent after the session had ended.
session-ended-title = 您已退出登录
session-ended-text = 表单打开期间会话已结束。没有保存任何内容。
session-ended-sign-in = 登录（在新窗口中）
session-ended-resend = 再次发送表单
session-ended-kept = 您输入的内容保留在此页面。请登录后按下按钮。
session-ended-back = 请登录，然后在浏览器中返回并重新发送表单。
console-operators = 操作员
console-audit = 审计日志
console-tokens = API 令牌
console-help = 帮助

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = 文档
docs-navigation = 文档页面
