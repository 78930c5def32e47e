# The page of the console about webhooks.
console-webhooks = Webhook
webhooks-lede = 其他程序可以接收本站的事件：读者确认了订阅、一期已发送、邮件被退回。每条消息都有签名，并包含读者的邮箱地址。
webhooks-none = 还没有程序接收事件。
webhook-counts = 等待：{ $waiting } · 已送达：{ $delivered } · 失败：{ $failed }
webhook-enabled = 正在接收事件
webhook-disabled-since = 自 { $time } 起停用
webhook-failing-since = 自 { $time } 起一直失败
webhook-all-events = 所有事件

# Adding and changing a webhook.
webhook-add = 添加 Webhook
webhook-url = 接收事件的地址
webhook-url-note = 例如 https://crm.example.org/events。内部网络的地址必须写入设置 webhooks.allow。
webhook-name-note = 字母、数字、点、连字符和下划线。不填则使用地址中的主机名。
webhook-events = 事件
webhook-events-note = 如果不选，则接收所有事件，包括以后版本新增的事件。
webhook-secret = 这是 { $name } 的密钥。它不会再次显示：请立即复制到接收事件的程序中，程序用它验证签名。
webhook-name-wrong = 请写 1 到 { $most } 个字母、数字、点、连字符或下划线。
webhook-taken = 已有同名的 Webhook。请换一个名称。
webhook-too-many = 已有 { $most } 个 Webhook。请先移除一个。
webhook-address-refused = 无法向该地址发送事件：{ $reason }

# One webhook.
webhook-added = 添加于 { $time }
webhook-previous-until = 之前的密钥在 { $time } 之前仍同时签名。
webhook-test = 发送测试事件
webhook-test-accepted = 测试事件已被接受，状态码 { $status }。
webhook-test-failed = 测试事件未被接受：
webhook-enable = 启用
webhook-try-now = 立即重试
webhook-disable = 停用……
webhook-disable-text = 启用之前不接收事件。期间发生的事件之后不会补发。
webhook-disable-now = 停用此 Webhook
webhook-rotate = 生成新密钥……
webhook-rotate-text = 在 24 小时内，每条消息同时用两个密钥签名，更换期间不会丢失任何内容。
webhook-rotate-now = 立即生成新密钥
webhook-change = 地址和事件
webhook-remove = 移除……
webhook-remove-text = 等待发送给它的内容不会再发送，其日志也会删除。
webhook-remove-now = 移除此 Webhook

# The log of a webhook.
webhook-log = 发送记录
webhook-log-none = 没有可显示的消息。事件发生后，消息会列在这里。
webhook-event = 事件类型
webhook-attempts = 尝试次数
webhook-answer = 响应
webhook-waiting = 等待中
webhook-delivered = 已送达
webhook-failed = 失败
webhook-next = 下次尝试 { $time }
webhook-replay = 重新发送
webhook-replay-failed = 重新发送所有失败的消息
webhook-older = 更早的消息

# After an action.
notice-webhook-changed = Webhook 已更改。
notice-webhook-enabled = Webhook 将接收事件，并立即重试。
notice-webhook-disabled = Webhook 不再接收事件。
notice-webhook-removed = Webhook 已移除。
notice-webhook-replayed = 即将重新发送。请刷新页面查看结果。
