# The pages of the console about articles.
console-articles = 記事

# The list of articles.
articles-lede = フィードから届いた記事と編集部の記事を、新しい順に並べています。
articles-empty = 記事がまだありません。フィードを追加するか、記事を書いてください。
articles-none = 該当する記事はありません。
articles-words = 語句または ID
articles-newsletter = ニュースレター
articles-every = すべて
articles-find = 検索
articles-all = すべての記事を表示
articles-older = 以前の記事
articles-of-feed = フィード { $feed } の記事のみ
article-write = 記事を書く
article-state-waiting = 号を待っている
article-state-in-issue = 号に掲載
article-state-left-out = 不採用
article-state-editorial = 自社の記事
article-state-edited = 編集済み
article-state-retracted = 取り下げ
article-waits-for = { $newsletter } を待っている
article-in-issue-of = { $newsletter } の号に掲載
article-left-out-of = { $newsletter } では不採用

# One article.
article-edit = 編集
article-on-site = サイトで見る
article-original = 元のページ
article-facts = 記事について
article-headline = 見出し
article-summary = リード文
article-summary-note = 見出しの下の文。空なら本文の冒頭を使います。
article-text = 本文
article-text-note = Markdown の書き方：
markdown-bold = 太字
markdown-italic = 斜体
markdown-link = リンク
markdown-heading = 小見出し
markdown-item = 箇条書き
article-format = 書式
article-authors = 著者
article-authors-note = 1 行に 1 人。
article-category = トピック
article-language = 言語
article-language-note = en、de、pt-BR などのコード。空なら本文から判定します。
article-source = 出典
article-source-note = 空ならサイトの名前を使います。
article-url = 取り上げるページの URL
article-url-note = 空なら、このサイトに記事のページができます。
article-published = 公開日時
article-published-note = UTC。空なら今。
article-arrived = 到着
article-image = 画像の URL
article-image-note = https の URL。サイトが画像を表示する場合だけ使います。
article-image-alt = 画像の説明
article-image-alt-note = 画像を見られない人のための文です。
article-in-newsletters = ニュースレターでの扱い
article-in-no-newsletter = どのニュースレターにも届いていません。
article-at-place = { $place } 番目
article-pin = 次の号の先頭に固定
article-correction-list = 訂正
article-corrected = 訂正
article-restored = 取り下げを取り消し
article-former-headline = 以前の見出し：{ $title }
article-retracted-at = この記事は取り下げられました（{ $time }）。
article-no-reason = 読者には理由が示されていません。
article-reason = 読者に示す理由
article-retract = 記事を取り下げる
article-retract-text = ページに取り下げの旨が出ます。下書きはこの記事なしで作り直されます。配信済みなら、次の号で知らせます。
article-change-reason = 理由を変える
article-change-reason-text = 記事のページにこの理由が出ます。配信済みなら、次の号でも知らせます。
article-restore = 取り下げを取り消す
article-restore-text = ページが戻り、下書きにも再び載せられます。取り下げを知らされた読者にも知らせます。

# The form of an article.
article-edit-title = 「{ $title }」を編集
article-write-note = 公開するとすぐにサイトに載り、選んだニュースレターの次の号を待ちます。
article-for-newsletters = 次の号を待つニュースレター
article-more = その他の項目
article-note = 読者に示す訂正の内容
article-note-note = 配信済みなら、記事のページと次の号にこの文が出ます。空なら変わった項目を挙げます。
article-save = 保存
article-publish = 公開
article-title-missing = 見出しを書いてください。
article-text-missing = 本文を書いてください。
article-text-long = 本文が 200 KiB を超えています。短くするか、2 本に分けてください。
article-field-long = 長すぎます。短くしてください。
article-language-wrong = en、de、pt-BR のようなコードを書いてください。
article-url-wrong = https:// または http:// で始まる URL を書いてください。
article-image-wrong = https:// で始まる URL を書いてください。
article-published-wrong = 2026-11-23 07:30 のように日時を書いてください。
article-is-retracted-already = この記事は以前に公開され、取り下げられました。新しいフォームに書いてください。

# Two editors changed an article.
article-conflict-title = この記事はその間に変更されました
article-conflict-feed = フィードから別の版が届きました。
article-conflict-kept = 何も上書きされず、入力した内容も失われていません。触れなかった項目は新しい内容になっています。比べてから、もう一度保存してください。
article-conflict-now = { $field }（今保存されている内容）
article-conflict-retracted = 記事は取り下げられたので変更できません。記事のページで取り下げを取り消してから、もう一度保存してください。
article-changed-by = { $name } が変更、{ $time }
article-retracted-by = { $name } が取り下げ、{ $time }
article-restored-by = { $name } が取り下げを取り消し、{ $time }

# After an action.
notice-article-published = 記事を公開しました。
notice-article-changed = 記事を変更しました。この記事のある下書きは作り直されました。
notice-article-changed-sent = 記事を変更しました。読者には以前の文が届いているので、次の号で訂正を知らせます。
notice-article-changed-unapproved = 記事を変更しました。この記事のある下書きは作り直され、承認が取り下げられました。もう一度承認してください。
notice-article-unchanged = 何も変わっていません。
notice-article-retracted = 記事を取り下げました。ページにその旨が出ます。
notice-article-retracted-sending = 記事を取り下げました。この記事のある号を配信中です。届いてはならない場合は「配信号」で止めてください。
notice-article-restored = 取り下げを取り消しました。
notice-article-pinned = 次の号の先頭に載ります。
notice-article-unpinned = 固定を解除しました。
notice-article-not-waiting = この記事はもうこのニュースレターを待っていないため、何もしていません。
