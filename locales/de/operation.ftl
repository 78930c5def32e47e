# The console's page about settings.
console-settings = Einstellungen
settings-lede = Was dieser Prozess beim Start gelesen hat: aus den Vorgaben, der Einstellungsdatei und der Umgebung. Um etwas zu ändern, ändern Sie es dort, und starten Sie den Dienst neu.
settings-search = Teil eines Namens, Werts oder einer Erklärung
settings-changed = Nur die, die keine Vorgaben sind
settings-none = Keine Einstellung passt.
settings-default = Vorgabe
settings-file = Datei { $name }
settings-environment = Umgebungsvariable { $name }
settings-hidden = gesetzt, hier nicht gezeigt

# The console's page about statistics.
console-statistics = Statistik
statistics-lede = Was an jedem Tag (UTC) geschah. Dafür wird niemand verfolgt, und keine Zahl nennt eine Person.
statistics-days = Tage
statistics-day = Tag
statistics-numbers = Die Zahlen
statistics-about = Von { $first } bis { $last }. Der höchste Wert ist { $max }.
chart-growth = Laufende Abonnements
chart-signups = Anmeldungen
chart-asked = angefragt
chart-confirmed = bestätigt
chart-left = abgemeldet
chart-deliveries = Empfänger, am Tag, an dem ihre Ausgabe begann
chart-recipients = Empfänger
chart-returned = Rückläufer und Beschwerden
chart-bounces = Rückläufer
chart-domains = Rückläufer und Beschwerden nach Domain der Empfänger
chart-no-domains = Keine Domain hatte in einer Ausgabe genug Empfänger, um einzeln gezählt zu werden.

# The console's page about relays and recipient domains.
console-relays = Relays und Domains
relays-lede = Wie schnell Post hinausgeht. Ein Server, der um langsameres Senden bittet, bekommt nach einer Pause halb so viele Nachrichten zugleich und dann Schritt für Schritt wieder mehr.
relays-captured = Kein Relay ist gesetzt, daher bleibt alle Post im eingebauten Postfach. Um zu versenden, setzen Sie relay.url.
relays-relay = Relay
relays-weight = Anteil
relays-connections = Verbindungen
relays-rate = Nachrichten je Sekunde
relays-cap = Tagesgrenze heute
relays-of = { $part } von { $all }
relays-no-limit = keine Grenze
relays-process = Prozess { $name }
relays-no-process = Zurzeit sendet kein Prozess.
relays-at-once = Nachrichten zugleich, jetzt
relays-paused = Pause bis { $time }
relays-goes-on = sendet
relays-cap-used = wartet bis { $time }: die Tagesgrenze ist erreicht
relays-closed = wartet bis { $time }: außerhalb der Sendezeit
relays-trouble = Das Relay nimmt keine Post an: { $reason }
relays-domains = Empfängerdomains mit Grenze oder in Pause
relays-no-domains = Zurzeit ist keine Empfängerdomain begrenzt.
relays-waiting = Wartet im Speicher
