# 送信サーバーがない間に保存されたメールのページ。

inbox-label = 受信箱
captured-title = 保存されたメール
captured-text = 送信サーバーが設定されていないため、すべてのメールは配信されず、ここに保存されます。
no-message = メールはまだありません。
mail-to = { $address } 宛
mail-bytes = { $count } バイト
field-from = 差出人
field-to = 宛先
field-captured = 受信日時
field-size = サイズ
part-navigation = メールの各部分
part-html = HTML
part-text = テキスト
part-source = ソース
html-iframe = メールの HTML 部分
iframe-links = 枠の中のリンクは無効です。下の一覧に掲載しています。
message-links = このメールのリンク
no-subject = （件名なし）
no-html-part = このメールには HTML 部分がありません。
inbox-private-title = 受信箱は公開されていません
inbox-private-happened = このサイトの読者宛のメールと、その中のリンクが含まれています。
inbox-private-next = このサイトが動いているコンピューターで開くか、運用者のトークンを送るか、設定の inbox.access を変更してください。
