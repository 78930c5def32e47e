# Das Anmeldeformular, die Seiten hinter den Links in E-Mails und die Einstellungen.

subscribe = Abonnieren
check-form = Bitte prüfen Sie Ihre Angaben
no-newsletter-title = Noch kein Newsletter
no-newsletter-text = Hier lässt sich noch nichts abonnieren. Bitte schauen Sie später wieder vorbei.
newsletters-legend = Newsletter
email = E-Mail-Adresse
name = Name
optional = freiwillig
honeypot = Website: Lassen Sie dieses Feld leer, es ist nur für Programme
chosen-newsletter = Newsletter:
choose-others = Andere wählen
form-delivery = Sie erhalten eine E-Mail mit einem Bestätigungslink. Solange Sie ihn nicht benutzen, schicken wir Ihnen nichts weiter.
form-consent = Mit dem Abonnieren stimmen Sie zu, { $newsletter } von { $site } zu erhalten. Abbestellen können Sie jederzeit über den Link in jeder Ausgabe.
form-consent-chosen = Mit dem Abonnieren stimmen Sie zu, die gewählten Newsletter von { $site } zu erhalten. Abbestellen können Sie jederzeit über den Link in jeder Ausgabe.
did-you-mean = Meinten Sie { $domain }? Berichtigen Sie die Adresse, oder drücken Sie noch einmal den Knopf, um sie zu behalten.
form-wrong-title = Dieses Formular ist nicht richtig eingerichtet
form-wrong-happened = Sein Feld „{ $field }“ nennt eine Seite einer Website, die dieses Formular nicht benutzen darf. Nichts wurde gesendet.
form-wrong-next = Bitte sagen Sie es der Website, auf der Sie das Formular gesehen haben, oder abonnieren Sie auf unserer eigenen Seite.
topics-of = Themen von { $newsletter }
time-zone-of-newsletter = Zeitzone des Newsletters
time-zone-used = Jede Ausgabe kommt zu ihrer Uhrzeit in dieser Zeitzone.

check-inbox-title = Sehen Sie in Ihr Postfach
check-inbox-heading = Sehen Sie in Ihr Postfach.
check-inbox-text = Falls diese Adresse noch nicht angemeldet ist, ist ein Bestätigungslink unterwegs. Öffnen Sie ihn, und drücken Sie den Knopf zum Bestätigen.
check-inbox-retry = Nach ein paar Minuten noch nichts da? Sehen Sie im Spam-Ordner nach, prüfen Sie die Adresse, und <a>versuchen Sie es noch einmal</a>.
check-inbox-captured = Diese Website läuft ohne Mailserver: Die E-Mail liegt im <a>Posteingang</a>.

prove-title = Noch ein Schritt
prove-heading = Noch ein Schritt.
prove-text = Gerade melden sich sehr viele Menschen oder Programme an. Dieser Schritt hält Programme fern. Noch wurde nichts gesendet.
prove-working = Ihr Browser erledigt diesen Schritt für Sie. Das dauert ein paar Sekunden.
prove-wrong = Die Antwort ist falsch oder kam zu spät. Bitte versuchen Sie es noch einmal.
prove-question = Wie viel ist { $one } plus { $other }?

confirm-title = Bestätigen Sie Ihr Abonnement
confirm-heading = Bestätigen Sie Ihr Abonnement.
confirm-text = Wenn Sie den Knopf drücken, schickt Ihnen { $site }:
confirm-button = Abonnement bestätigen
confirm-ignore = Wenn Sie das nicht angefordert haben, schließen Sie diese Seite. Dann werden Sie nicht angemeldet.
confirmed-title = Abonniert
confirmed-heading = Ihr Abonnement ist bestätigt.
confirmed-text = Ab der nächsten Ausgabe erhalten Sie:
confirmed-leave = In jeder Ausgabe finden Sie einen Link zum Abbestellen.

