# The page of the console about webhooks.
console-webhooks = Webhooki
webhooks-lede = Inne programy dostają zdarzenia z tej witryny: potwierdzenie subskrypcji, wysłanie wydania, zwrot wiadomości. Każda wiadomość jest podpisana i zawiera adresy czytelników.
webhooks-none = Żaden program nie dostaje jeszcze zdarzeń.
webhook-counts = Oczekujące: { $waiting } · dostarczone: { $delivered } · nieudane: { $failed }
webhook-enabled = dostaje zdarzenia
webhook-disabled-since = wyłączony od { $time }
webhook-failing-since = nie działa od { $time }
webhook-all-events = wszystkie zdarzenia

# Adding and changing a webhook.
webhook-add = Dodaj webhook
webhook-url = Adres, który dostaje zdarzenia
webhook-url-note = Na przykład https://crm.example.org/events. Adres we własnej sieci musi być w ustawieniu webhooks.allow.
webhook-name-note = Litery, cyfry, kropki, łączniki i podkreślenia. Bez nazwy nazywa się tak jak host adresu.
webhook-events = Zdarzenia
webhook-events-note = Bez wyboru dostaje wszystkie zdarzenia, także z późniejszych wersji.
webhook-secret = To jest sekret dla { $name }. Nie zostanie pokazany ponownie: skopiuj go teraz do programu, który dostaje zdarzenia i sprawdza nim podpisy.
webhook-name-wrong = Wpisz od 1 do { $most } liter, cyfr, kropek, łączników lub podkreśleń.
webhook-taken = Jest już webhook o tej nazwie. Wybierz inną nazwę.
webhook-too-many = Jest już { $most } webhooków. Najpierw usuń jeden.
webhook-address-refused = Nie można tam wysyłać zdarzeń: { $reason }

# One webhook.
webhook-added = Dodano { $time }
webhook-previous-until = Poprzedni sekret też podpisuje do { $time }.
webhook-test = Wyślij zdarzenie próbne
webhook-test-accepted = Zdarzenie próbne przyjęto ze statusem { $status }.
webhook-test-failed = Zdarzenia próbnego nie przyjęto:
webhook-enable = Włącz
webhook-try-now = Spróbuj teraz ponownie
webhook-disable = Wyłącz…
webhook-disable-text = Nie dostaje zdarzeń, dopóki nie zostanie włączony. Zdarzenia z tego czasu nie będą wysłane później.
webhook-disable-now = Wyłącz ten webhook
webhook-rotate = Utwórz nowy sekret…
webhook-rotate-text = Przez 24 godziny każda wiadomość jest podpisana oboma sekretami, więc nic nie zginie podczas zmiany w programie.
webhook-rotate-now = Utwórz teraz nowy sekret
webhook-change = Adres i zdarzenia
webhook-remove = Usuń…
webhook-remove-text = To, co na niego czeka, nie zostanie wysłane, a jego dziennik zostanie usunięty.
webhook-remove-now = Usuń ten webhook

# The log of a webhook.
webhook-log = Co wysłano
webhook-log-none = Nie ma wiadomości do pokazania. Wiadomość pojawia się tu, gdy wydarzy się jej zdarzenie.
webhook-event = Zdarzenie
webhook-attempts = Próby
webhook-answer = Odpowiedź
webhook-waiting = czeka
webhook-delivered = dostarczono
webhook-failed = nie udało się
webhook-next = następna próba { $time }
webhook-replay = Wyślij ponownie
webhook-replay-failed = Wyślij ponownie wszystkie nieudane
webhook-older = Starsze wiadomości

# After an action.
notice-webhook-changed = Webhook zmieniono.
notice-webhook-enabled = Webhook dostaje zdarzenia i jest sprawdzany od razu.
notice-webhook-disabled = Webhook nie dostaje już zdarzeń.
notice-webhook-removed = Webhook usunięto.
notice-webhook-replayed = Zaraz zostanie wysłane ponownie. Odśwież stronę, aby zobaczyć wynik.
