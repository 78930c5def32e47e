# Die E-Mails an Leserinnen und Leser: Bestätigung, Hinweise zu einem Abonnement und der Newsletter selbst.

confirm-mail-subject = Bestätigen Sie Ihr Abonnement von { $newsletters }
confirm-mail-request = Jemand, wahrscheinlich Sie, hat { $site } gebeten, { $newsletters } an diese Adresse zu schicken. Die erste Ausgabe kommt, sobald Sie das bestätigen.
confirm-mail-button = Seite zum Bestätigen öffnen
confirm-mail-open = Wenn der Knopf nicht funktioniert, öffnen Sie diese Adresse:
confirm-mail-open-text = Zum Bestätigen öffnen Sie diese Adresse und drücken dort den Knopf:
confirm-mail-valid = Der Link funktioniert einmal, { $within }. Er öffnet eine Seite mit einem Knopf, und es geschieht nichts, bevor Sie ihn drücken.
confirm-mail-valid-text = Der Link funktioniert einmal, { $within }. Es geschieht nichts, bevor Sie den Knopf auf seiner Seite drücken.
within-minutes =
    { $count ->
        [one] innerhalb einer Minute
       *[other] innerhalb von { $count } Minuten
    }
within-hours =
    { $count ->
        [one] innerhalb einer Stunde
       *[other] innerhalb von { $count } Stunden
    }
within-days =
    { $count ->
        [one] innerhalb eines Tages
       *[other] innerhalb von { $count } Tagen
    }
confirm-mail-ignore = Wenn Sie das nicht waren, ignorieren Sie diese E-Mail. Ohne Ihre Bestätigung werden Sie nicht angemeldet.
confirm-mail-sent-by = Automatisch verschickt von <a>{ $site }</a>, weil jemand diese Adresse angemeldet hat.
imported-mail-request = Ihre Adresse steht auf einer Liste von Leserinnen und Lesern, die { $site } aus einem anderen System übernommen hat. Ihre Einwilligung für { $newsletters } ist hier nicht belegt, deshalb fragen wir Sie einmal. Nur wenn Sie bestätigen, kommt die erste Ausgabe.
imported-mail-ignore = Wenn Sie das nicht möchten, ignorieren Sie diese E-Mail. Sie werden nicht angemeldet, und wir fragen nicht noch einmal.
imported-mail-sent-by = Automatisch verschickt von <a>{ $site }</a>, weil diese Adresse auf einer Liste steht, die wir aus einem anderen System übernommen haben.

already-subscribed-subject = Sie haben { $newsletters } schon abonniert
already-subscribed-opening = Jemand, höchstwahrscheinlich Sie, hat { $site } gebeten, { $newsletters } an diese Adresse zu schicken. Ihr Abonnement besteht schon, es gibt also nichts zu bestätigen.
already-subscribed-paused = Es ist pausiert. Um die Pause zu beenden, ändern Sie Ihre Einstellungen.
already-subscribed-closing = Wenn Sie das nicht waren, tun Sie nichts: Ihr Abonnement bleibt, wie es ist.
change-preferences = Einstellungen ändern
subscription-mail-sent-by = Automatisch verschickt von <a>{ $site }</a>, weil diese Adresse dort ein Abonnement hat.
requested-mail-sent-by = Automatisch verschickt von <a>{ $site }</a>, weil jemand auf unserer Website darum gebeten hat.
former-address-mail-sent-by = Automatisch verschickt von <a>{ $site }</a>, weil Newsletter von dort bisher an diese Adresse gingen.

changed-subject = Ihre Einstellungen für { $newsletter } wurden geändert
changed-subject-paused = { $newsletter } ist bis zum { $day } pausiert
changed-subject-resumed = { $newsletter } ist nicht mehr pausiert
changed-opening = Jemand, höchstwahrscheinlich Sie, hat mit dem Link in einer Ihrer E-Mails Ihre Einstellungen geändert. So ist es jetzt.
changed-closing = Wenn Sie das nicht waren, hat jemand eine Ihrer E-Mails. Öffnen Sie den Link oben, um eine Pause zu beenden oder einen Link zu Ihren Abonnements anzufordern. Entfernen Sie die Links am Ende von E-Mails, bevor Sie sie weiterleiten.
now-paused-until = Bis zum { $day } schicken wir Ihnen nichts.
now-paused-after-bounces = Das Abonnement ist pausiert, weil Ihr Postfach unsere E-Mails nicht angenommen hat. Der Link unten beendet die Pause.
now-every-issue = Sie erhalten jede Ausgabe.
now-weekly = Sie erhalten eine Ausgabe pro Woche.
now-all-topics = Sie erhalten alle Themen.
now-topics = Sie erhalten diese Themen: { $topics }.
now-time-zone = Ihre Zeitzone ist { $zone }.
now-language = Unsere E-Mails an Sie sind in dieser Sprache: { $language }.

view-in-browser = Im Browser ansehen
corrections-subject =
    { $count ->
        [one] { $newsletter }: eine Korrektur
       *[other] { $newsletter }: { $count } Korrekturen
    }
best-of-week-issue = Das Beste der Woche, aus Nr. { $number }.
best-of-week = Das Beste der Woche, aus Nr. { $first } bis { $last }.
missed-issue = Was Sie verpasst haben: das Beste aus Nr. { $number }.
missed-issues = Was Sie verpasst haben: das Beste aus Nr. { $first } bis { $last }.
story-published = veröffentlicht: { $time }
story-reached-us = bei uns eingegangen: { $time }
story-sources =
    { $count ->
        [one] 1 Quelle, bei uns eingegangen: { $time }
       *[other] { $count } Quellen, erste Meldung bei uns: { $time }
    }
more-on-site =
    { $count ->
        [one] 1 weitere auf der Website
       *[other] { $count } weitere auf der Website
    }
digest-reason = Sie erhalten diese E-Mail, weil Sie { $newsletter } abonniert haben, einen Newsletter von { $site }.
manage-subscription = Abonnement verwalten
read-on-site = Auf der Website lesen
