# Formularz subskrypcji, strony otwierane z wiadomości i ustawienia.

subscribe = Subskrybuj
check-form = Sprawdź formularz
no-newsletter-title = Nie ma jeszcze newslettera
no-newsletter-text = Nie ma jeszcze czego subskrybować. Zajrzyj tu później.
newsletters-legend = Newslettery
email = E-mail
name = Imię i nazwisko
optional = opcjonalnie
honeypot = Strona WWW: zostaw to pole puste, jest tylko dla maszyn
chosen-newsletter = Newsletter:
choose-others = Wybierz inne
form-delivery = Wyślemy Ci e-mail z linkiem do potwierdzenia. Dopóki go nie użyjesz, nie dostaniesz niczego więcej.
form-consent = Subskrybując, zgadzasz się otrzymywać newsletter { $newsletter } od serwisu { $site }. W każdej chwili możesz zrezygnować, korzystając z linku w każdym wydaniu.
form-consent-chosen = Subskrybując, zgadzasz się otrzymywać wybrane newslettery od { $site }. W każdej chwili możesz zrezygnować, korzystając z linku w każdym wydaniu.
did-you-mean = Czy chodziło o { $domain }? Popraw adres albo naciśnij przycisk jeszcze raz, aby go zachować.
form-wrong-title = Ten formularz jest źle skonfigurowany
form-wrong-happened = Jego pole „{ $field }” wskazuje stronę witryny, która nie może używać tego formularza. Niczego nie wysłano.
form-wrong-next = Powiadom witrynę, na której był formularz, albo zapisz się na naszej stronie.
topics-of = Tematy: { $newsletter }
time-zone-of-newsletter = Strefa czasowa newslettera
time-zone-used = Każde wydanie przychodzi o swojej godzinie w tej strefie czasowej.

check-inbox-title = Sprawdź pocztę
check-inbox-heading = Sprawdź pocztę.
check-inbox-text = Jeśli ten adres nie ma jeszcze subskrypcji, link do potwierdzenia jest w drodze. Otwórz go i naciśnij przycisk, aby potwierdzić.
check-inbox-retry = Po kilku minutach nadal nic? Zajrzyj do folderu ze spamem, sprawdź adres i <a>spróbuj ponownie</a>.
check-inbox-captured = Ten serwis działa bez serwera wysyłki: wiadomość jest w <a>skrzynce odbiorczej</a>.

prove-title = Jeszcze jeden krok
prove-heading = Jeszcze jeden krok.
prove-text = W tej chwili zapisuje się bardzo wiele osób albo programów. Ten krok zatrzymuje programy. Nic jeszcze nie zostało wysłane.
prove-working = Przeglądarka wykonuje ten krok za Ciebie. Zajmuje to kilka sekund.
prove-wrong = Odpowiedź jest błędna albo przyszła za późno. Spróbuj jeszcze raz.
prove-question = Ile to jest { $one } plus { $other }?

confirm-title = Potwierdź subskrypcję
confirm-heading = Potwierdź subskrypcję.
confirm-text = Naciśnij przycisk, a serwis { $site } będzie Ci wysyłać:
confirm-button = Potwierdź subskrypcję
confirm-ignore = Jeśli to nie Twoja prośba, zamknij tę stronę, a subskrypcji nie będzie.
confirmed-title = Subskrypcja potwierdzona
confirmed-heading = Subskrypcja jest potwierdzona.
confirmed-text = Od następnego wydania otrzymujesz:
confirmed-leave = W każdym wydaniu jest link do rezygnacji.

link-fails-title = Link nie działa
link-expired-heading = Ten link wygasł.
link-expired-text = Linków do potwierdzenia trzeba użyć { $within }. Subskrypcja nie jest jeszcze potwierdzona.
link-used-heading = Ten link został już użyty.
link-used-text = Link do potwierdzenia działa raz. Potwierdzona nim subskrypcja już się zakończyła.
link-unknown-heading = Ten link nie działa.
link-unknown-text = Być może brakuje jego części. Otwórz go ponownie z wiadomości albo skopiuj cały adres.
link-unknown-next = Jeśli to nie pomoże, <a>zapisz się ponownie</a>, aby dostać nowy.

unsubscribe = Zrezygnuj
unsubscribe-heading = Zrezygnować z newslettera { $newsletter }?
unsubscribe-text = Subskrypcja nadal trwa. Naciśnij przycisk, aby od razu zrezygnować.
unsubscribe-instead = Wolisz mniej wydań, inne tematy albo przerwę? <a>Zarządzaj subskrypcją</a>.
unsubscribed-title = Subskrypcja zakończona
unsubscribed-heading = Subskrypcja newslettera { $newsletter } została zakończona.
unsubscribed-text = Nie otrzymasz więcej wydań.
unsubscribed-mistake = To pomyłka? <a>Subskrybuj ponownie</a>.

test-link-title = Ten link pochodzi z testu
test-link-happened = Ten link pochodzi z wiadomości testowej. Nie należy do żadnej subskrypcji, więc nic nie robi.
test-link-next = W wiadomości każdego czytelnika w tym miejscu jest jego własny link.
bad-link-title = Ten link nie działa
bad-link-happened = Może być źle przepisany albo ucięty. Nic nie zostało zmienione.
bad-link-next = Otwórz wiadomość ponownie i użyj linku na jej końcu albo przycisku rezygnacji w programie pocztowym.
not-subscribed-title = Brak subskrypcji
not-subscribed-happened = Nie masz subskrypcji newslettera { $newsletter }.
not-subscribed-next = Aby otrzymywać ten newsletter, użyj „Subskrybuj” u góry tej strony.
not-subscribed-closed = Ten newsletter nie przyjmuje nowych subskrypcji.

settings-title = Twoje ustawienia: { $newsletter }
settings-saved = Zapisano. Zmiany obowiązują od następnego wydania.
settings-text = Wybierz ustawienia, a potem zapisz.
topics-legend = Tematy
topics-note = Zostaw wszystkie pola puste, aby otrzymywać wszystkie tematy.
cadence-legend = Jak często
cadence-every = Każde wydanie
cadence-weekly = Raz w tygodniu, tylko najlepsze wiadomości
time-zone = Strefa czasowa
time-zone-note = Na przykład Europe/Warsaw albo America/New_York. Dotyczy to wszystkich newsletterów, które od nas otrzymujesz.
pause-legend = Przerwa
paused-until = Przerwa: nie dostaniesz żadnego wydania do { $day }.
paused-after-bounces = Przerwa: Twoja skrzynka nie przyjęła naszych ostatnich wiadomości. Zakończ przerwę, gdy znów zacznie je przyjmować.
end-pause = Zakończ przerwę teraz
pause-or-until = Albo nie wysyłaj niczego do
pause-until = Nie wysyłaj niczego do
pause-note = Pierwsze wydanie po przerwie zawiera to, co Cię ominęło.
save = Zapisz
or-unsubscribe = Albo <a>zrezygnuj</a>.

undo-leaving = Cofnij
leaving-legend = Czy powiesz nam dlaczego?
leaving-note = Własnymi słowami
leaving-send = Wyślij
leaving-thanks = Dziękujemy. To pomaga redakcji.
your-data = Twoje dane
your-data-text = Tę stronę może otworzyć każdy, komu przekażesz nasze e-maile. Dlatego najpierw wysyłamy link na Twój adres.
request-export = Pobierz moje dane
request-erasure = Usuń moje dane
