# 読者へのメール：購読の確認、購読に関するお知らせ、ニュースレター。

confirm-mail-subject = 購読の確認：{ $newsletters }
confirm-mail-request = どなたか（おそらくご本人）が、{ $site }に、このアドレスへ{ $newsletters }を送るよう申し込みました。ご確認いただくと配信が始まります。
confirm-mail-button = 確認ページを開く
confirm-mail-open = ボタンが使えない場合は、次の URL を開いてください：
confirm-mail-open-text = 確認するには、次の URL を開き、そのページのボタンを押してください：
confirm-mail-valid = リンクは一度だけ、{ $within }。ボタンが一つあるページが開き、ボタンを押すまで何も起こりません。
confirm-mail-valid-text = リンクは一度だけ、{ $within }。リンク先のページのボタンを押すまで、何も起こりません。
within-minutes = { $count }分以内に使えます
within-hours = { $count }時間以内に使えます
within-days = { $count }日以内に使えます
confirm-mail-ignore = お心当たりがない場合は、このメールを無視してください。確認がなければ、購読は始まりません。
confirm-mail-sent-by = このアドレスでお申し込みがあったため、<a>{ $site }</a>が自動的に送信しました。
imported-mail-request = あなたのアドレスは、{ $site }が別のシステムから引き継いだ読者リストに載っています。{ $newsletters }についてのあなたの同意がここに記録されていないため、一度だけお尋ねします。ご確認いただいた場合にのみ配信が始まります。
imported-mail-ignore = ご希望でない場合は、このメールを無視してください。購読は始まらず、再びお尋ねすることもありません。
imported-mail-sent-by = 別のシステムから引き継いだリストにこのアドレスが載っているため、<a>{ $site }</a>が自動的に送信しました。

already-subscribed-subject = すでに購読中です：{ $newsletters }
already-subscribed-opening = どなたか（おそらくご本人）が、{ $site }に、このアドレスへ{ $newsletters }を送るよう申し込みました。すでに購読中ですので、確認は必要ありません。
already-subscribed-paused = 休止中です。休止を終了するには、設定を変更してください。
already-subscribed-closing = お心当たりがない場合は、何もする必要はありません。購読はそのまま続きます。
change-preferences = 設定を変更する
subscription-mail-sent-by = このアドレスで購読しているため、<a>{ $site }</a>が自動的に送信しました。
requested-mail-sent-by = 当サイトでご依頼があったため、<a>{ $site }</a>が自動的に送信しました。
former-address-mail-sent-by = これまでこのアドレスにニュースレターをお届けしていたため、<a>{ $site }</a>が自動的に送信しました。

changed-subject = { $newsletter }の設定が変更されました
changed-subject-paused = { $newsletter }は{ $day }まで休止します
changed-subject-resumed = { $newsletter }の休止が終わりました
changed-opening = どなたか（おそらくご本人）が、あなたのメールのリンクを使って設定を変更しました。現在の設定は次のとおりです。
changed-closing = お心当たりがない場合は、どなたかがあなたのメールを持っています。上のリンクを開くと、一時停止を終えるか、購読の設定へのリンクを依頼できます。メールを転送するときは末尾のリンクを削除してください。
now-paused-until = { $day }まで、何もお送りしません。
now-paused-after-bounces = メールが受信されなかったため、休止しています。下のリンクから休止を終了できます。
now-every-issue = 毎号が届きます。
now-weekly = 週に一号が届きます。
now-all-topics = すべての話題が届きます。
now-topics = 次の話題が届きます：{ $topics }。
now-time-zone = タイムゾーンは { $zone } です。
now-language = メールの言語は { $language } です。

view-in-browser = ブラウザーで見る
corrections-subject = { $newsletter }：訂正{ $count }件
best-of-week-issue = 今週の主な記事（第{ $number }号より）。
best-of-week = 今週の主な記事（第{ $first }号から第{ $last }号より）。
missed-issue = お休み中の主な記事（第{ $number }号より）。
missed-issues = お休み中の主な記事（第{ $first }号から第{ $last }号より）。
story-published = { $time } 公開
story-reached-us = { $time } 受信
story-sources = { $count }社が報道、第一報は { $time } 受信
more-on-site = サイトにはほかに{ $count }件あります
digest-reason = このメールは、{ $site }のニュースレター「{ $newsletter }」を購読している方にお送りしています。
manage-subscription = 購読を管理
read-on-site = サイトで読む
