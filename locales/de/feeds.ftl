# The pages of the console about feeds.
console-feeds = Feeds

# The list of feeds.
feeds-lede = Woher Ihre Artikel kommen. Feeds, die sich nicht lesen lassen, stehen vorn.
feeds-empty = Noch liest kein Newsletter einen Feed. Fügen Sie die Adresse einer Website hinzu, die Sie lesen möchten.
feeds-none = Kein Feed passt dazu.
feeds-text = Teil des Namens oder der Adresse
feeds-failing = nicht lesbar
feeds-unused = von keinem Newsletter gelesen
feeds-more = Weitere Feeds
feed-articles =
    { $count ->
        [one] 1 Artikel in 7 Tagen
       *[other] { $count } Artikel in 7 Tagen
    }
feed-read = gelesen { $time }
feed-never-read = noch nicht gelesen
feed-next = nächste Abfrage { $time }
feed-failing-since = seit { $time }

# Why a feed cannot be read, and what to do.
feed-gone = Der Herausgeber hat den Feed geschlossen
feed-gone-advice = Er wird nicht mehr abgefragt. Suchen Sie auf der Website des Herausgebers die neue Adresse, fügen Sie sie hinzu, und entfernen Sie diesen Feed.
feed-missing = An dieser Adresse ist nichts (404)
feed-missing-advice = Öffnen Sie die Website des Herausgebers, und suchen Sie den Feed. Ist er umgezogen, fügen Sie die neue Adresse hinzu, und entfernen Sie diese.
feed-refused = Der Server gibt ihn nicht heraus
feed-refused-advice = Fragen Sie den Herausgeber, ob Programme den Feed lesen dürfen. Braucht er eine Anmeldung, tragen Sie sie auf der Seite des Feeds ein.
feed-busy = Der Server hat ein Problem
feed-busy-advice = Er wird von selbst wieder abgefragt. Sie müssen nichts tun, außer es dauert Tage.
feed-unreachable = Der Server ist nicht erreichbar
feed-unreachable-advice = Er wird von selbst wieder abgefragt. Dauert es an, prüfen Sie, ob die Adresse stimmt.
feed-not-a-feed = An dieser Adresse ist kein Feed
feed-not-a-feed-advice = Fügen Sie die Adresse der Seite des Herausgebers hinzu: der dort verlinkte Feed wird gefunden.
feed-not-allowed = Die Einstellungen erlauben diese Adresse nicht
feed-not-allowed-advice = Ist sie richtig, bitten Sie die Person, die Daywire betreibt, sie in feeds.allow aufzunehmen.
feed-proxy = Der Proxy öffnet keinen Weg zum Server
feed-proxy-advice = Alle Feeds werden über ihn abgefragt. Bitten Sie die Person, die Daywire betreibt, feeds.proxy zu prüfen.
feed-failed = Er lässt sich nicht lesen
feed-failed-advice = Er wird von selbst wieder abgefragt. Die Zeile darunter sagt, was geschah.

# One feed.
feed-health = Zustand
feed-last-request = Letzte Abfrage
feed-interval = Abgefragt alle
feed-minutes =
    { $count ->
        [one] 1 Minute
       *[other] { $count } Minuten
    }
feed-flood = Ausgelassen
feed-flood-text =
    { $count ->
        [one] 1 Eintrag über der Grenze je Abfrage, { $time }
       *[other] { $count } Einträge über der Grenze je Abfrage, { $time }
    }
