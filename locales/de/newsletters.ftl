# The pages of the console about newsletters.
console-newsletters = Newsletter

# The list, and one newsletter.
newsletters-empty = Es gibt noch keinen Newsletter. Legen Sie den ersten an: er liest Feeds, und man kann ihn abonnieren.
newsletters-removed = Entfernt
newsletter-create = Newsletter anlegen
newsletter-create-button = Anlegen
newsletter-create-note = Nur Kurzname und Name sind nötig. Alles andere können Sie später ändern.
newsletter-edit = Ändern
newsletter-edit-title = „{ $name }“ ändern
newsletter-edit-note = Ein fertiger Entwurf behält die Regeln, mit denen er zusammengestellt wurde. Leere Felder haben ihre Vorgaben.
newsletter-hidden = verborgen
newsletter-shown = auf der Website sichtbar
newsletter-on-demand = Versand auf Abruf
newsletter-next = nächste Ausgabe { $time }
newsletter-readers =
    { $count ->
        [one] 1 Leser
       *[other] { $count } Leser
    }
newsletter-reader-count = Leser
newsletter-feeds =
    { $count ->
        [one] 1 Feed
       *[other] { $count } Feeds
    }
newsletter-coming = Die nächsten Termine
newsletter-past = Die letzten Termine
newsletter-no-run = Noch kein Termin war fällig.
run-local = Ortszeit
run-no-issue = keine Ausgabe: { $day }
run-clock-skips = Die Uhr überspringt diese Zeit an dem Tag; die Ausgabe geht gleich danach hinaus.
run-clock-repeats = Die Uhr zeigt diese Zeit an dem Tag zweimal.
run-claimed = wird zusammengestellt
run-drafted = Entwurf wartet
run-empty = nichts zu versenden
newsletter-facts = Über den Newsletter
newsletter-created = Angelegt
newsletter-changed = Letzte Änderung
newsletter-file = Als Datei
newsletter-file-text = Der Newsletter steht in der Datenbank; kein Start des Programms liest eine Datei. Nur der Befehl „daywire newsletter apply DATEI“ ersetzt ihn, mit jedem Schlüssel der Datei, und gibt aus, was er ändert. Übernehmen Sie diesen Text, bevor Sie eine ältere Datei anwenden, sonst gehen Änderungen von hier verloren.

# Removing one.
newsletter-remove = Entfernen …
newsletter-remove-title = „{ $name }“ entfernen?
newsletter-remove-readers =
    { $count ->
        [one] 1 Abonnement endet.
       *[other] { $count } Abonnements enden.
    }
newsletter-remove-drafts = Diese Entwürfe werden abgebrochen:
newsletter-remove-feeds =
    { $count ->
        [one] Er liest 1 Feed nicht mehr.
       *[other] Er liest { $count } Feeds nicht mehr.
    }
newsletter-remove-stays = Ausgaben, Versandberichte und Einwilligungen bleiben. Der Kurzname bleibt vergeben.
newsletter-remove-refused = Er lässt sich jetzt nicht entfernen, denn eine Ausgabe wird versendet oder ist angehalten.
newsletter-remove-button = { $name } entfernen
newsletter-keep = Behalten
newsletter-removed-at = Dieser Newsletter wurde entfernt, { $time }. Legen Sie einen mit demselben Kurznamen an, um ihn ohne Leser zurückzuholen.

