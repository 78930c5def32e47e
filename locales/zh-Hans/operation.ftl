# The console's page about settings.
console-settings = 设置
settings-lede = 此进程启动时从默认值、设置文件和环境变量读取的内容。如需更改，请在原处修改并重启服务。
settings-search = 名称、值或说明的一部分
settings-changed = 仅显示非默认值
settings-none = 没有匹配的设置。
settings-default = 默认
settings-file = 文件 { $name }
settings-environment = 环境变量 { $name }
settings-hidden = 已设置，此处不显示

# The console's page about statistics.
console-statistics = 统计
statistics-lede = 每天（UTC）发生的事。不为此跟踪任何人，数字也不指向个人。
statistics-days = 天数
statistics-day = 日期
statistics-numbers = 数据
statistics-about = 从 { $first } 到 { $last }，最高值为 { $max }。
chart-growth = 有效订阅
chart-signups = 订阅申请
chart-asked = 申请
chart-confirmed = 确认
chart-left = 退订
chart-deliveries = 收件人数（按该期开始发送之日）
chart-recipients = 收件人
chart-returned = 退信与投诉
chart-bounces = 退信
chart-domains = 按收件域名的退信与投诉
chart-no-domains = 还没有域名在一期中有足够的收件人可单独统计。

# The console's page about relays and recipient domains.
console-relays = 中继与域名
relays-lede = 邮件的发送速度。要求放慢的服务器在暂停后同时收到的邮件减半，然后逐步增加。
relays-captured = 未设置中继，所有邮件都留在内置收件箱中。如需发送，请设置 relay.url。
relays-relay = 中继
relays-weight = 份额
relays-connections = 连接数
relays-rate = 每秒邮件数
relays-cap = 今日上限
relays-of = { $part } / { $all }
relays-no-limit = 无限制
relays-process = 进程 { $name }
relays-no-process = 目前没有进程在发送。
relays-at-once = 当前同时发送数
relays-paused = 暂停至 { $time }
relays-goes-on = 发送中
relays-cap-used = 等待至 { $time }：今日上限已用完
relays-closed = 等待至 { $time }：不在发送时段内
relays-trouble = 中继不接受邮件：{ $reason }
relays-domains = 有限制或暂停的收件域名
relays-no-domains = 目前没有受限的收件域名。
relays-waiting = 内存中等待
