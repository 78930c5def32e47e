# The pages of the console about feeds.
console-feeds = Kanały

# The list of feeds.
feeds-lede = Skąd pochodzą artykuły. Kanały, których nie da się odczytać, są na początku.
feeds-empty = Żaden newsletter nie czyta jeszcze kanału. Dodaj adres strony, którą chcesz czytać.
feeds-none = Żaden kanał nie pasuje.
feeds-text = Część nazwy lub adresu
feeds-failing = nie da się odczytać
feeds-unused = nie czyta go żaden newsletter
feeds-more = Więcej kanałów
feed-articles =
    { $count ->
        [one] 1 artykuł w 7 dni
        [few] { $count } artykuły w 7 dni
       *[many] { $count } artykułów w 7 dni
    }
feed-read = odczytano { $time }
feed-never-read = jeszcze nie odczytano
feed-next = następne zapytanie { $time }
feed-failing-since = od { $time }

# Why a feed cannot be read, and what to do.
feed-gone = Wydawca zamknął kanał
feed-gone-advice = Nie jest już pobierany. Poszukaj nowego adresu na stronie wydawcy, dodaj go i usuń ten.
feed-missing = Pod tym adresem nic nie ma (404)
feed-missing-advice = Otwórz stronę wydawcy i poszukaj kanału. Jeśli się przeniósł, dodaj nowy adres i usuń ten.
feed-refused = Serwer odmawia jego wysłania
feed-refused-advice = Zapytaj wydawcę, czy programy mogą czytać kanał. Jeśli potrzebne jest logowanie, podaj je na stronie kanału.
feed-busy = Serwer ma problem
feed-busy-advice = Próba powtórzy się sama. Nic nie trzeba robić, chyba że trwa to wiele dni.
feed-unreachable = Serwer jest nieosiągalny
feed-unreachable-advice = Próba powtórzy się sama. Jeśli to trwa, sprawdź adres.
feed-not-a-feed = Pod tym adresem nie ma kanału
feed-not-a-feed-advice = Dodaj adres strony wydawcy: kanał, do którego odsyła, zostanie znaleziony.
feed-not-allowed = Ustawienia nie pozwalają na ten adres
feed-not-allowed-advice = Jeśli jest właściwy, poproś osobę prowadzącą Daywire o dodanie go do feeds.allow.
feed-proxy = Serwer proxy nie otwiera drogi do serwera
feed-proxy-advice = Przez niego pobierane są wszystkie kanały. Poproś osobę prowadzącą Daywire o sprawdzenie feeds.proxy.
feed-failed = Nie da się go odczytać
feed-failed-advice = Próba powtórzy się sama. Wiersz poniżej mówi, co się stało.

# One feed.
feed-health = Jego stan
feed-last-request = Ostatnie zapytanie
feed-interval = Pobierany co
feed-minutes =
    { $count ->
        [one] 1 minutę
        [few] { $count } minuty
       *[many] { $count } minut
    }
feed-flood = Pominięte
feed-flood-text =
    { $count ->
        [one] 1 wpis ponad limit jednego pobrania, { $time }
        [few] { $count } wpisy ponad limit jednego pobrania, { $time }
       *[many] { $count } wpisów ponad limit jednego pobrania, { $time }
    }
