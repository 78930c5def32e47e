# The pages of the console about newsletters.
console-newsletters = Newslettery

# The list, and one newsletter.
newsletters-empty = Nie ma jeszcze newslettera. Utwórz pierwszy: czyta kanały i można go subskrybować.
newsletters-removed = Usunięte
newsletter-create = Utwórz newsletter
newsletter-create-button = Utwórz
newsletter-create-note = Potrzebne są tylko krótka nazwa i nazwa. Resztę można zmienić później.
newsletter-edit = Zmień
newsletter-edit-title = Zmień „{ $name }”
newsletter-edit-note = Gotowy szkic zachowuje swoje reguły. Puste pola mają wartości domyślne.
newsletter-hidden = ukryty
newsletter-shown = widoczny w serwisie
newsletter-on-demand = Wysyłany na żądanie
newsletter-next = następne wydanie { $time }
newsletter-readers =
    { $count ->
        [one] 1 czytelnik
        [few] { $count } czytelników
       *[many] { $count } czytelników
    }
newsletter-reader-count = Czytelnicy
newsletter-feeds =
    { $count ->
        [one] 1 kanał
        [few] { $count } kanały
       *[many] { $count } kanałów
    }
newsletter-coming = Najbliższe terminy
newsletter-past = Ostatnie terminy
newsletter-no-run = Nie było jeszcze terminu.
run-local = Czas lokalny
run-no-issue = bez wydania: { $day }
run-clock-skips = Zegar pomija tego dnia tę godzinę; wydanie wychodzi zaraz potem.
run-clock-repeats = Zegar pokazuje tego dnia tę godzinę dwa razy.
run-claimed = jest składane
run-drafted = szkic czeka
run-empty = nic do wysłania
newsletter-facts = O newsletterze
newsletter-created = Utworzony
newsletter-changed = Ostatnia zmiana
newsletter-file = Jako plik
newsletter-file-text = Newsletter jest w bazie danych; żaden start programu nie czyta pliku. Zastępuje go tylko polecenie „daywire newsletter apply PLIK”, z każdym kluczem pliku, i wypisuje, co zmienia. Zanim zastosujesz starszy plik, przejmij ten tekst, inaczej zmiany stąd przepadną.

# Removing one.
newsletter-remove = Usuń …
newsletter-remove-title = Usunąć „{ $name }”?
newsletter-remove-readers =
    { $count ->
        [one] Kończy się 1 subskrypcja.
        [few] Kończą się { $count } subskrypcje.
       *[many] Kończy się { $count } subskrypcji.
    }
newsletter-remove-drafts = Te szkice zostaną anulowane:
newsletter-remove-feeds =
    { $count ->
        [one] Przestaje czytać 1 kanał.
        [few] Przestaje czytać { $count } kanały.
       *[many] Przestaje czytać { $count } kanałów.
    }
newsletter-remove-stays = Wydania, raporty wysyłki i zgody zostają. Krótka nazwa pozostaje zajęta.
newsletter-remove-refused = Nie można go teraz usunąć, bo wydanie jest wysyłane lub wstrzymane.
newsletter-remove-button = Usuń { $name }
newsletter-keep = Zostaw
newsletter-removed-at = Ten newsletter usunięto, { $time }. Utwórz nowy o tej samej krótkiej nazwie, by go przywrócić bez czytelników.

