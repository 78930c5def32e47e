# Rama każdej strony, strona główna, artykuły i archiwum.

skip-to-content = Przejdź do treści
site-navigation = Serwis
language-navigation = Języki
past-issues = Poprzednie wydania
past-issues-short = Archiwum
inbox = Skrzynka odbiorcza
mail-is-captured = Nie ustawiono serwera wysyłki: wiadomości są tu zatrzymywane i nie są doręczane.

time-stamp = { $date } · { $time }
weekday-time = { $weekday } { $time }
labelled = { $label }:
list-separator = { ", " }
list-end = { $names } i { $name }

also = także:
more-sources = jeszcze { $count }
other-sources =
    { $count ->
        [one] 1 inne źródło
        [few] { $count } inne źródła
       *[many] { $count } innych źródeł
    }
read-at = Czytaj w serwisie { $source }
article-corrections = Sprostowania
article-sources = Źródła
retracted-title = Artykuł wycofany
retracted-happened = Artykuł { $id } został wycofany ({ $date }).
retracted-reason = Podany powód: { $reason }
retracted-without-reason = Nie podano powodu.

past-issues-label = poprzednie wydania
past-issues-of = Poprzednie wydania: { $newsletter }
past-issues-description = Poprzednie wydania newsletterów: { $site }
issue-number = wydanie { $number }
newsletter-issue = { $newsletter }, wydanie { $number }
issue-link = Wydanie { $number }
issue-navigation = Wydania
all-issues = Wszystkie wydania
edition-note = Ta wersja jest dla osób, które wybrały tematy, język albo jeden e-mail w tygodniu.
whole-issue = Czytaj pełne wydanie
edition-expired = Linki do takich wersji działają przez rok.
edition-expired-next = Wszystkie wydania znajdziesz wśród poprzednich.
newsletter-navigation = Newslettery
all-newsletters = Wszystkie
no-issue-yet = Nie wysłano jeszcze żadnego wydania. Pierwsze pojawi się tu zaraz po wysłaniu.
earlier-issues = Starsze wydania
atom-feed = Kanał Atom z tymi wydaniami
mark-corrected = poprawiono
mark-retracted = wycofano
mark-restored = przywrócono
change-corrected = Poprawiono
change-retracted = Wycofano
change-restored = Przywrócono
corrected-fields = Zmieniono: { $fields }
corrected-headline = tytuł
corrected-address = adres
corrected-summary = streszczenie
corrected-text = tekst
corrected-authors = autorzy
corrected-category = kategoria
corrected-language = język
corrected-source = źródło
corrected-date = data
corrected-picture = zdjęcie
report-retracted = (wycofano)

no-issue-title = Nie ma takiego wydania
no-issue-of-number = Newsletter { $newsletter } nie ma wysłanego wydania o tym numerze.
no-archive = Żaden newsletter o tej nazwie nie pokazuje tu poprzednich wydań.
no-issue-next = Sprawdź numer w adresie albo przejrzyj <a>poprzednie wydania</a>.
no-issue-next-of = Sprawdź numer w adresie albo przejrzyj <a>poprzednie wydania newslettera { $newsletter }</a>.
search = Szukaj
search-for = Szukane słowa
search-description = Szukaj w artykułach i poprzednich wydaniach: { $site }
search-nothing = Nic nie znaleziono. Spróbuj użyć mniejszej liczby słów lub innych słów.
search-count =
    { $count ->
        [one] 1 wynik
        [few] { $count } wyniki
       *[many] { $count } wyników
    }
search-best = Najlepsze wyniki: { $count }
page-navigation = Strony
previous-page = Poprzednia strona
next-page = Następna strona
newer-story = Nowsza wiadomość
earlier-story = Starsza wiadomość
footer-navigation = Więcej o tym serwisie
topic-navigation = Tematy
front-page = Najnowsze
more-on = Więcej: { $topic }
also-reported = Piszą o tym także
by-authors = Autor: { $authors }
read-issue = Przeczytaj wydanie
next-issue-at = Następne wydanie: { $time }
latest-issue = Najnowsze wydanie
share-by-mail = Udostępnij e-mailem
site-feed = Kanał Atom
