# The console's page about settings.
console-settings = 設定
settings-lede = このプロセスが起動時に既定値、設定ファイル、環境変数から読んだ内容です。変更するには、そこを直してサービスを再起動してください。
settings-search = 名前、値、説明の一部
settings-changed = 既定値でないものだけ
settings-none = 該当する設定はありません。
settings-default = 既定値
settings-file = ファイル { $name }
settings-environment = 環境変数 { $name }
settings-hidden = 設定済み（ここには表示しません）

# The console's page about statistics.
console-statistics = 統計
statistics-lede = 各日（UTC）の出来事です。そのための追跡は行わず、数字から個人はわかりません。
statistics-days = 日数
statistics-day = 日
statistics-numbers = 数字
statistics-about = { $first } から { $last } まで。最大値は { $max } です。
chart-growth = 有効な購読
chart-signups = 登録
chart-asked = 申込み
chart-confirmed = 確認
chart-left = 解除
chart-deliveries = 受信者数（号の配信を始めた日）
chart-recipients = 受信者
chart-returned = 不達と苦情
chart-bounces = 不達
chart-domains = 受信者のドメイン別の不達と苦情
chart-no-domains = 一つの号で個別に数えるほど受信者の多いドメインはまだありません。

# The console's page about relays and recipient domains.
console-relays = 中継とドメイン
relays-lede = 送信の速さです。減速を求めたサーバーには、休止の後、同時に送る数を半分にし、その後少しずつ増やします。
relays-captured = 中継サーバーが未設定のため、メールは内蔵の受信箱に残ります。送信するには relay.url を設定してください。
relays-relay = 中継
relays-weight = 割合
relays-connections = 接続数
relays-rate = 毎秒の通数
relays-cap = 今日の上限
relays-of = { $part } / { $all }
relays-no-limit = 上限なし
relays-process = プロセス { $name }
relays-no-process = 送信中のプロセスはありません。
relays-at-once = 現在の同時送信数
relays-paused = { $time } まで休止
relays-goes-on = 送信中
relays-cap-used = { $time } まで待機：今日の上限に達しました
relays-closed = { $time } まで待機：送信時間帯の外です
relays-trouble = 中継サーバーがメールを受け付けません：{ $reason }
relays-domains = 制限または休止中の受信ドメイン
relays-no-domains = 制限中の受信ドメインはありません。
relays-waiting = メモリーで待機
