# The frame of the console for operators, and its first page.
console = Redaktion
console-navigation = Seiten der Redaktion
console-today = Heute
console-empty = Gerade braucht nichts Ihre Aufmerksamkeit.
console-account = Ihr Konto
sign-out = { $name } abmelden
role-owner = Eigentümer
role-publisher = Herausgeber
role-editor = Redakteur
role-analyst = Analyst
not-permitted-title = Ihre Rolle erlaubt das nicht
not-permitted-happened = Sie sind mit der Rolle „{ $role }“ angemeldet. Es wurde nichts geändert.
not-permitted-next = Bitten Sie einen Eigentümer der Website, es zu tun oder Ihre Rolle zu ändern.
needs-https-title = Die Redaktion braucht HTTPS
needs-https-happened = site.url beginnt mit http:// und liegt nicht auf diesem Rechner. Andere im Netz könnten Passwörter mitlesen.
needs-https-next = Setzen Sie site.url auf eine Adresse mit https://.

# A form that was sent after the session had ended.
session-ended-title = Sie sind abgemeldet
session-ended-text = Ihre Sitzung endete, während das Formular offen war. Es wurde nichts gespeichert.
session-ended-sign-in = Anmelden (in einem neuen Fenster)
session-ended-resend = Formular noch einmal senden
session-ended-kept = Was Sie eingegeben haben, bleibt auf dieser Seite. Melden Sie sich an, und drücken Sie dann den Knopf.
session-ended-back = Melden Sie sich an, gehen Sie im Browser zurück, und senden Sie das Formular noch einmal.
console-operators = Mitarbeitende
console-audit = Änderungsprotokoll
console-tokens = API-Tokens
console-help = Hilfe

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = Dokumentation
docs-navigation = Seiten der Dokumentation