feed-fetch = Pobierz teraz
feed-newsletters = Czytają go
feed-no-newsletter = Żaden newsletter nie czyta tego kanału, więc nie jest pobierany.
feed-read-since = od { $time }
feed-read-for = Także dla
feed-add-to = Dodaj
feed-remove = Przestań czytać …
feed-remove-text = { $newsletter } nie dostaje nowych artykułów z tego kanału. Te, które dotarły, zostają, a czekające mogą jeszcze trafić do wydania.
feed-remove-button = Przestań czytać dla { $newsletter }
feed-on-site = W serwisie
feed-is-whole = Serwis pokazuje artykuły tego kanału w całości.
feed-is-excerpt = Serwis pokazuje fragment każdego artykułu i odsyła do wydawcy.
feed-show-whole = Pokazuj w całości: jest nasz albo wydawca się zgodził
feed-show-excerpts = Pokazuj fragmenty
feed-text = Tekst artykułów
feed-text-of-feed = Tekst artykułu to to, co zawiera kanał.
feed-text-of-page = Jeśli wpis kanału ma tylko kilka wierszy, tekst jest pobierany ze strony artykułu.
feed-take-page = Jeśli wpis ma tylko kilka wierszy, pobieraj tekst ze strony artykułu
feed-take-feed = Bierz tylko tekst kanału
feed-text-note = Serwis i jego wyszukiwarka mają wtedy więcej niż fragment, a odnośnik do wydawcy zostaje. Tekst jest pokazywany w całości tylko wtedy, gdy na to pozwolisz dla kanału. Dotyczy nowych artykułów.
feed-page-failed = Strona nie została użyta, { $time }:
feed-request = Logowanie i zapytania
feed-user-agent = Nazwa programu (User-Agent)
feed-user-agent-note = Dla serwera, który odpowiada tylko niektórym programom. Puste: jak dla wszystkich kanałów.
feed-login-name = Nazwa logowania
feed-login-note = HTTP Basic. Dane logowania trafiają tylko do serwera tego kanału. Puste: bez logowania.
feed-login-password = Hasło logowania
feed-login-kept = Hasło jest ustawione. Pozostaw puste, aby je zachować.
feed-headers = Dodatkowe pola nagłówka
feed-headers-note = Po jednym w wierszu, w postaci „Nazwa: wartość”. Trafiają tylko do serwera tego kanału, a ich wartości nie są ponownie pokazywane. „Nazwa:” zachowuje wartość, a usunięty wiersz usuwa pole.
feed-request-save = Zapisz
feed-request-refused = Tego nie można wysłać: { $reason }
feed-latest = Jego ostatnie artykuły
feed-no-article = Nie przyniósł jeszcze artykułów.

# Adding feeds.
feed-add = Dodaj kanał
feed-needs-newsletter = Kanały czyta newsletter. Najpierw utwórz newsletter.
feed-by-address = Po adresie
feed-address = Adres kanału lub strony, która do niego odsyła
feed-address-note = Na przykład example.org. Jest czytany od razu, by było widać, czy działa.
feed-for = Dla newslettera
feed-full-text = Serwis pokazuje jego artykuły w całości: jest nasz albo wydawca się zgodził.
feed-add-button = Dodaj kanał
feed-add-anyway = Dodaj mimo to
feed-unreadable = Nic nie dodano, bo nie da się tam teraz odczytać kanału. Popraw adres albo dodaj go mimo to: próby będą powtarzane.
feed-address-refused = Tego adresu nie da się odczytać: { $reason }
feeds-found = Ta strona odsyła do kilku kanałów. Do którego?
feeds-from-list = Z listy
feeds-from-list-text = Czytniki eksportują kanały jako plik OPML. Wybierz go albo wklej jego treść.
feeds-file = Plik
feeds-add-all = Dodaj te kanały
feeds-not-a-list = To nie jest OPML albo jest niepełne. Wyeksportuj listę ponownie i wklej całą. Nic nie dodano.
feeds-imported = Dodane: { $added }. Czytane wcześniej: { $known }.
feeds-refused = Tych nie dodano:
feeds-only-site = lista podaje tylko stronę { $site }; dodaj ten adres powyżej
feeds-no-address = nie ma adresu, który da się odczytać

# After an action.
notice-feed-added = Kanał dodano. Za chwilę zostanie odczytany; ze starszych artykułów do następnego wydania trafią tylko te z ostatniego dnia.
notice-feed-known = Newsletter już czyta ten kanał.
notice-feed-changed = Kanał zmieniono.
notice-feed-due = Kanał zostanie zaraz odczytany. Odśwież stronę, aby zobaczyć wynik.
notice-feed-removed = Newsletter nie czyta już kanału. Jego artykuły zostają.
