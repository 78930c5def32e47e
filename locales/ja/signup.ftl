# 購読フォーム、メールのリンク先のページ、読者の設定。

subscribe = 購読する
check-form = 入力内容をご確認ください
no-newsletter-title = ニュースレターはまだありません
no-newsletter-text = 購読できるものがまだありません。後ほどお越しください。
newsletters-legend = ニュースレター
email = メールアドレス
name = お名前
optional = 任意
honeypot = ウェブサイト：機械専用の欄です。空のままにしてください
chosen-newsletter = ニュースレター：
choose-others = ほかを選ぶ
form-delivery = 確認用のリンクをメールでお送りします。そのリンクを使うまで、ほかのメールは届きません。
form-consent = 購読すると、{ $site }から{ $newsletter }を受け取ることに同意したことになります。各号のリンクから、いつでも購読を解除できます。
form-consent-chosen = 購読すると、{ $site }から選択したニュースレターを受け取ることに同意したことになります。各号のリンクから、いつでも購読を解除できます。
did-you-mean = { $domain } の間違いではありませんか。アドレスを直すか、そのままでよければもう一度ボタンを押してください。
form-wrong-title = このフォームは正しく設定されていません
form-wrong-happened = フォームの項目「{ $field }」が、このフォームを使えないサイトのページを指しています。何も送信されていません。
form-wrong-next = フォームを表示したサイトに知らせるか、当サイトのページで購読してください。
topics-of = { $newsletter }の話題
time-zone-of-newsletter = ニュースレターのタイムゾーン
time-zone-used = 各号はこのタイムゾーンの時刻に届きます。

check-inbox-title = メールをご確認ください
check-inbox-heading = メールをご確認ください。
check-inbox-text = このアドレスでまだ購読していない場合は、確認用のリンクをお送りしました。リンクを開き、ボタンを押して確認してください。
check-inbox-retry = 数分たっても届きませんか。迷惑メールフォルダーを見て、アドレスを確認し、<a>もう一度お試しください</a>。
check-inbox-captured = このサイトには送信サーバーがありません。メールは<a>受信箱</a>にあります。

prove-title = あと一歩です
prove-heading = あと一歩です。
prove-text = 現在、非常に多くの人またはプログラムが登録しています。この手順でプログラムを防ぎます。まだ何も送信していません。
prove-working = ブラウザーがこの手順を代わりに行っています。数秒かかります。
prove-wrong = 答えが違うか、送信が遅すぎました。もう一度お試しください。
prove-question = { $one } 足す { $other } はいくつですか？

confirm-title = 購読の確認
confirm-heading = 購読を確認してください。
confirm-text = ボタンを押すと、{ $site }から次のものが届きます：
confirm-button = 購読を確認する
confirm-ignore = お心当たりがない場合は、このページを閉じてください。購読は始まりません。
confirmed-title = 購読を開始しました
confirmed-heading = 購読を開始しました。
confirmed-text = 次号から、以下が届きます：
confirmed-leave = 各号に購読解除のリンクがあります。

link-fails-title = リンクが使えません
link-expired-heading = このリンクは期限切れです。
link-expired-text = 確認用のリンクは{ $within }。購読はまだ始まっていません。
link-used-heading = このリンクは使用済みです。
link-used-text = 確認用のリンクは一度だけ使えます。確認された購読は、その後終了しました。
link-unknown-heading = このリンクは使えません。
link-unknown-text = 一部が欠けている可能性があります。メールからもう一度開くか、アドレス全体をコピーしてください。
link-unknown-next = それでも開けない場合は、<a>もう一度お申し込みいただくと</a>、新しいリンクが届きます。

unsubscribe = 購読を解除
unsubscribe-heading = { $newsletter }の購読を解除しますか？
unsubscribe-text = 現在も購読中です。ボタンを押すと、すぐに解除されます。
unsubscribe-instead = 回数を減らしたい、話題を変えたい、休止したい場合は、<a>購読の管理</a>をご利用ください。
unsubscribed-title = 購読を解除しました
unsubscribed-heading = { $newsletter }の購読を解除しました。
unsubscribed-text = 今後の号は届きません。
unsubscribed-mistake = 間違えましたか？ <a>もう一度購読する</a>

test-link-title = テスト用のリンクです
test-link-happened = これはテストメールのリンクです。どの購読にも属さないため、何も起こりません。
test-link-next = 読者のメールでは、この場所にそれぞれのリンクが入ります。
bad-link-title = このリンクは使えません
bad-link-happened = 入力の誤りや欠けがある可能性があります。何も変更されていません。
bad-link-next = メールをもう一度開き、末尾のリンクか、メールソフトの購読解除ボタンを使ってください。
not-subscribed-title = 購読していません
not-subscribed-happened = { $newsletter }を購読していません。
not-subscribed-next = 受け取るには、このページ上部の「購読する」をご利用ください。
not-subscribed-closed = 新しい購読は受け付けていません。

settings-title = { $newsletter }の設定
settings-saved = 保存しました。次号から適用されます。
settings-text = 選択してから保存してください。
topics-legend = 話題
topics-note = すべての欄を空にすると、すべての話題が届きます。
cadence-legend = 頻度
cadence-every = 毎号
cadence-weekly = 週に一度、主要な記事のみ
time-zone = タイムゾーン
time-zone-note = 例：Asia/Tokyo、America/New_York。当方からお届けするすべてのニュースレターに適用されます。
pause-legend = 休止
paused-until = 休止中：{ $day }まで、どの号も届きません。
paused-after-bounces = 休止中：最近のメールが受信されませんでした。再び受信できるようになったら、休止を終了してください。
end-pause = 今すぐ休止を終了する
pause-or-until = または、次の日まで送らない
pause-until = 次の日まで送らない
pause-note = 再開後の最初の号には、休止中の内容も含まれます。
save = 保存
or-unsubscribe = または<a>購読を解除する</a>

undo-leaving = 元に戻す
leaving-legend = 理由を教えていただけますか？
leaving-note = ご自由にお書きください
leaving-send = 送信
leaving-thanks = ありがとうございます。編集部の参考になります。
your-data = あなたのデータ
your-data-text = 当方のメールを転送された人は、だれでもこのページを開けます。そのため、まずあなたのアドレスにリンクをお送りします。
request-export = 自分のデータをダウンロード
request-erasure = 自分のデータを消去
