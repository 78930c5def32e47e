# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = Entwürfe
console-issues = Ausgaben
state-draft = Entwurf
state-approved = freigegeben
state-sending = wird versendet
state-paused = angehalten
state-sent = versendet
state-skipped = ausgelassen
state-cancelled = abgebrochen
delivery-queued = wartet
delivery-sending = wird versendet
delivery-accepted = angenommen
delivery-deferred = aufgeschoben
delivery-rejected = abgelehnt
delivery-suppressed = gesperrt
delivery-expired = abgelaufen
delivery-in-doubt = ungewiss

# The list of drafts.
drafts-lede = Ausgaben, die zusammengestellt und noch nicht versendet sind.
drafts-empty = Kein Entwurf wartet. Ein Newsletter mit Zeitplan stellt seinen Entwurf vor dem Termin zusammen; Sie können auch jetzt einen zusammenstellen.
drafts-build = Jetzt einen Entwurf zusammenstellen
drafts-build-note = Aus den Artikeln, die auf den Newsletter warten.
drafts-nothing = In { $newsletter } gibt es nichts zu versenden:
draft-name = { $newsletter }, Ausgabe { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = geht hinaus am { $time }
draft-was-due = war fällig am { $time }
draft-on-demand = geht hinaus, wenn jemand sie versendet
draft-waits-for-approval = wartet auf Freigabe

# A draft.
draft-approve = Freigeben
draft-withdraw = Freigabe zurücknehmen
draft-send = Jetzt versenden …
draft-cancel = Ausgabe abbrechen
draft-readers = Leser und Fassungen
draft-publisher-approves = Ein Herausgeber oder Eigentümer gibt sie frei. Bis dahin wird sie nicht versendet.
draft-checks = Prüfungen
draft-checks-passed = Die Prüfungen haben nichts gefunden. Die Ausgabe kann hinaus.
finding-blocks = hält die Ausgabe auf
finding-warns = Warnung
finding-size = Die Nachricht ist zu groß
finding-headers = Eine Kopfzeile fehlt oder ist falsch
finding-unsubscribe = Leser können sich nicht überall abmelden
finding-https = Der Abmeldelink ist nicht sicher
finding-text = In der Textfassung fehlt etwas
finding-links = Ein Link ist falsch
finding-images = Einem Bild fehlt die Größe oder die Beschreibung
finding-contrast = Text ist schwer zu lesen
finding-subject = Der Betreff fehlt oder ist zu lang
finding-postal-address = Die Postanschrift fehlt
finding-document = Die Sprache oder der Titel fehlt
finding-hidden-text = Text ist versteckt
finding-support = Manche Mailprogramme zeigen nicht alles
draft-stories =
    { $count ->
        [one] 1 Meldung in der Ausgabe
       *[other] { $count } Meldungen in der Ausgabe
    }
draft-left-out = Ausgelassen
draft-show-all =
    { $count ->
        [one] 1 weitere zeigen
       *[other] { $count } weitere zeigen
    }
story-drag = Ziehen Sie die Meldung an einen anderen Platz
story-up = Nach oben
story-down = Nach unten
story-pin = Anheften
story-unpin = Lösen
story-pinned = angeheftet
story-put-in = Aufnehmen
story-more = Ändern
story-score = Punkte: { $score }
story-headline = Überschrift
story-headline-note = Leer gilt die Überschrift des Artikels.
story-change-headline = Überschrift sichern
story-place = Platz
story-place-wrong = Geben Sie einen Platz von 1 bis { $count } an.
story-move = Verschieben
story-because = Warum sie ausgelassen wird
story-drop = Auslassen
story-join-with = In die Meldung aufnehmen
story-join = Zusammenlegen
story-split = Zu einer eigenen Meldung machen
story-split-note = Diese Artikel sind eine Meldung.
story-unknown = Diese Meldung gibt es im Entwurf nicht mehr. Sehen Sie ihn noch einmal an.
draft-texts = Betreff und Einleitung
draft-subject = Betreff
draft-subject-note = Leer gilt der Betreff des Newsletters. Diese Wörter werden ersetzt:
draft-subject-wrong = Dieser Betreff ist nicht möglich: { $reason }
slot-lead = die erste Überschrift
slot-date = das Datum der Ausgabe
slot-count = die Zahl der Meldungen
slot-newsletter = der Name des Newsletters
slot-number = die Nummer der Ausgabe
draft-intro = Einleitung
draft-intro-note = Ein kurzer Text vor den Meldungen.
draft-save-texts = Sichern
draft-reset = Alle Änderungen verwerfen
draft-reset-note = Der Entwurf wird, wie er zusammengestellt wurde: Reihenfolge, Überschriften, Betreff und Einleitung.
draft-would-be-empty = Es bliebe keine Meldung übrig. Brechen Sie stattdessen die Ausgabe ab.
draft-test-send = Test senden
draft-test-to = E-Mail für den Test
draft-test-waits = { $to }: wartet auf den Versand
draft-test-retried = { $to }: wird noch einmal versucht, denn: { $reply }
draft-test-accepted = { $to }: versendet { $time }
draft-test-failed = { $to }: nicht versendet, denn: { $reply }
draft-test-interrupted = { $outcome }. Das Programm endete, während es diesen Test versandte. Er wurde { $time } erneut eingereiht und kann deshalb zweimal ankommen.
draft-preview = Vorschau
preview-phone = Auf dem Telefon
preview-desktop = Auf dem Bildschirm
preview-text = Als Text
draft-back = Zurück zum Entwurf
notice-draft-built = Der Entwurf ist zusammengestellt.
notice-draft-changed = Der Entwurf wurde geändert.
notice-draft-approved = Die Ausgabe ist freigegeben. Eine Änderung nimmt die Freigabe zurück.
notice-approval-withdrawn = Die Freigabe wurde zurückgenommen.
notice-draft-cancelled = Die Ausgabe wurde abgebrochen. Ihre Artikel warten auf die nächste.
notice-test-queued = Der Test ist unterwegs. Laden Sie die Seite neu, um zu sehen, was daraus wurde.

# Two operators changed a draft.
conflict-title = Jemand hat diesen Entwurf inzwischen geändert
conflict-by-program = Ein Artikel darin wurde berichtigt, oder der Zeitplan hat ihn geändert.
conflict-kept = Nichts wurde überschrieben. Sehen Sie den Entwurf an, wie er jetzt ist, und entscheiden Sie dann über das, was Sie tun wollten:
conflict-again = Jetzt tun: { $action }
conflict-gone = Die Ausgabe kann nicht mehr geändert werden. Ihr Zustand ist: { $state }.
draft-changed-by = { $name } hat ihn geändert, { $time }
draft-approved-by = { $name } hat ihn freigegeben, { $time }
draft-withdrawn-by = { $name } hat die Freigabe zurückgenommen, { $time }
draft-sent-by = { $name } hat ihn versendet, { $time }
draft-cancelled-by = { $name } hat ihn abgebrochen, { $time }

# The question before an issue is sent or cancelled.
send-title = { $issue } jetzt versenden?
send-readers =
    { $count ->
        [one] 1 Leser bekommt sie.
       *[other] { $count } Leser bekommen sie.
    }
send-weekly =
    { $count ->
        [one] 1 davon bekommt die Wochenfassung.
       *[other] { $count } davon bekommen die Wochenfassung.
    }
send-not-mailed = Nicht angeschrieben:
send-instead-of = Von selbst ginge sie hinaus am { $time }.
send-button =
    { $count ->
        [one] An 1 Leser versenden
       *[other] An { $count } Leser versenden
    }
send-needs-approval = Die Ausgabe wartet auf Freigabe. Lesen Sie sie, geben Sie sie frei, und versenden Sie sie dann.
send-no-reader = Niemand bekäme sie. Die Ausgabe bleibt, wie sie ist, und behält ihre Artikel.
send-blocked = Nichts wurde versendet. Die Prüfungen halten die Ausgabe auf: { $reason }
cancel-title = { $issue } abbrechen?
cancel-text = Nichts davon wird versendet. Die Artikel warten auf die nächste Ausgabe.
editions-none = Alle Leser bekommen dieselbe Ausgabe.
edition-unapproved = nicht freigegeben: die Leser bekommen die ganze Ausgabe

# Issues that were sent.
issues-empty = Noch keine Ausgabe wurde versendet.
issues-older = Ältere Ausgaben
issue-recipients =
    { $count ->
        [one] 1 Empfänger
       *[other] { $count } Empfänger
    }
issue-started = begonnen { $time }
issue-finished = beendet { $time }
issue-progress = { $done } von { $total } erledigt
issue-live = Die Zahlen erneuern sich von selbst.
issue-reload = Neu laden
issue-in-archive = Die Ausgabe, wie Leser sie sehen
issue-pause = Anhalten
issue-resume = Fortsetzen
issue-settle-accepted = Sie sind angekommen
issue-settle-resend = Noch einmal versenden
issue-pause-text = Nachrichten, die unterwegs sind, werden beendet; weitere werden nicht versendet. Sie können die Ausgabe später fortsetzen.
issue-resume-text = Die übrigen Nachrichten werden versendet.
issue-cancel-text = Die übrigen Nachrichten werden nicht versendet. Das lässt sich nicht rückgängig machen.
issue-settle-accepted-text = Die ungewissen Nachrichten gelten als angenommen. Diese Leser bekommen nichts mehr.
issue-settle-resend-text = Die ungewissen Nachrichten werden mit derselben Message-ID noch einmal versendet. Manche Leser bekommen die Ausgabe vielleicht zweimal.
issue-in-doubt =
    { $count ->
        [one] 1 Nachricht ist ungewiss
       *[other] { $count } Nachrichten sind ungewiss
    }
issue-in-doubt-text = Die Verbindung zum Relay brach ab, während es diese Nachrichten entgegennahm. Vielleicht hat es sie angenommen, vielleicht nicht. Sehen Sie im Protokoll des Relays nach, und entscheiden Sie dann.
issue-back = Zurück zur Ausgabe
issue-proof = Versandbericht
report-came-back = Was zurückkam
report-hard-bounces = endgültig unzustellbar
report-soft-bounces = vorübergehend unzustellbar
report-other-bounces = anders zurückgekommen
report-complaints = Beschwerden
report-domains = Nach Domain der Empfänger
report-domain = Domain
report-editions = Fassungen
report-state = Zustand
report-reason = Grund
report-deliveries = Nachrichten
report-sum = Summe
report-adds-up = jeder Empfänger ist einmal gezählt
report-differs = beim Start hatte die Ausgabe eine andere Zahl von Empfängern
proof-balanced =
    { $count ->
        [one] Der Bericht geht auf: 1 Empfänger, in einem Zustand, mit einem Grund.
       *[other] Der Bericht geht auf: { $count } Empfänger, jeder in einem Zustand, mit einem Grund.
    }
proof-unbalanced = Der Bericht geht nicht auf: { $counted } Empfänger sind gezählt, { $frozen } waren es beim Start.
notice-sending-started = Die Ausgabe wird versendet.
notice-issue-paused = Die Ausgabe ist angehalten.
notice-issue-resumed = Die Ausgabe wird weiter versendet.
notice-issue-cancelled = Die Ausgabe wurde abgebrochen.
notice-issue-settled = Über die ungewissen Nachrichten ist entschieden.
notice-issue-state-changed = Nichts wurde getan, denn die Ausgabe ist inzwischen in einem anderen Zustand.

# What needs an operator today.
today-needs = Was Sie braucht
today-next = Was als Nächstes läuft
today-last = Die letzte Ausgabe
today-no-newsletter = Es gibt noch keinen Newsletter. Herausgeber und Eigentümer legen einen unter „Newsletter“ an.
today-no-schedule = Kein Newsletter hat einen Zeitplan. Stellen Sie einen Entwurf zusammen, und versenden Sie ihn selbst.
today-numbers = { $accepted } angenommen, { $rejected } abgelehnt, { $open } übrig
need-relay = Das Relay nimmt keine Post an
need-paused = { $issue } ist angehalten
need-in-doubt =
    { $count ->
        [one] 1 Nachricht von { $issue } ist ungewiss
       *[other] { $count } Nachrichten von { $issue } sind ungewiss
    }
need-feeds =
    { $count ->
        [one] 1 Feed ist gestört
       *[other] { $count } Feeds sind gestört
    }
need-comments =
    { $count ->
        [one] 1 Kommentar wartet auf Sie
       *[other] { $count } Kommentare warten auf Sie
    }
need-alerts =
    { $count ->
        [one] 1 Grenze für Rückläufer oder Beschwerden ist erreicht
       *[other] { $count } Grenzen für Rückläufer oder Beschwerden sind erreicht
    }
