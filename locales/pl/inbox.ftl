# Strony z wiadomościami zatrzymanymi, dopóki nie ma serwera wysyłki.

inbox-label = skrzynka odbiorcza
captured-title = Zatrzymane wiadomości
captured-text = Nie ustawiono serwera wysyłki, więc każda wiadomość trafia tutaj, zamiast być doręczona.
no-message = Nie ma jeszcze wiadomości.
mail-to = do { $address }
mail-bytes =
    { $count ->
        [one] 1 bajt
        [few] { $count } bajty
       *[many] { $count } bajtów
    }
field-from = od
field-to = do
field-captured = nadeszło
field-size = rozmiar
part-navigation = Części wiadomości
part-html = HTML
part-text = Tekst
part-source = Źródło
html-iframe = Część HTML wiadomości
iframe-links = Linki w ramce są wyłączone. Znajdują się na liście poniżej.
message-links = Linki w tej wiadomości
no-subject = (bez tematu)
no-html-part = Ta wiadomość nie ma części HTML.
inbox-private-title = Skrzynka odbiorcza nie jest publiczna
inbox-private-happened = Zawiera wiadomości do czytelników tego serwisu i znajdujące się w nich linki.
inbox-private-next = Otwórz ją na maszynie, na której działa ten serwis, wyślij token operatora albo zmień inbox.access w ustawieniach.
