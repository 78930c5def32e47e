# すべてのページの枠、トップページ、記事、バックナンバー。

skip-to-content = 本文へ移動
site-navigation = サイト
language-navigation = 言語
past-issues = バックナンバー
inbox = 受信箱
mail-is-captured = 送信サーバーが設定されていません。メールはここに保存され、配信されません。

time-stamp = { $date } · { $time } UTC
weekday-time = { $weekday } { $time }
labelled = { $label }：
list-separator = 、
list-end = { $names }、{ $name }

also = ほかの報道：
more-sources = ほか{ $count }社
other-sources = ほか{ $count }社
read-at = { $source }で読む
article-corrections = 訂正
article-sources = 情報源
retracted-title = 撤回されました
retracted-happened = { $id } は { $date } に撤回されました。
retracted-reason = 理由：{ $reason }
retracted-without-reason = 理由は示されていません。

past-issues-label = バックナンバー
past-issues-of = { $newsletter }のバックナンバー
issue-number = 第{ $number }号
newsletter-issue = { $newsletter } 第{ $number }号
issue-link = 第{ $number }号
issue-sent = 配信日時
issue-navigation = 各号
all-issues = すべての号
newsletter-navigation = ニュースレター
all-newsletters = すべて
no-issue-yet = まだ配信された号はありません。最初の号は、配信され次第ここに表示されます。
earlier-issues = 以前の号
atom-feed = これらの号の Atom フィード
mark-corrected = 訂正
mark-retracted = 撤回
mark-restored = 復元
change-corrected = 訂正
change-retracted = 撤回
change-restored = 復元
report-retracted = （撤回）

no-issue-title = その号はありません
status-label = ステータス { $code }
no-issue-of-number = { $newsletter }は、その番号の号を配信していません。
no-archive = その名前でバックナンバーを公開しているニュースレターはありません。
no-issue-next = アドレスの番号を確認するか、<a>バックナンバー</a>をご覧ください。
no-issue-next-of = アドレスの番号を確認するか、<a>{ $newsletter }のバックナンバー</a>をご覧ください。
