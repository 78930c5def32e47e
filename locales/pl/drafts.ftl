# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = Szkice
console-issues = Wydania
state-draft = szkic
state-approved = zatwierdzone
state-sending = w trakcie wysyłki
state-paused = wstrzymane
state-sent = wysłane
state-skipped = pominięte
state-cancelled = odwołane
delivery-queued = czeka
delivery-sending = w trakcie wysyłki
delivery-accepted = przyjęte
delivery-deferred = odroczone
delivery-rejected = odrzucone
delivery-suppressed = wykluczone
delivery-expired = przeterminowane
delivery-in-doubt = niepewne

# The list of drafts.
drafts-lede = Wydania złożone i jeszcze niewysłane.
drafts-empty = Żaden szkic nie czeka. Newsletter z harmonogramem składa szkic przed terminem; możesz też złożyć go teraz.
drafts-build = Złóż szkic teraz
drafts-build-note = Z artykułów, które czekają na newsletter.
drafts-nothing = W { $newsletter } nie ma nic do wysłania:
draft-name = { $newsletter }, wydanie { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = wychodzi { $time }
draft-was-due = miało wyjść { $time }
draft-on-demand = wychodzi, gdy ktoś je wyśle
draft-waits-for-approval = czeka na zatwierdzenie

# A draft.
draft-approve = Zatwierdź
draft-withdraw = Cofnij zatwierdzenie
draft-send = Wyślij teraz…
draft-cancel = Odwołaj wydanie
draft-readers = Czytelnicy i wersje
draft-publisher-approves = Zatwierdza je wydawca lub właściciel. Do tego czasu nie jest wysyłane.
draft-checks = Kontrola
draft-checks-passed = Kontrola nic nie wykryła. Wydanie może wyjść.
finding-blocks = wstrzymuje wydanie
finding-warns = ostrzeżenie
finding-size = Wiadomość jest za duża
finding-headers = Brakuje nagłówka lub jest błędny
finding-unsubscribe = Nie wszędzie można zrezygnować z subskrypcji
finding-https = Link do rezygnacji nie jest bezpieczny
finding-text = W wersji tekstowej czegoś brakuje
finding-links = Link jest błędny
finding-images = Obrazowi brakuje rozmiaru lub opisu
finding-contrast = Tekst jest trudny do odczytania
finding-subject = Brakuje tematu lub jest za długi
finding-postal-address = Brakuje adresu pocztowego
finding-document = Brakuje języka lub tytułu
finding-hidden-text = Tekst jest ukryty
finding-support = Niektóre programy pocztowe nie pokażą wszystkiego
draft-stories =
    { $count ->
        [one] 1 temat w wydaniu
        [few] { $count } tematy w wydaniu
       *[many] { $count } tematów w wydaniu
    }
draft-left-out = Pominięte
draft-show-all =
    { $count ->
        [one] Pokaż jeszcze 1
        [few] Pokaż jeszcze { $count }
       *[many] Pokaż jeszcze { $count }
    }
story-drag = Przeciągnij temat w inne miejsce
story-up = W górę
story-down = W dół
story-pin = Przypnij
story-unpin = Odepnij
story-pinned = przypięty
story-put-in = Dodaj
story-more = Zmień
story-score = punkty: { $score }
story-headline = Nagłówek
story-headline-note = Zostaw puste, by użyć nagłówka artykułu.
story-change-headline = Zapisz nagłówek
story-place = Miejsce
story-place-wrong = Wpisz miejsce od 1 do { $count }.
story-move = Przenieś
story-because = Dlaczego jest pominięty
story-drop = Pomiń
story-join-with = Połącz z tematem
story-join = Połącz
story-split = Zrób z tego osobny temat
story-split-note = Te artykuły to jeden temat.
story-unknown = Szkic nie ma już tego tematu. Obejrzyj go jeszcze raz.
draft-texts = Temat wiadomości i wstęp
draft-subject = Temat wiadomości
draft-subject-note = Zostaw puste, by użyć tematu newslettera. Te słowa są zastępowane:
draft-subject-wrong = Tego tematu nie można użyć: { $reason }
slot-lead = pierwszy nagłówek
slot-date = data wydania
slot-count = liczba tematów
slot-newsletter = nazwa newslettera
slot-number = numer wydania
draft-intro = Wstęp
draft-intro-note = Krótki tekst przed tematami.
draft-save-texts = Zapisz
draft-reset = Cofnij wszystkie zmiany
draft-reset-note = Szkic będzie taki, jak go złożono: kolejność, nagłówki, temat i wstęp.
draft-would-be-empty = Nie zostałby żaden temat. Lepiej odwołaj wydanie.
draft-test-send = Wyślij próbę
draft-test-to = E-mail do próby
draft-test-waits = { $to }: czeka na wysłanie
draft-test-retried = { $to }: kolejna próba, bo { $reply }
draft-test-accepted = { $to }: wysłano { $time }
draft-test-failed = { $to }: nie wysłano, bo { $reply }
draft-test-interrupted = { $outcome }. Program zakończył się podczas wysyłania tej próby. Wróciła do kolejki { $time }, więc może dotrzeć dwa razy.
draft-preview = Podgląd
preview-phone = Na telefonie
preview-desktop = Na komputerze
preview-text = Jako tekst
draft-back = Wróć do szkicu
notice-draft-built = Szkic jest złożony.
notice-draft-changed = Szkic został zmieniony.
notice-draft-approved = Wydanie jest zatwierdzone. Zmiana cofa zatwierdzenie.
notice-approval-withdrawn = Zatwierdzenie zostało cofnięte.
notice-draft-cancelled = Wydanie zostało odwołane. Jego artykuły czekają na następne.
notice-test-queued = Próba jest w drodze. Wczytaj stronę ponownie, by zobaczyć wynik.

# Two operators changed a draft.
conflict-title = Ktoś zmienił w międzyczasie ten szkic
conflict-by-program = Poprawiono artykuł w szkicu albo zmienił go harmonogram.
conflict-kept = Niczego nie nadpisano. Obejrzyj szkic taki, jaki jest teraz, i zdecyduj o tym, co chcesz zrobić:
conflict-again = Zrób to teraz: { $action }
conflict-gone = Wydania nie można już zmienić. Jego stan: { $state }.
draft-changed-by = { $name }: zmiana, { $time }
draft-approved-by = { $name }: zatwierdzenie, { $time }
draft-withdrawn-by = { $name }: cofnięcie zatwierdzenia, { $time }
draft-sent-by = { $name }: wysłanie, { $time }
draft-cancelled-by = { $name }: odwołanie, { $time }

# The question before an issue is sent or cancelled.
send-title = Wysłać { $issue } teraz?
send-readers =
    { $count ->
        [one] Dostanie je 1 czytelnik.
        [few] Dostanie je { $count } czytelników.
       *[many] Dostanie je { $count } czytelników.
    }
send-weekly =
    { $count ->
        [one] 1 z nich dostanie wersję tygodniową.
        [few] { $count } z nich dostanie wersję tygodniową.
       *[many] { $count } z nich dostanie wersję tygodniową.
    }
send-not-mailed = Bez wysyłki:
send-instead-of = Samo wyszłoby { $time }.
send-button =
    { $count ->
        [one] Wyślij do 1 czytelnika
        [few] Wyślij do { $count } czytelników
       *[many] Wyślij do { $count } czytelników
    }
send-needs-approval = Wydanie czeka na zatwierdzenie. Przeczytaj je, zatwierdź, a potem wyślij.
send-no-reader = Nikt by go nie dostał. Wydanie zostaje bez zmian i zachowuje artykuły.
send-blocked = Niczego nie wysłano. Kontrola wstrzymuje wydanie: { $reason }
cancel-title = Odwołać { $issue }?
cancel-text = Nic z niego nie zostanie wysłane. Jego artykuły czekają na następne wydanie.
editions-none = Wszyscy czytelnicy dostają to samo wydanie.
edition-unapproved = niezatwierdzona: jej czytelnicy dostaną całe wydanie

# Issues that were sent.
issues-empty = Nie wysłano jeszcze żadnego wydania.
issues-older = Starsze wydania
issue-recipients =
    { $count ->
        [one] 1 odbiorca
        [few] { $count } odbiorców
       *[many] { $count } odbiorców
    }
issue-started = początek { $time }
issue-finished = koniec { $time }
issue-progress = gotowe: { $done } z { $total }
issue-live = Liczby odświeżają się same.
issue-reload = Wczytaj ponownie
issue-in-archive = Wydanie tak, jak widzą je czytelnicy
issue-pause = Wstrzymaj
issue-resume = Wznów
issue-settle-accepted = Dotarły
issue-settle-resend = Wyślij je ponownie
issue-pause-text = Wiadomości w drodze zostaną dokończone, a żadna inna nie wyjdzie. Wydanie można później wznowić.
issue-resume-text = Zostaną wysłane pozostałe wiadomości.
issue-cancel-text = Pozostałe wiadomości nie zostaną wysłane. Tego nie da się cofnąć.
issue-settle-accepted-text = Niepewne wiadomości liczą się jako przyjęte. Ci czytelnicy nie dostaną nic więcej.
issue-settle-resend-text = Niepewne wiadomości zostaną wysłane ponownie z tym samym Message-ID. Niektórzy czytelnicy mogą dostać wydanie dwa razy.
issue-in-doubt =
    { $count ->
        [one] 1 wiadomość jest niepewna
        [few] { $count } wiadomości są niepewne
       *[many] { $count } wiadomości jest niepewnych
    }
issue-in-doubt-text = Połączenie z serwerem wysyłki zerwało się, gdy odbierał te wiadomości. Mógł je przyjąć albo nie. Zajrzyj do jego dziennika, a potem zdecyduj.
issue-back = Wróć do wydania
issue-proof = Raport z wysyłki
report-came-back = Co wróciło
report-hard-bounces = zwroty trwałe
report-soft-bounces = zwroty przejściowe
report-other-bounces = inne zwroty
report-complaints = skargi
report-domains = Według domeny odbiorcy
report-domain = domena
report-editions = Wersje
report-state = stan
report-reason = powód
report-deliveries = wiadomości
report-sum = suma
report-adds-up = każdy odbiorca jest policzony raz
report-differs = na początku wydanie miało inną liczbę odbiorców
proof-balanced =
    { $count ->
        [one] Raport się zgadza: 1 odbiorca, w jednym stanie, z powodem.
        [few] Raport się zgadza: { $count } odbiorców, każdy w jednym stanie, z powodem.
       *[many] Raport się zgadza: { $count } odbiorców, każdy w jednym stanie, z powodem.
    }
proof-unbalanced = Raport się nie zgadza: policzono { $counted } odbiorców, a na początku było { $frozen }.
notice-sending-started = Wydanie jest wysyłane.
notice-issue-paused = Wydanie jest wstrzymane.
notice-issue-resumed = Wydanie jest znów wysyłane.
notice-issue-cancelled = Wydanie zostało odwołane.
notice-issue-settled = Decyzja o niepewnych wiadomościach zapadła.
notice-issue-state-changed = Nic nie zrobiono, bo wydanie jest już w innym stanie.

# What needs an operator today.
today-needs = Co na Ciebie czeka
today-next = Co wychodzi następne
today-last = Ostatnie wydanie
today-no-newsletter = Nie ma jeszcze newslettera. Wydawcy i właściciele tworzą go na stronie „Newslettery”.
today-no-schedule = Żaden newsletter nie ma harmonogramu. Złóż szkic i wyślij go samodzielnie.
today-numbers = przyjęte: { $accepted }, odrzucone: { $rejected }, pozostałe: { $open }
need-relay = Serwer wysyłki nie przyjmuje poczty
need-paused = { $issue }: wstrzymane
need-in-doubt =
    { $count ->
        [one] { $issue }: 1 wiadomość jest niepewna
        [few] { $issue }: { $count } wiadomości są niepewne
       *[many] { $issue }: { $count } wiadomości jest niepewnych
    }
need-feeds =
    { $count ->
        [one] 1 kanał nie działa
        [few] { $count } kanały nie działają
       *[many] { $count } kanałów nie działa
    }
need-comments =
    { $count ->
        [one] 1 komentarz czeka na Ciebie
        [few] { $count } komentarze czekają na Ciebie
       *[many] { $count } komentarzy czeka na Ciebie
    }
need-alerts =
    { $count ->
        [one] Osiągnięto 1 limit zwrotów lub skarg
        [few] Osiągnięto { $count } limity zwrotów lub skarg
       *[many] Osiągnięto { $count } limitów zwrotów lub skarg
    }
