# The pages of the console about feeds.
console-feeds = 订阅源

# The list of feeds.
feeds-lede = 文章的来源。无法读取的订阅源排在最前。
feeds-empty = 还没有简报读取订阅源。请添加想读取的网站地址。
feeds-none = 没有符合条件的订阅源。
feeds-text = 名称或地址的一部分
feeds-failing = 无法读取
feeds-unused = 没有简报读取
feeds-more = 更多订阅源
feed-articles = 7 天内 { $count } 篇文章
feed-read = 读取于 { $time }
feed-never-read = 尚未读取
feed-next = 下次请求 { $time }
feed-failing-since = 自 { $time }

# Why a feed cannot be read, and what to do.
feed-gone = 发布者已关闭此订阅源
feed-gone-advice = 不再抓取。请到发布者网站查找新地址并添加，然后移除此项。
feed-missing = 此地址没有内容（404）
feed-missing-advice = 请打开发布者网站查找订阅源。如果已迁移，请添加新地址并移除此项。
feed-refused = 服务器拒绝提供
feed-refused-advice = 请询问发布者是否允许程序读取。如果需要登录，请在该订阅源的页面上设置。
feed-busy = 服务器出现问题
feed-busy-advice = 会自动重试。除非持续数天，否则无需处理。
feed-unreachable = 无法连接服务器
feed-unreachable-advice = 会自动重试。如果持续，请检查地址是否正确。
feed-not-a-feed = 此地址不是订阅源
feed-not-a-feed-advice = 请添加发布者网页的地址：会找到其中链接的订阅源。
feed-not-allowed = 设置不允许此地址
feed-not-allowed-advice = 如果无误，请让 Daywire 的管理者将其加入 feeds.allow。
feed-proxy = 代理没有打开通往服务器的通道
feed-proxy-advice = 所有订阅源都通过该代理获取。请让 Daywire 的管理者检查 feeds.proxy。
feed-failed = 无法读取
feed-failed-advice = 会自动重试。下一行说明了情况。

# One feed.
feed-health = 状态
feed-last-request = 上次请求
feed-interval = 抓取间隔
feed-minutes = { $count } 分钟
feed-flood = 未采用
feed-flood-text = { $count } 个条目超出单次上限，{ $time }
feed-fetch = 立即抓取
feed-newsletters = 读取它的简报
feed-no-newsletter = 没有简报读取此订阅源，因此不会抓取。
feed-read-since = 自 { $time }
feed-read-for = 也用于
feed-add-to = 添加
feed-remove = 停止读取……
feed-remove-text = { $newsletter } 不再从此订阅源获得新文章。已到达的文章保留，等待中的仍可入选。
feed-remove-button = 停止为 { $newsletter } 读取
feed-on-site = 网站上的显示
feed-is-whole = 网站显示此订阅源文章的全文。
feed-is-excerpt = 网站显示每篇文章的摘录并链接到发布者。
feed-show-whole = 显示全文：归我们所有，或发布者已同意
feed-show-excerpts = 显示摘录
feed-text = 文章正文
feed-text-of-feed = 文章的正文就是订阅源所提供的内容。
feed-text-of-page = 如果订阅源的条目只有几行，则从文章网页获取正文。
feed-take-page = 如果条目只有几行，则从文章网页获取正文
feed-take-feed = 只使用订阅源的正文
feed-text-note = 这样网站及其搜索拥有的内容多于摘录，指向发布者的链接保留。只有您允许该订阅源显示全文时，才会显示全文。适用于新文章。
feed-page-failed = 有网页未被采用，{ $time }：
feed-request = 登录与请求
feed-user-agent = 程序名称（User-Agent）
feed-user-agent-note = 用于只回应部分程序的服务器。留空：与所有订阅源相同。
feed-login-name = 登录名
feed-login-note = HTTP Basic 认证。登录信息只发送给此订阅源的服务器。留空：不登录。
feed-login-password = 登录密码
feed-login-kept = 已设置密码。留空则保持不变。
feed-headers = 其他标头字段
feed-headers-note = 每行一个，写成“Name: value”。它们只发送给此订阅源的服务器，其值不会再次显示。“Name:” 保留原值，删除一行即删除该字段。
feed-request-save = 保存
feed-request-refused = 无法发送：{ $reason }
feed-latest = 最新文章
feed-no-article = 尚未带来文章。

# Adding feeds.
feed-add = 添加订阅源
feed-needs-newsletter = 订阅源由简报读取。请先创建简报。
feed-by-address = 按地址
feed-address = 订阅源或链接它的网页的地址
feed-address-note = 例如 example.org。会立即读取，以便您看到是否可用。
feed-for = 用于简报
feed-full-text = 网站显示其文章全文：归我们所有，或发布者已同意。
feed-add-button = 添加此订阅源
feed-add-anyway = 仍然添加
feed-unreadable = 未添加任何内容，因为现在那里无法读取订阅源。请更正地址，或仍然添加：之后会反复重试。
feed-address-refused = 无法读取此地址：{ $reason }
feeds-found = 此网页链接了多个订阅源。选哪个？
feeds-from-list = 从列表
feeds-from-list-text = 阅读器可导出 OPML 文件。请选择文件或粘贴其内容。
feeds-file = 文件
feeds-add-all = 添加这些订阅源
feeds-not-a-list = 这不是 OPML 或不完整。请重新导出并粘贴全部内容。未添加任何内容。
feeds-imported = 已添加：{ $added }。之前已读取：{ $known }。
feeds-refused = 以下未添加：
feeds-only-site = 列表只有网页 { $site }；请在上方添加该地址
feeds-no-address = 没有可读取的地址

# After an action.
notice-feed-added = 订阅源已添加，马上会读取；旧文章中只有最近一天的会进入下一期。
notice-feed-known = 简报已在读取此订阅源。
notice-feed-changed = 订阅源已更改。
notice-feed-due = 马上会读取订阅源。请重新加载页面查看结果。
notice-feed-removed = 简报不再读取此订阅源，其文章保留。
