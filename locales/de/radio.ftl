# Die Worte im Logbuch einer Funkstation (site.voice = "radio"). plain.ftl hat dieselben Nachrichten.

signup-label = transmission_log
subscribe-to = Die Sendung abonnieren.
latest = Neueste Funksprüche
nothing-yet = Noch nichts auf Sendung. Der erste Funkspruch erscheint, sobald er eintrifft.
read-latest = Die neuesten Funksprüche lesen
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = Auf dieser Adresse wird nichts gesendet. Sie ist vielleicht falsch abgetippt oder abgeschnitten.
check-address = Prüfen Sie die Adresse, oder gehen Sie zu den neuesten Funksprüchen.
unavailable = Kurze Sendepause
opening =
    { $count ->
        [0] In dieser Ausgabe stehen keine neuen Meldungen. Sie berichtigt frühere Ausgaben.
        [one] 1 Funkspruch im Logbuch.
       *[other] { $count } Funksprüche im Logbuch, die wichtigsten zuerst.
    }
opening-by-hand =
    { $count ->
        [0] In dieser Ausgabe stehen keine neuen Meldungen. Sie berichtigt frühere Ausgaben.
        [one] 1 Funkspruch im Logbuch.
       *[other] { $count } Funksprüche im Logbuch.
    }
also-in-issue = Auch im Logbuch
other-topic = Andere Signale
corrections = Signalkorrekturen
end-of-issue = Ende der Übertragung.
more-stories = Weitere Funksprüche
earlier-stories = Frühere Funksprüche
