# The console's page about settings.
console-settings = Ustawienia
settings-lede = Co ten proces odczytał przy starcie: z wartości domyślnych, pliku ustawień i środowiska. Aby coś zmienić, zmień to tam i uruchom usługę ponownie.
settings-search = Część nazwy, wartości lub opisu
settings-changed = Tylko inne niż domyślne
settings-none = Żadne ustawienie nie pasuje.
settings-default = domyślne
settings-file = plik { $name }
settings-environment = zmienna środowiska { $name }
settings-hidden = ustawione, tu niepokazywane

# The console's page about statistics.
console-statistics = Statystyki
statistics-lede = Co działo się każdego dnia (UTC). Nikt nie jest w tym celu śledzony, a żadna liczba nie wskazuje osoby.
statistics-days = Dni
statistics-day = Dzień
statistics-numbers = Liczby
statistics-about = Od { $first } do { $last }. Najwyższa wartość to { $max }.
chart-growth = Czynne subskrypcje
chart-signups = Zapisy
chart-asked = zamówione
chart-confirmed = potwierdzone
chart-left = rezygnacje
chart-deliveries = Odbiorcy, w dniu rozpoczęcia wydania
chart-recipients = odbiorcy
chart-returned = Zwroty i skargi
chart-bounces = zwroty
chart-domains = Zwroty i skargi według domeny
chart-no-domains = Żadna domena nie miała w wydaniu dość odbiorców, by liczyć ją osobno.

# The console's page about relays and recipient domains.
console-relays = Serwery i domeny
relays-lede = Jak szybko wychodzi poczta. Serwer, który prosi o zwolnienie, po przerwie dostaje naraz o połowę mniej wiadomości, a potem stopniowo więcej.
relays-captured = Nie ustawiono serwera: cała poczta zostaje w skrzynce wewnętrznej. Aby wysyłać, ustaw relay.url.
relays-relay = Serwer
relays-weight = Udział
relays-connections = Połączenia
relays-rate = Wiadomości na sekundę
relays-cap = Limit na dziś
relays-of = { $part } z { $all }
relays-no-limit = bez limitu
relays-process = Proces { $name }
relays-no-process = Żaden proces teraz nie wysyła.
relays-at-once = Wiadomości naraz, teraz
relays-paused = przerwa do { $time }
relays-goes-on = wysyła
relays-cap-used = czeka do { $time }: dzienny limit jest wyczerpany
relays-closed = czeka do { $time }: poza godzinami wysyłki
relays-trouble = Serwer nie przyjmuje poczty: { $reason }
relays-domains = Domeny z limitem lub w przerwie
relays-no-domains = Żadna domena nie jest teraz ograniczona.
relays-waiting = Czeka w pamięci