# The form.
newsletter-mistakes = Nichts wurde gesichert. Berichtigen Sie die markierten Felder.
newsletter-conflict-title = Dieser Newsletter wurde inzwischen geändert
newsletter-slug-taken = Ein anderer Newsletter hat diesen Kurznamen. Wählen Sie einen anderen.
newsletter-identity = Name und Absender
newsletter-content = Inhalt
newsletter-ranking = Reihenfolge der Meldungen
newsletter-slug = Kurzname in Adressen
newsletter-slug-note = Kleinbuchstaben, Ziffern und Bindestriche, etwa morning. Später nicht änderbar.
newsletter-name = Name
newsletter-description = Eine Zeile darüber
newsletter-from = Absender
newsletter-mailbox-note = Etwa Morning Wire <morning@example.org>.
newsletter-reply-to = Antworten gehen an
newsletter-welcome = Mail nach der Bestätigung
newsletter-welcome-note = Ihr Text; „true“ sendet den eingebauten. Leer: keine solche Mail.
newsletter-help = Adresse für Hilfe
newsletter-public = Auf der Website zeigen und Anmeldungen annehmen
newsletter-archive = Frühere Ausgaben auf der Website zeigen
newsletter-topics = Themen
newsletter-topics-note = Ein Thema je Zeile. Dazu gehörende Kategorien von Feeds folgen: Security = infosec, Sicherheit
newsletter-schedule = Zeitplan
schedule-when = Er wird versendet
schedule-none = auf Abruf
schedule-days = an diesen Tagen zu einer Zeit
schedule-cron = nach einer Cron-Zeile
schedule-days-legend = Tage
schedule-time = Uhrzeit
schedule-line = Cron-Zeile
schedule-line-note = Minute, Stunde, Tag, Monat, Wochentag, etwa 0 7 * * MON-FRI
schedule-show = Nächste Termine zeigen
schedule-without-day = Wählen Sie mindestens einen Tag.
schedule-without-time = Wählen Sie eine Uhrzeit wie 07:00.
day-monday = Montag
day-tuesday = Dienstag
day-wednesday = Mittwoch
day-thursday = Donnerstag
day-friday = Freitag
day-saturday = Samstag
day-sunday = Sonntag
newsletter-timezone = Zeitzone
newsletter-skip = Tage ohne Ausgabe
newsletter-skip-note = Einer je Zeile: sat, 12-25 (jedes Jahr) oder 2026-12-25.
newsletter-local-time = Jeder Leser bekommt ihn zu dieser Stunde seiner eigenen Uhr
newsletter-weekly-day = Wochenfassungen gehen hinaus ab
newsletter-lead-time = Der Entwurf wird so lange vorher zusammengestellt
newsletter-lead-note = Etwa 45m oder 2h: so lange können Sie den Entwurf lesen und ändern. 0s: gar nicht.
newsletter-approval = Vor dem Versand
newsletter-approval-auto = niemand muss ihn freigeben
newsletter-approval-required = jemand muss ihn freigeben
newsletter-grace = Eine verpasste Ausgabe wird noch versendet bis zu
newsletter-expire-after = Eine Zustellung wird aufgegeben nach
newsletter-span-note = Eine Dauer wie 45m, 12h oder 7days.
newsletter-subject-note = Diese Wörter werden ersetzt: { "{" }lead{ "}" }, { "{" }date{ "}" }, { "{" }count{ "}" }, { "{" }newsletter{ "}" }, { "{" }number{ "}" }.
newsletter-lines-note = Eines je Zeile.
newsletter-numbers-note = Ein Name und eine Zahl je Zeile, etwa Security = 2
newsletter-min-stories = Wenigste Meldungen in einer Ausgabe
newsletter-max-stories = Meiste Meldungen in einer Ausgabe
newsletter-top-stories = Meldungen, die nach Punkten vorn stehen
newsletter-story-note = Sagen, wie viele Quellen berichten und seit wann
newsletter-include-topics = Nur Artikel dieser Themen
newsletter-include-sources = Nur Artikel dieser Quellen
newsletter-include-words = Nur Artikel mit diesen Wörtern
newsletter-exclude-topics = Keine Artikel dieser Themen
newsletter-exclude-sources = Keine Artikel dieser Quellen
newsletter-exclude-words = Keine Artikel mit diesen Wörtern
newsletter-caps-per-topic = Meiste Meldungen je Thema
newsletter-caps-per-source = Meiste Meldungen je Quelle
newsletter-caps-topics = Grenzen einzelner Themen
newsletter-caps-sources = Grenzen einzelner Quellen
newsletter-ranking-sources = Faktor für die Zahl der Quellen
newsletter-ranking-source = Faktor für die beste Quelle
newsletter-ranking-freshness = Faktor für Neuheit
newsletter-ranking-topic = Faktor für das Thema
newsletter-ranking-novelty = Punkte, die eine Meldung verliert, wenn Leser sie kennen
newsletter-ranking-half-life = Halb so neu ist eine Meldung nach
newsletter-ranking-memory = Eine versendete Meldung gilt als bekannt für
newsletter-ranking-source-weights = Gewichte der Quellen
newsletter-ranking-topic-weights = Gewichte der Themen

# After an action.
notice-newsletter-created = Der Newsletter ist angelegt. Fügen Sie nun Feeds hinzu.
notice-newsletter-changed = Der Newsletter wurde geändert.
notice-newsletter-restored = Der Newsletter ist wieder da. Er hat keine Leser.
notice-newsletter-removed = Der Newsletter ist entfernt.