link-fails-title = Der Link funktioniert nicht
link-expired-heading = Dieser Link ist abgelaufen.
link-expired-text = Bestätigungslinks müssen Sie { $within } nutzen. Sie sind noch nicht angemeldet.
link-used-heading = Dieser Link wurde schon benutzt.
link-used-text = Ein Bestätigungslink funktioniert einmal. Das Abonnement, das er bestätigt hat, ist inzwischen beendet.
link-unknown-heading = Dieser Link funktioniert nicht.
link-unknown-text = Vielleicht fehlt ein Teil davon. Öffnen Sie ihn noch einmal aus der E-Mail, oder kopieren Sie die ganze Adresse.
link-unknown-next = Wenn das nicht hilft, <a>melden Sie sich noch einmal an</a>, um einen neuen zu erhalten.

unsubscribe = Abbestellen
unsubscribe-heading = { $newsletter } abbestellen?
unsubscribe-text = Ihr Abonnement besteht noch. Drücken Sie den Knopf, um es sofort zu beenden.
unsubscribe-instead = Lieber seltener, andere Themen oder eine Pause? <a>Abonnement verwalten</a>.
unsubscribed-title = Abbestellt
unsubscribed-heading = Sie haben { $newsletter } abbestellt.
unsubscribed-text = Sie erhalten keine weiteren Ausgaben.
unsubscribed-mistake = War das ein Versehen? <a>Wieder abonnieren</a>.

test-link-title = Dieser Link stammt aus einem Test
test-link-happened = Dieser Link stammt aus einer Test-E-Mail. Er gehört zu keinem Abonnement und bewirkt deshalb nichts.
test-link-next = In den E-Mails der Leserinnen und Leser steht an dieser Stelle ein eigener Link.
bad-link-title = Dieser Link funktioniert nicht
bad-link-happened = Er ist vielleicht falsch abgetippt oder abgeschnitten. Es wurde nichts geändert.
bad-link-next = Öffnen Sie die E-Mail noch einmal, und nehmen Sie den Link an ihrem Ende oder den Knopf zum Abbestellen in Ihrem Mailprogramm.
not-subscribed-title = Sie haben kein Abonnement
not-subscribed-happened = Sie haben { $newsletter } nicht abonniert.
not-subscribed-next = Um den Newsletter zu erhalten, wählen Sie „Abonnieren“ oben auf dieser Seite.
not-subscribed-closed = Er nimmt keine neuen Abonnements an.

settings-title = Ihre Einstellungen für { $newsletter }
settings-saved = Gespeichert. Das gilt ab der nächsten Ausgabe.
settings-text = Treffen Sie Ihre Auswahl, und speichern Sie dann.
topics-legend = Themen
topics-note = Lassen Sie alle Felder leer, um alle Themen zu erhalten.
cadence-legend = Wie oft
cadence-every = Jede Ausgabe
cadence-weekly = Einmal pro Woche, nur die besten Meldungen
time-zone = Zeitzone
time-zone-note = Zum Beispiel Europe/Berlin oder America/New_York. Das gilt für alle Newsletter, die Sie von uns erhalten.
pause-legend = Pause
paused-until = Pausiert: Sie erhalten bis zum { $day } keine Ausgabe.
paused-after-bounces = Pausiert: Ihr Postfach hat unsere letzten E-Mails nicht angenommen. Beenden Sie die Pause, sobald es wieder E-Mails annimmt.
end-pause = Pause jetzt beenden
pause-or-until = Oder nichts schicken bis zum
pause-until = Nichts schicken bis zum
pause-note = Die erste Ausgabe danach enthält, was Sie verpasst haben.
save = Speichern
or-unsubscribe = Oder <a>abbestellen</a>.

undo-leaving = Rückgängig machen
leaving-legend = Sagen Sie uns, warum?
leaving-note = In eigenen Worten
leaving-send = Senden
leaving-thanks = Danke. Das hilft der Redaktion.
your-data = Ihre Daten
your-data-text = Wem Sie unsere E-Mails weiterleiten, kann diese Seite öffnen. Deshalb senden wir zuerst einen Link an Ihre Adresse.
request-export = Meine Daten herunterladen
request-erasure = Meine Daten löschen
