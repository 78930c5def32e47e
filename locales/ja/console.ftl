# The frame of the console for operators, and its first page.
console = 管理画面
console-navigation = 管理画面のページ
console-today = 今日
console-empty = 今、対応が必要なことはありません。
console-account = アカウント
sign-out = { $name } をログアウト
role-owner = 所有者
role-publisher = 発行者
role-editor = 編集者
role-analyst = 分析担当者
not-permitted-title = この操作は役割上許可されていません
not-permitted-happened = 現在の役割は「{ $role }」です。何も変更されていません。
not-permitted-next = サイトの所有者に操作または役割の変更を依頼してください。
needs-https-title = 管理画面には HTTPS が必要です
needs-https-happened = site.url が http:// で始まり、このマシン上ではないため、ネットワーク上の他者がパスワードを読み取れます。
needs-https-next = site.url を https:// のアドレスに設定してください。

# A form that was sent after the session had ended.
session-ended-title = ログアウトされています
session-ended-text = フォームを開いている間にセッションが終了しました。何も保存されていません。
session-ended-sign-in = ログイン（新しいウィンドウ）
session-ended-resend = フォームをもう一度送信
session-ended-kept = 入力した内容はこのページに残っています。ログインしてからボタンを押してください。
session-ended-back = ログインし、ブラウザーで戻ってフォームをもう一度送信してください。
console-operators = 担当者
console-audit = 操作履歴
console-tokens = API トークン
console-help = ヘルプ

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = ドキュメント
docs-navigation = ドキュメントのページ
