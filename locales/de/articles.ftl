# The pages of the console about articles.
console-articles = Artikel

# The list of articles.
articles-lede = Was Ihre Feeds gebracht und Sie selbst geschrieben haben, das Neueste zuerst.
articles-empty = Es gibt noch keinen Artikel. Fügen Sie einen Feed hinzu, oder schreiben Sie einen eigenen Artikel.
articles-none = Kein Artikel passt dazu.
articles-words = Wörter oder Kennung
articles-newsletter = Newsletter
articles-every = alle
articles-find = Suchen
articles-all = Alle Artikel zeigen
articles-older = Ältere Artikel
articles-of-feed = Nur aus dem Feed { $feed }
article-write = Artikel schreiben
article-state-waiting = wartet auf eine Ausgabe
article-state-in-issue = in einer Ausgabe
article-state-left-out = ausgelassen
article-state-editorial = eigener
article-state-edited = bearbeitet
article-state-retracted = zurückgezogen
article-waits-for = wartet auf { $newsletter }
article-in-issue-of = in einer Ausgabe von { $newsletter }
article-left-out-of = in { $newsletter } ausgelassen

# One article.
article-edit = Bearbeiten
article-on-site = Auf der Website
article-original = Beim Herausgeber
article-facts = Über den Artikel
article-headline = Überschrift
article-summary = Vorspann
article-summary-note = Reiner Text unter der Überschrift. Leer: der Anfang des Textes.
article-text = Text
article-text-note = In Markdown schreiben Sie:
markdown-bold = fett
markdown-italic = kursiv
markdown-link = Link
markdown-heading = Zwischentitel
markdown-item = Liste
article-format = Geschrieben in
article-authors = Autoren
article-authors-note = Ein Name je Zeile.
article-category = Thema
article-language = Sprache
article-language-note = Ein Kürzel wie en, de oder pt-BR. Leer: aus dem Text erkannt.
article-source = Quelle
article-source-note = Leer: der Name der Website.
article-url = Adresse der Seite, um die es geht
article-url-note = Leer: der Artikel hat seine eigene Seite auf dieser Website.
article-published = Veröffentlicht
article-published-note = In UTC. Leer: jetzt.
article-arrived = Angekommen
article-image = Adresse seines Bildes
article-image-note = Eine https-Adresse. Nur gezeigt, wenn die Website Bilder zeigt.
article-image-alt = Was das Bild zeigt
article-image-alt-note = Für Menschen, die es nicht sehen können.
article-in-newsletters = In den Newslettern
article-in-no-newsletter = Er ist in keinem Newsletter angekommen.
article-at-place = auf Platz { $place }
article-pin = Oben in der nächsten Ausgabe anheften
article-correction-list = Berichtigungen
article-corrected = berichtigt
article-restored = Rückzug aufgehoben
article-former-headline = Die Überschrift war: { $title }
article-retracted-at = Dieser Artikel wurde zurückgezogen, { $time }.
article-no-reason = Leser sehen keinen Grund.
article-reason = Grund, für die Leser
article-retract = Artikel zurückziehen
article-retract-text = Seine Seite sagt dann, dass er zurückgezogen wurde. Entwürfe werden ohne ihn neu zusammengestellt. Wurde er versendet, sagt es die nächste Ausgabe.
article-change-reason = Anderen Grund angeben
article-change-reason-text = Die Seite des Artikels nennt diesen Grund. Wurde der Artikel versendet, nennt ihn auch die nächste Ausgabe.
article-restore = Rückzug aufheben
article-restore-text = Seine Seite ist wieder da, und Ausgaben können ihn wieder enthalten. Leser, die vom Rückzug erfuhren, erfahren auch dies.

# The form of an article.
article-edit-title = „{ $title }“ bearbeiten
article-write-note = Wenn Sie ihn veröffentlichen, steht er sofort auf der Website und wartet auf die nächste Ausgabe der gewählten Newsletter.
article-for-newsletters = Wartet auf die nächste Ausgabe von
article-more = Weitere Felder
article-note = Was berichtigt wurde, für die Leser
article-note-note = Wurde der Artikel versendet, nennen seine Seite und die nächste Ausgabe diesen Satz. Leer: sie nennen die geänderten Felder.
article-save = Sichern
article-publish = Veröffentlichen
article-title-missing = Schreiben Sie eine Überschrift.
article-text-missing = Schreiben Sie einen Text.
article-text-long = Der Text ist länger als 200 KiB. Kürzen Sie ihn, oder veröffentlichen Sie zwei Artikel.
article-field-long = Das ist zu lang. Kürzen Sie es.
article-language-wrong = Schreiben Sie ein Kürzel wie en, de oder pt-BR.
article-url-wrong = Schreiben Sie eine Adresse, die mit https:// oder http:// beginnt.
article-image-wrong = Schreiben Sie eine Adresse, die mit https:// beginnt.
article-published-wrong = Schreiben Sie Datum und Uhrzeit wie 2026-11-23 07:30.
article-is-retracted-already = Dieser Artikel wurde schon veröffentlicht und zurückgezogen. Schreiben Sie ihn in ein neues Formular.

# Two editors changed an article.
article-conflict-title = Dieser Artikel wurde inzwischen geändert
article-conflict-feed = Sein Feed brachte eine andere Fassung.
article-conflict-kept = Nichts wurde überschrieben, und nichts Getipptes ging verloren. Felder, die Sie nicht anfassten, haben den neuen Inhalt. Vergleichen Sie, und sichern Sie noch einmal.
article-conflict-now = { $field }, wie jetzt gespeichert
article-conflict-retracted = Der Artikel wurde zurückgezogen und lässt sich nicht ändern. Heben Sie den Rückzug auf seiner Seite auf, und sichern Sie dann noch einmal.
article-changed-by = { $name } hat ihn geändert, { $time }
article-retracted-by = { $name } hat ihn zurückgezogen, { $time }
article-restored-by = { $name } hat den Rückzug aufgehoben, { $time }

# After an action.
notice-article-published = Der Artikel ist veröffentlicht.
notice-article-changed = Der Artikel wurde geändert. Entwürfe mit ihm wurden neu zusammengestellt.
notice-article-changed-sent = Der Artikel wurde geändert. Leser haben den früheren Text; die nächste Ausgabe nennt ihnen die Berichtigung.
notice-article-changed-unapproved = Der Artikel wurde geändert. Ein Entwurf mit ihm wurde neu zusammengestellt und seine Freigabe zurückgenommen. Geben Sie ihn noch einmal frei.
notice-article-unchanged = Nichts hat sich geändert.
notice-article-retracted = Der Artikel ist zurückgezogen. Seine Seite sagt es.
notice-article-retracted-sending = Der Artikel ist zurückgezogen. Eine Ausgabe mit ihm wird gerade versendet; halten Sie sie unter „Ausgaben“ an, wenn er nicht ankommen darf.
notice-article-restored = Der Rückzug ist aufgehoben.
notice-article-pinned = Der Artikel steht in der nächsten Ausgabe vorn.
notice-article-unpinned = Der Artikel ist nicht mehr angeheftet.
notice-article-not-waiting = Nichts wurde getan, denn der Artikel wartet nicht mehr auf diesen Newsletter.
