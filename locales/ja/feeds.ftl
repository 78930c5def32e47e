# The pages of the console about feeds.
console-feeds = フィード

# The list of feeds.
feeds-lede = 記事の届け元です。読めないフィードを先に並べています。
feeds-empty = フィードを読むニュースレターがまだありません。読みたいサイトの URL を追加してください。
feeds-none = 該当するフィードはありません。
feeds-text = 名前か URL の一部
feeds-failing = 読めない
feeds-unused = どのニュースレターも読んでいない
feeds-more = 続きのフィード
feed-articles = 7 日間で { $count } 件
feed-read = 読み取り { $time }
feed-never-read = まだ読んでいない
feed-next = 次回 { $time }
feed-failing-since = { $time } から

# Why a feed cannot be read, and what to do.
feed-gone = 発行者がフィードを閉じました
feed-gone-advice = もう取得されません。発行者のサイトで新しい URL を探して追加し、これを外してください。
feed-missing = この URL には何もありません（404）
feed-missing-advice = 発行者のサイトでフィードを探してください。移っていたら新しい URL を追加し、これを外してください。
feed-refused = サーバーが拒否しています
feed-refused-advice = プログラムが読んでよいか、発行者に尋ねてください。ログインが必要な場合は、フィードのページで設定してください。
feed-busy = サーバーに問題があります
feed-busy-advice = 自動で再試行します。何日も続かなければ、何もする必要はありません。
feed-unreachable = サーバーに接続できません
feed-unreachable-advice = 自動で再試行します。続くようなら URL を確かめてください。
feed-not-a-feed = この URL はフィードではありません
feed-not-a-feed-advice = 発行者のページの URL を追加すると、そこにあるフィードが見つかります。
feed-not-allowed = 設定でこの URL は許可されていません
feed-not-allowed-advice = 正しい場合は、Daywire の管理者に feeds.allow への追加を頼んでください。
feed-proxy = プロキシがサーバーへの経路を開きません
feed-proxy-advice = すべてのフィードはこのプロキシを通して取得されます。Daywire の管理者に feeds.proxy の確認を頼んでください。
feed-failed = 読めません
feed-failed-advice = 自動で再試行します。何が起きたかは下の行にあります。

# One feed.
feed-health = 状態
feed-last-request = 最後の取得
feed-interval = 取得の間隔
feed-minutes = { $count } 分
feed-flood = 不採用
feed-flood-text = 1 回の上限を { $count } 件超過、{ $time }
feed-fetch = 今すぐ取得
feed-newsletters = 読むニュースレター
feed-no-newsletter = どのニュースレターも読んでいないので、取得されません。
feed-read-since = { $time } から
feed-read-for = ほかのニュースレター
feed-add-to = 追加
feed-remove = 読むのをやめる…
feed-remove-text = { $newsletter } にはこのフィードの新しい記事が届かなくなります。届いた記事は残り、待っている記事は号に載ることがあります。
feed-remove-button = { $newsletter } で読むのをやめる
feed-on-site = サイトでの表示
feed-is-whole = サイトはこのフィードの記事を全文で載せます。
feed-is-excerpt = サイトは各記事の抜粋を載せ、発行者へリンクします。
feed-show-whole = 全文を載せる（自社のもの、または発行者が同意済み）
feed-show-excerpts = 抜粋を載せる
feed-text = 記事の本文
feed-text-of-feed = 記事の本文は、フィードの内容そのものです。
feed-text-of-page = フィードの項目が数行しかない場合、本文は記事のページから取得します。
feed-take-page = 項目が数行しかない場合、本文を記事のページから取得する
feed-take-feed = フィードの本文だけを使う
feed-text-note = サイトとその検索が抜粋より多くの本文を持ち、発行者へのリンクは残ります。全文を載せるのは、このフィードに許可したときだけです。新しい記事に適用されます。
feed-page-failed = 使われなかったページ（{ $time }）：
feed-request = ログインとリクエスト
feed-user-agent = プログラム名（User-Agent）
feed-user-agent-note = 一部のプログラムにしか応答しないサーバー用です。空欄の場合は、すべてのフィードに共通の名前を使います。
feed-login-name = ログイン名
feed-login-note = HTTP Basic 認証です。このフィードのサーバーにだけ送られます。空欄の場合はログインしません。
feed-login-password = ログインのパスワード
feed-login-kept = パスワードは設定済みです。そのままにするには空欄にしてください。
feed-headers = その他のヘッダーフィールド
feed-headers-note = 1 行に 1 つ、「Name: value」の形で書きます。このフィードのサーバーにだけ送られ、値は再び表示されません。「Name:」と書くと値が保たれ、行を消すとフィールドが削除されます。
feed-request-save = 保存
feed-request-refused = これは送信できません：{ $reason }
feed-latest = 最近の記事
feed-no-article = まだ記事が届いていません。

# Adding feeds.
feed-add = フィードを追加
feed-needs-newsletter = フィードを読むのはニュースレターです。先にニュースレターを作ってください。
feed-by-address = URL で
feed-address = フィードの URL、またはそれを示すページの URL
feed-address-note = 例：example.org。すぐに読み取り、使えるか確かめます。
feed-for = ニュースレター
feed-full-text = サイトに記事を全文で載せる（自社のもの、または発行者が同意済み）。
feed-add-button = このフィードを追加
feed-add-anyway = それでも追加
feed-unreadable = 今そこからフィードを読めないため、追加していません。URL を直すか、それでも追加してください。その場合は繰り返し試します。
feed-address-refused = この URL は読めません：{ $reason }
feeds-found = このページには複数のフィードがあります。どれにしますか。
feeds-from-list = 一覧から
feeds-from-list-text = フィードリーダーは OPML ファイルを書き出せます。ファイルを選ぶか、中身を貼り付けてください。
feeds-file = ファイル
feeds-add-all = これらを追加
feeds-not-a-list = OPML でないか、不完全です。もう一度書き出し、全体を貼り付けてください。何も追加していません。
feeds-imported = 追加：{ $added }。以前から読んでいるもの：{ $known }。
feeds-refused = 次のものは追加していません：
feeds-only-site = 一覧にはページ { $site } しかありません。上でその URL を追加してください
feeds-no-address = 読める URL がありません

# After an action.
notice-feed-added = フィードを追加しました。まもなく読み取ります。以前の記事は直近 1 日分だけが次の号の対象です。
notice-feed-known = このフィードはすでに読まれています。
notice-feed-changed = フィードを変更しました。
notice-feed-due = まもなく読み取ります。結果はページを再読み込みして確かめてください。
notice-feed-removed = ニュースレターはこのフィードを読まなくなりました。記事は残ります。
