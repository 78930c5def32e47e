# The page of the console about webhooks.
console-webhooks = Webhook
webhooks-lede = ほかのプログラムが、このサイトの出来事を受け取ります。読者の確認、号の送信、メールの不達などです。どの通知にも署名があり、読者のアドレスが含まれます。
webhooks-none = まだどのプログラムも通知を受け取っていません。
webhook-counts = 待機：{ $waiting } · 配信済み：{ $delivered } · 失敗：{ $failed }
webhook-enabled = 通知を受け取っています
webhook-disabled-since = { $time } から停止中
webhook-failing-since = { $time } から失敗しています
webhook-all-events = すべての出来事

# Adding and changing a webhook.
webhook-add = Webhookを追加
webhook-url = 通知を受け取るアドレス
webhook-url-note = 例：https://crm.example.org/events。社内ネットワークのアドレスは、設定 webhooks.allow に書く必要があります。
webhook-name-note = 文字、数字、ピリオド、ハイフン、アンダースコア。空欄ならアドレスのホスト名になります。
webhook-events = 出来事
webhook-events-note = 何も選ばなければ、今後の版で増えるものも含めてすべて受け取ります。
webhook-secret = これは { $name } の秘密鍵です。二度と表示されません。通知を受け取るプログラムに今すぐ写してください。署名の確認に使います。
webhook-name-wrong = 1〜{ $most }文字で、文字、数字、ピリオド、ハイフン、アンダースコアを使ってください。
webhook-taken = この名前のWebhookはすでにあります。別の名前にしてください。
webhook-too-many = Webhookはすでに{ $most }個あります。先に一つ削除してください。
webhook-address-refused = そのアドレスには送信できません：{ $reason }

# One webhook.
webhook-added = { $time } に追加
webhook-previous-until = 以前の秘密鍵でも { $time } まで署名します。
webhook-test = テスト通知を送る
webhook-test-accepted = テスト通知はステータス { $status } で受け付けられました。
webhook-test-failed = テスト通知は受け付けられませんでした：
webhook-enable = 再開する
webhook-try-now = 今すぐ再試行
webhook-disable = 停止する…
webhook-disable-text = 再開するまで通知を受け取りません。その間の出来事は後から送られません。
webhook-disable-now = このWebhookを停止する
webhook-rotate = 新しい秘密鍵を作る…
webhook-rotate-text = 24時間は両方の秘密鍵で署名するので、プログラム側を切り替える間も何も失われません。
webhook-rotate-now = 新しい秘密鍵を今すぐ作る
webhook-change = アドレスと出来事
webhook-remove = 削除する…
webhook-remove-text = 待っている通知は送られず、履歴も削除されます。
webhook-remove-now = このWebhookを削除する

# The log of a webhook.
webhook-log = 送信の履歴
webhook-log-none = 表示する通知はありません。出来事があるとここに表示されます。
webhook-event = 出来事の種類
webhook-attempts = 試行回数
webhook-answer = 応答
webhook-waiting = 待機中
webhook-delivered = 配信済み
webhook-failed = 失敗
webhook-next = 次の試行 { $time }
webhook-replay = もう一度送る
webhook-replay-failed = 失敗したものをすべてもう一度送る
webhook-older = 以前の通知

# After an action.
notice-webhook-changed = Webhookを変更しました。
notice-webhook-enabled = Webhookは通知を受け取り、すぐに試行されます。
notice-webhook-disabled = Webhookは通知を受け取らなくなりました。
notice-webhook-removed = Webhookを削除しました。
notice-webhook-replayed = まもなくもう一度送られます。結果はページを再読み込みして確認してください。
