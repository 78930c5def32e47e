# 未设置发信服务器时，显示所截留邮件的页面。

inbox-label = 收件箱
captured-title = 截留的邮件
captured-text = 未设置发信服务器，因此所有邮件都保存在这里，不会送达。
no-message = 暂无邮件。
mail-to = 发给 { $address }
mail-bytes = { $count } 字节
field-from = 发件人
field-to = 收件人
field-captured = 收到时间
field-size = 大小
part-navigation = 邮件的各部分
part-html = HTML
part-text = 文本
part-source = 源代码
html-iframe = 邮件的 HTML 部分
iframe-links = 框架内的链接已停用。下面的列表列出了这些链接。
message-links = 此邮件中的链接
no-subject = （无主题）
no-html-part = 此邮件没有 HTML 部分。
inbox-private-title = 收件箱不公开
inbox-private-happened = 其中含有本站读者的邮件以及邮件中的链接。
inbox-private-next = 请在运行本站的机器上打开，附上运营人员的令牌，或更改设置中的 inbox.access。
