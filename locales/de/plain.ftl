# Die üblichen Worte einer Nachrichtenseite (site.voice = "plain"). radio.ftl hat dieselben Nachrichten.

signup-label = { "" }
subscribe-to = { $name } abonnieren
latest = Neueste Meldungen
nothing-yet = Hier ist noch nichts. Die erste Meldung erscheint, sobald sie eintrifft.
read-latest = Die neuesten Meldungen lesen
article-id = Artikel { $id }
comments-label = Kommentare
comments-status = { "" }
no-such-page = Unter dieser Adresse gibt es keine Seite. Sie ist vielleicht falsch abgetippt oder abgeschnitten.
check-address = Prüfen Sie die Adresse, oder gehen Sie zu den neuesten Meldungen.
unavailable = Im Moment nicht erreichbar
opening =
    { $count ->
        [0] In dieser Ausgabe stehen keine neuen Meldungen. Sie berichtigt frühere Ausgaben.
        [one] In dieser Ausgabe: 1 Meldung.
       *[other] In dieser Ausgabe: { $count } Meldungen, die wichtigsten zuerst.
    }
opening-by-hand =
    { $count ->
        [0] In dieser Ausgabe stehen keine neuen Meldungen. Sie berichtigt frühere Ausgaben.
        [one] In dieser Ausgabe: 1 Meldung.
       *[other] In dieser Ausgabe: { $count } Meldungen.
    }
also-in-issue = Außerdem in dieser Ausgabe
other-topic = Weitere Meldungen
corrections = Korrekturen
end-of-issue = Das war’s für heute.
more-stories = Weitere Meldungen
earlier-stories = Ältere Meldungen
