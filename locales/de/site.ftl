# Der Rahmen jeder Seite, die Startseite, Artikel und das Archiv.

skip-to-content = Zum Inhalt springen
site-navigation = Website
language-navigation = Sprachen
past-issues = Frühere Ausgaben
past-issues-short = Archiv
inbox = Posteingang
mail-is-captured = Es ist kein Mailserver eingestellt: E-Mails werden hier gesammelt, nicht zugestellt.

time-stamp = { $date } · { $time }
weekday-time = { $weekday }, { $time }
labelled = { $label }:
list-separator = { ", " }
list-end = { $names } und { $name }

also = auch bei:
more-sources =
    { $count ->
        [one] 1 weitere
       *[other] { $count } weitere
    }
other-sources =
    { $count ->
        [one] 1 andere Quelle
       *[other] { $count } andere Quellen
    }
read-at = Weiterlesen bei { $source }
article-corrections = Korrekturen
article-sources = Quellen
retracted-title = Zurückgezogen
retracted-happened = { $id } wurde zurückgezogen: { $date }.
retracted-reason = Die Begründung: { $reason }
retracted-without-reason = Es wurde kein Grund genannt.

past-issues-label = Frühere Ausgaben
past-issues-of = Frühere Ausgaben von { $newsletter }
past-issues-description = Frühere Ausgaben der Newsletter von { $site }
issue-number = Ausgabe { $number }
newsletter-issue = { $newsletter }, Ausgabe { $number }
issue-link = Ausgabe { $number }
issue-navigation = Ausgaben
all-issues = Alle Ausgaben
edition-note = Diese Fassung ist für alle, die Themen, eine Sprache oder eine E-Mail pro Woche gewählt haben.
whole-issue = Die vollständige Ausgabe lesen
edition-expired = Links zu solchen Fassungen funktionieren ein Jahr lang.
edition-expired-next = Alle Ausgaben finden Sie unter den früheren Ausgaben.
newsletter-navigation = Newsletter
all-newsletters = Alle
no-issue-yet = Noch wurde keine Ausgabe verschickt. Die erste erscheint hier, sobald sie verschickt ist.
earlier-issues = Ältere Ausgaben
atom-feed = Atom-Feed dieser Ausgaben
mark-corrected = korrigiert
mark-retracted = zurückgezogen
mark-restored = wiederhergestellt
change-corrected = Korrigiert
change-retracted = Zurückgezogen
change-restored = Wiederhergestellt
corrected-fields = Geändert: { $fields }
corrected-headline = Überschrift
corrected-address = Adresse
corrected-summary = Zusammenfassung
corrected-text = Text
corrected-authors = Autoren
corrected-category = Kategorie
corrected-language = Sprache
corrected-source = Quelle
corrected-date = Datum
corrected-picture = Bild
report-retracted = (zurückgezogen)

no-issue-title = Diese Ausgabe gibt es nicht
no-issue-of-number = Eine Ausgabe von { $newsletter } mit dieser Nummer wurde nicht verschickt.
no-archive = Hier zeigt kein Newsletter dieses Namens seine früheren Ausgaben.
no-issue-next = Prüfen Sie die Nummer in der Adresse, oder sehen Sie <a>die früheren Ausgaben</a> durch.
no-issue-next-of = Prüfen Sie die Nummer in der Adresse, oder sehen Sie <a>die früheren Ausgaben von { $newsletter }</a> durch.
search = Suche
search-for = Suchen nach
search-description = Artikel und frühere Ausgaben von { $site } durchsuchen
search-nothing = Nichts gefunden. Versuchen Sie es mit weniger oder anderen Wörtern.
search-count =
    { $count ->
        [one] 1 Treffer
       *[other] { $count } Treffer
    }
search-best = Die besten { $count } Treffer
page-navigation = Seiten
previous-page = Vorherige Seite
next-page = Nächste Seite
newer-story = Neuere Meldung
earlier-story = Ältere Meldung
footer-navigation = Mehr über diese Website
topic-navigation = Themen
front-page = Aktuell
more-on = Mehr zu { $topic }
also-reported = Ebenfalls berichten
by-authors = Von { $authors }
read-issue = Ausgabe lesen
next-issue-at = Nächste Ausgabe: { $time }
latest-issue = Neueste Ausgabe
share-by-mail = Per E-Mail teilen
site-feed = Atom-Feed
