# ニュースサイトの通常の言葉（site.voice = "plain"）。radio.ftl にも同じメッセージがあります。

signup-label = { "" }
subscribe-to = { $name }を購読する
latest = 最新ニュース
nothing-yet = まだ何もありません。最初の記事は、届き次第ここに表示されます。
read-latest = 最新ニュースを読む
article-id = 記事 { $id }
comments-label = コメント
comments-status = { "" }
no-such-page = ここにページはありません。アドレスの入力が誤っているか、途中で切れている可能性があります。
check-address = アドレスを確認するか、最新ニュースをご覧ください。
unavailable = ただいまご利用いただけません
opening =
    { $count ->
        [0] この号に新しい記事はありません。これまでの号を訂正します。
        [1] この号は1件をお届けします。
       *[other] この号は{ $count }件、重要な順にお届けします。
    }
opening-by-hand =
    { $count ->
        [0] この号に新しい記事はありません。これまでの号を訂正します。
       *[other] この号は{ $count }件をお届けします。
    }
also-in-issue = この号のそのほかの記事
other-topic = そのほかのニュース
corrections = 訂正
end-of-issue = 本日は以上です。
more-stories = そのほかのニュース
earlier-stories = 以前のニュース
