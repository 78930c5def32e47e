# The page of the console about webhooks.
console-webhooks = Webhooks
webhooks-lede = Andere Programme erfahren von Ereignissen dieser Website: Eine Adresse wurde bestätigt, eine Ausgabe versendet, eine Mail kam zurück. Jede Meldung ist signiert und enthält Adressen von Lesern.
webhooks-none = Noch bekommt kein Programm Ereignisse.
webhook-counts = Wartend: { $waiting } · zugestellt: { $delivered } · gescheitert: { $failed }
webhook-enabled = bekommt Ereignisse
webhook-disabled-since = abgeschaltet seit { $time }
webhook-failing-since = scheitert seit { $time }
webhook-all-events = alle Ereignisse

# Adding and changing a webhook.
webhook-add = Webhook hinzufügen
webhook-url = Adresse, die die Ereignisse bekommt
webhook-url-note = Zum Beispiel https://crm.example.org/events. Eine Adresse im eigenen Netz muss in der Einstellung webhooks.allow stehen.
webhook-name-note = Buchstaben, Ziffern, Punkte, Binde- und Unterstriche. Ohne Namen heißt er wie der Host der Adresse.
webhook-events = Ereignisse
webhook-events-note = Ohne Auswahl bekommt er alle Ereignisse, auch die späterer Versionen.
webhook-secret = Das ist das Geheimnis von { $name }. Es wird nicht noch einmal gezeigt: Kopieren Sie es jetzt in das Programm, das die Ereignisse bekommt; es prüft damit die Signaturen.
webhook-name-wrong = Schreiben Sie 1 bis { $most } Buchstaben, Ziffern, Punkte, Binde- oder Unterstriche.
webhook-taken = Einen Webhook mit diesem Namen gibt es schon. Wählen Sie einen anderen Namen.
webhook-too-many = Es gibt schon { $most } Webhooks. Entfernen Sie zuerst einen.
webhook-address-refused = Dorthin können keine Ereignisse gesendet werden: { $reason }

# One webhook.
webhook-added = Hinzugefügt { $time }
webhook-previous-until = Bis { $time } werden Meldungen auch mit dem vorigen Geheimnis signiert.
webhook-test = Test-Ereignis senden
webhook-test-accepted = Das Test-Ereignis wurde mit dem Status { $status } angenommen.
webhook-test-failed = Das Test-Ereignis wurde nicht angenommen:
webhook-enable = Einschalten
webhook-try-now = Jetzt noch einmal versuchen
webhook-disable = Abschalten …
webhook-disable-text = Er bekommt keine Ereignisse, bis er eingeschaltet wird. Ereignisse der Zwischenzeit werden nicht nachgeholt.
webhook-disable-now = Diesen Webhook abschalten
webhook-rotate = Neues Geheimnis erzeugen …
webhook-rotate-text = 24 Stunden lang ist jede Meldung mit beiden Geheimnissen signiert, damit beim Wechsel im Programm nichts verloren geht.
webhook-rotate-now = Jetzt ein neues Geheimnis erzeugen
webhook-change = Adresse und Ereignisse
webhook-remove = Entfernen …
webhook-remove-text = Meldungen, die auf ihn warten, werden nicht gesendet, und sein Protokoll wird gelöscht.
webhook-remove-now = Diesen Webhook entfernen

# The log of a webhook.
webhook-log = Was gesendet wurde
webhook-log-none = Es gibt keine Meldung zu zeigen. Eine Meldung steht hier, sobald ihr Ereignis geschieht.
webhook-event = Ereignis
webhook-attempts = Versuche
webhook-answer = Antwort
webhook-waiting = wartet
webhook-delivered = zugestellt
webhook-failed = gescheitert
webhook-next = nächster Versuch { $time }
webhook-replay = Noch einmal senden
webhook-replay-failed = Alle gescheiterten noch einmal senden
webhook-older = Ältere Meldungen

# After an action.
notice-webhook-changed = Der Webhook wurde geändert.
notice-webhook-enabled = Der Webhook bekommt Ereignisse und wird sofort versucht.
notice-webhook-disabled = Der Webhook bekommt keine Ereignisse mehr.
notice-webhook-removed = Der Webhook wurde entfernt.
notice-webhook-replayed = Es wird gleich noch einmal gesendet. Laden Sie die Seite neu, um das Ergebnis zu sehen.