feed-fetch = Jetzt abfragen
feed-newsletters = Gelesen von
feed-no-newsletter = Kein Newsletter liest diesen Feed, also wird er nicht abgefragt.
feed-read-since = seit { $time }
feed-read-for = Auch für
feed-add-to = Hinzufügen
feed-remove = Nicht mehr lesen …
feed-remove-text = { $newsletter } bekommt keine neuen Artikel aus diesem Feed. Angekommene Artikel bleiben, und wartende können noch in eine Ausgabe kommen.
feed-remove-button = Nicht mehr für { $newsletter } lesen
feed-on-site = Auf der Website
feed-is-whole = Die Website zeigt die Artikel dieses Feeds ganz.
feed-is-excerpt = Die Website zeigt von jedem Artikel einen Auszug und verlinkt den Herausgeber.
feed-show-whole = Ganz zeigen: er gehört uns, oder der Herausgeber stimmte zu
feed-show-excerpts = Auszüge zeigen
feed-text = Text der Artikel
feed-text-of-feed = Der Text eines Artikels ist der des Feeds.
feed-text-of-page = Hat ein Eintrag des Feeds nur wenige Zeilen, wird der Text der Seite des Artikels entnommen.
feed-take-page = Hat ein Eintrag nur wenige Zeilen, den Text der Seite des Artikels entnehmen
feed-take-feed = Nur den Text des Feeds nehmen
feed-text-note = Website und Suche haben dann mehr als einen Auszug, und der Link zum Herausgeber bleibt. Ganz gezeigt wird der Text nur, wenn Sie das für den Feed erlauben. Das gilt für neue Artikel.
feed-page-failed = Eine Seite wurde nicht verwendet, { $time }:
feed-request = Anmeldung und Abfrage
feed-user-agent = Name des Programms (User-Agent)
feed-user-agent-note = Für Server, die nur manchen Programmen antworten. Leer: wie bei allen Feeds.
feed-login-name = Anmeldename
feed-login-note = HTTP Basic. Die Anmeldung wird nur an den Server dieses Feeds gesendet. Leer: keine Anmeldung.
feed-login-password = Passwort der Anmeldung
feed-login-kept = Ein Passwort ist gesetzt. Lassen Sie das Feld leer, um es zu behalten.
feed-headers = Weitere Kopfzeilen
feed-headers-note = Eine je Zeile, als „Name: Wert“. Sie werden nur an den Server dieses Feeds gesendet, und ihre Werte werden nicht wieder gezeigt. „Name:“ behält einen Wert, und eine entfernte Zeile entfernt die Kopfzeile.
feed-request-save = Speichern
feed-request-refused = Das kann nicht gesendet werden: { $reason }
feed-latest = Seine letzten Artikel
feed-no-article = Er hat noch keinen Artikel gebracht.

# Adding feeds.
feed-add = Feed hinzufügen
feed-needs-newsletter = Ein Newsletter liest Feeds. Legen Sie zuerst einen Newsletter an.
feed-by-address = Mit seiner Adresse
feed-address = Adresse des Feeds oder einer Seite, die ihn verlinkt
feed-address-note = Etwa example.org. Sie wird sofort gelesen, damit Sie sehen, ob es geht.
feed-for = Für den Newsletter
feed-full-text = Die Website zeigt seine Artikel ganz: er gehört uns, oder der Herausgeber stimmte zu.
feed-add-button = Feed hinzufügen
feed-add-anyway = Trotzdem hinzufügen
feed-unreadable = Nichts wurde hinzugefügt, denn dort lässt sich jetzt kein Feed lesen. Berichtigen Sie die Adresse, oder fügen Sie sie trotzdem hinzu: sie wird dann immer wieder versucht.
feed-address-refused = Diese Adresse lässt sich nicht lesen: { $reason }
feeds-found = Diese Seite verlinkt mehrere Feeds. Welcher soll es sein?
feeds-from-list = Aus einer Liste
feeds-from-list-text = Feedreader exportieren ihre Feeds als OPML-Datei. Wählen Sie die Datei, oder fügen Sie ihren Inhalt ein.
feeds-file = Datei
feeds-add-all = Diese Feeds hinzufügen
feeds-not-a-list = Das ist kein OPML oder unvollständig. Exportieren Sie die Liste noch einmal, und fügen Sie sie ganz ein. Nichts wurde hinzugefügt.
feeds-imported = Hinzugefügt: { $added }. Schon vorher gelesen: { $known }.
feeds-refused = Diese wurden nicht hinzugefügt:
feeds-only-site = die Liste nennt nur die Seite { $site }; fügen Sie diese Adresse oben hinzu
feeds-no-address = er hat keine Adresse, die sich lesen lässt

# After an action.
notice-feed-added = Der Feed ist hinzugefügt. Er wird gleich gelesen; von älteren Artikeln kommen nur die des letzten Tages in die nächste Ausgabe.
notice-feed-known = Der Newsletter liest diesen Feed schon.
notice-feed-changed = Der Feed wurde geändert.
notice-feed-due = Der Feed wird gleich gelesen. Laden Sie die Seite neu, um das Ergebnis zu sehen.
notice-feed-removed = Der Newsletter liest den Feed nicht mehr. Seine Artikel bleiben.
