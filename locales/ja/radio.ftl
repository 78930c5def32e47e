# 無線局の記録の言葉（site.voice = "radio"）。plain.ftl にも同じメッセージがあります。

signup-label = transmission_log
subscribe-to = 放送を購読する。
latest = 最新の送信
nothing-yet = まだ何も放送されていません。最初の送信は、届き次第ここに表示されます。
read-latest = 最新の送信を読む
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = このアドレスでは何も送信されていません。アドレスの入力が誤っているか、途中で切れている可能性があります。
check-address = アドレスを確認するか、最新の送信をご覧ください。
unavailable = ただいま放送を休止しています
opening =
    { $count ->
        [0] この号に新しい記事はありません。これまでの号を訂正します。
        [1] 記録に1件の送信があります。
       *[other] 記録に{ $count }件の送信、重要な順です。
    }
opening-by-hand =
    { $count ->
        [0] この号に新しい記事はありません。これまでの号を訂正します。
       *[other] 記録に{ $count }件の送信があります。
    }
also-in-issue = 記録のそのほかの送信
other-topic = そのほかの信号
corrections = 信号の訂正
end-of-issue = 送信終了。
more-stories = そのほかの送信
earlier-stories = 以前の送信