# The form.
newsletter-mistakes = Nic nie zapisano. Popraw zaznaczone pola.
newsletter-conflict-title = Ten newsletter tymczasem zmieniono
newsletter-slug-taken = Inny newsletter ma tę krótką nazwę. Wybierz inną.
newsletter-identity = Nazwa i nadawca
newsletter-content = Treść
newsletter-ranking = Kolejność wiadomości
newsletter-slug = Krótka nazwa w adresach
newsletter-slug-note = Małe litery, cyfry i łączniki, np. morning. Później nie można jej zmienić.
newsletter-name = Nazwa
newsletter-description = Jedno zdanie o nim
newsletter-from = Nadawca
newsletter-mailbox-note = Na przykład Morning Wire <morning@example.org>.
newsletter-reply-to = Odpowiedzi trafiają do
newsletter-welcome = Mail po potwierdzeniu
newsletter-welcome-note = Własny tekst; „true” wysyła wbudowany. Puste: bez takiej wiadomości.
newsletter-help = Adres pomocy
newsletter-public = Pokazuj w serwisie i przyjmuj zapisy
newsletter-archive = Pokazuj dawne wydania w serwisie
newsletter-topics = Tematy
newsletter-topics-note = Jeden temat w wierszu, potem należące do niego kategorie kanałów: Security = infosec, Sicherheit
newsletter-schedule = Harmonogram
schedule-when = Jest wysyłany
schedule-none = na żądanie
schedule-days = w wybrane dni o godzinie
schedule-cron = według wiersza cron
schedule-days-legend = Dni
schedule-time = Godzina
schedule-line = Wiersz cron
schedule-line-note = Minuta, godzina, dzień, miesiąc, dzień tygodnia, np. 0 7 * * MON-FRI
schedule-show = Pokaż najbliższe terminy
schedule-without-day = Wybierz co najmniej jeden dzień.
schedule-without-time = Wybierz godzinę, np. 07:00.
day-monday = poniedziałek
day-tuesday = wtorek
day-wednesday = środa
day-thursday = czwartek
day-friday = piątek
day-saturday = sobota
day-sunday = niedziela
newsletter-timezone = Strefa czasowa
newsletter-skip = Dni bez wydania
newsletter-skip-note = Jeden w wierszu: sat, 12-25 (co roku) lub 2026-12-25.
newsletter-local-time = Każdy czytelnik dostaje go o tej godzinie swojego zegara
newsletter-weekly-day = Wydania tygodniowe wychodzą od
newsletter-lead-time = Szkic jest składany wcześniej o
newsletter-lead-note = Na przykład 45m lub 2h: czas na przeczytanie i zmianę szkicu. 0s: brak.
newsletter-approval = Przed wysłaniem
newsletter-approval-auto = nikt nie musi go zatwierdzać
newsletter-approval-required = ktoś musi go zatwierdzić
newsletter-grace = Pominięte wydanie jest jeszcze wysyłane przez
newsletter-expire-after = Doręczanie kończy się po
newsletter-span-note = Czas trwania, np. 45m, 12h lub 7days.
newsletter-subject-note = Te słowa są zastępowane: { "{" }lead{ "}" }, { "{" }date{ "}" }, { "{" }count{ "}" }, { "{" }newsletter{ "}" }, { "{" }number{ "}" }.
newsletter-lines-note = Jedno w wierszu.
newsletter-numbers-note = Nazwa i liczba w wierszu, np. Security = 2
newsletter-min-stories = Najmniej wiadomości w wydaniu
newsletter-max-stories = Najwięcej wiadomości w wydaniu
newsletter-top-stories = Wiadomości na początku, według punktów
newsletter-story-note = Podawaj, ile źródeł informuje i od kiedy
newsletter-include-topics = Tylko te tematy
newsletter-include-sources = Tylko te źródła
newsletter-include-words = Tylko z tymi słowami
newsletter-exclude-topics = Bez tych tematów
newsletter-exclude-sources = Bez tych źródeł
newsletter-exclude-words = Bez tych słów
newsletter-caps-per-topic = Najwięcej z jednego tematu
newsletter-caps-per-source = Najwięcej z jednego źródła
newsletter-caps-topics = Limity poszczególnych tematów
newsletter-caps-sources = Limity poszczególnych źródeł
newsletter-ranking-sources = Współczynnik liczby źródeł
newsletter-ranking-source = Współczynnik najlepszego źródła
newsletter-ranking-freshness = Współczynnik świeżości
newsletter-ranking-topic = Współczynnik tematu
newsletter-ranking-novelty = Ile traci znana wiadomość
newsletter-ranking-half-life = Świeżość spada o połowę po
newsletter-ranking-memory = Wysłane wiadomości są pamiętane przez
newsletter-ranking-source-weights = Wagi źródeł
newsletter-ranking-topic-weights = Wagi tematów

# After an action.
notice-newsletter-created = Newsletter utworzono. Teraz dodaj kanały.
notice-newsletter-changed = Newsletter zmieniono.
notice-newsletter-restored = Newsletter wrócił. Nie ma czytelników.
notice-newsletter-removed = Newsletter usunięto.
