# The frame of the console for operators, and its first page.
console = redakcja
console-navigation = Strony redakcji
console-today = Dzisiaj
console-empty = Teraz nic nie wymaga Twojej uwagi.
console-account = Twoje konto
sign-out = Wyloguj: { $name }
role-owner = właściciel
role-publisher = wydawca
role-editor = redaktor
role-analyst = analityk
not-permitted-title = Twoja rola na to nie pozwala
not-permitted-happened = Twoja rola to „{ $role }”. Nic nie zostało zmienione.
not-permitted-next = Poproś właściciela serwisu, aby to zrobił albo zmienił Twoją rolę.
needs-https-title = Redakcja wymaga HTTPS
needs-https-happened = site.url zaczyna się od http:// i nie wskazuje tego komputera, więc inni w sieci mogliby odczytać hasła.
needs-https-next = Ustaw w site.url adres z https://.

# A form that was sent after the session had ended.
session-ended-title = Sesja się zakończyła
session-ended-text = Sesja zakończyła się, gdy formularz był otwarty. Nic nie zostało zapisane.
session-ended-sign-in = Zaloguj się (w nowym oknie)
session-ended-resend = Wyślij formularz ponownie
session-ended-kept = To, co wpisano, zostaje na tej stronie. Zaloguj się, a potem naciśnij przycisk.
session-ended-back = Zaloguj się, wróć w przeglądarce i wyślij formularz ponownie.
console-operators = Zespół
console-audit = Dziennik zmian
console-tokens = Tokeny API
console-help = Pomoc

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = Dokumentacja
docs-navigation = Strony dokumentacji
