# The pages of the console about articles.
console-articles = Artykuły

# The list of articles.
articles-lede = Co przyniosły kanały i napisała redakcja, od najnowszych.
articles-empty = Nie ma jeszcze artykułów. Dodaj kanał albo napisz własny artykuł.
articles-none = Żaden artykuł nie pasuje.
articles-words = Słowa lub identyfikator
articles-newsletter = Newsletter
articles-every = wszystkie
articles-find = Szukaj
articles-all = Pokaż wszystkie artykuły
articles-older = Starsze artykuły
articles-of-feed = Tylko z kanału { $feed }
article-write = Napisz artykuł
article-state-waiting = czeka na wydanie
article-state-in-issue = w wydaniu
article-state-left-out = pominięty
article-state-editorial = własny
article-state-edited = zmieniony
article-state-retracted = wycofany
article-waits-for = czeka na { $newsletter }
article-in-issue-of = w wydaniu { $newsletter }
article-left-out-of = pominięty w { $newsletter }

# One article.
article-edit = Zmień
article-on-site = W serwisie
article-original = U wydawcy
article-facts = O artykule
article-headline = Nagłówek
article-summary = Lead
article-summary-note = Zwykły tekst pod nagłówkiem. Puste: początek tekstu.
article-text = Tekst
article-text-note = W Markdown pisze się:
markdown-bold = pogrubienie
markdown-italic = kursywa
markdown-link = odnośnik
markdown-heading = śródtytuł
markdown-item = lista
article-format = Napisany w
article-authors = Autorzy
article-authors-note = Jedno nazwisko w wierszu.
article-category = Temat
article-language = Język
article-language-note = Kod taki jak en, de lub pt-BR. Puste: rozpoznany z tekstu.
article-source = Źródło
article-source-note = Puste: nazwa serwisu.
article-url = Adres strony, o której jest
article-url-note = Puste: artykuł ma własną stronę w tym serwisie.
article-published = Opublikowano
article-published-note = W UTC. Puste: teraz.
article-arrived = Dotarł
article-image = Adres ilustracji
article-image-note = Adres https. Widoczna tylko, jeśli serwis pokazuje ilustracje.
article-image-alt = Co pokazuje ilustracja
article-image-alt-note = Dla osób, które jej nie widzą.
article-in-newsletters = W newsletterach
article-in-no-newsletter = Nie dotarł do żadnego newslettera.
article-at-place = na miejscu { $place }
article-pin = Przypnij na początku następnego wydania
article-correction-list = Sprostowania
article-corrected = sprostowany
article-restored = cofnięto wycofanie
article-former-headline = Nagłówek brzmiał: { $title }
article-retracted-at = Ten artykuł wycofano, { $time }.
article-no-reason = Czytelnicy nie widzą powodu.
article-reason = Powód, dla czytelników
article-retract = Wycofaj artykuł
article-retract-text = Jego strona powie, że go wycofano. Szkice są składane ponownie bez niego. Jeśli go wysłano, następne wydanie to powie.
article-change-reason = Podaj inny powód
article-change-reason-text = Strona artykułu podaje ten powód. Jeśli artykuł wysłano, poda go też następne wydanie.
article-restore = Cofnij wycofanie
article-restore-text = Jego strona wraca, a szkice mogą go znów zawierać. Czytelnicy, którzy wiedzą o wycofaniu, dowiedzą się i o tym.

# The form of an article.
article-edit-title = Zmień „{ $title }”
article-write-note = Po opublikowaniu jest od razu w serwisie i czeka na następne wydanie wybranych newsletterów.
article-for-newsletters = Czeka na następne wydanie
article-more = Więcej pól
article-note = Co sprostowano, dla czytelników
article-note-note = Jeśli artykuł wysłano, jego strona i następne wydanie podają tę uwagę. Puste: wymieniają zmienione pola.
article-save = Zapisz
article-publish = Opublikuj
article-title-missing = Napisz nagłówek.
article-text-missing = Napisz tekst.
article-text-long = Tekst ma ponad 200 KiB. Skróć go albo opublikuj dwa artykuły.
article-field-long = To za długie. Skróć.
article-language-wrong = Napisz kod taki jak en, de lub pt-BR.
article-url-wrong = Napisz adres zaczynający się od https:// lub http://.
article-image-wrong = Napisz adres zaczynający się od https://.
article-published-wrong = Napisz datę i godzinę, np. 2026-11-23 07:30.
article-is-retracted-already = Ten artykuł już opublikowano i wycofano. Napisz go w nowym formularzu.

# Two editors changed an article.
article-conflict-title = Ten artykuł tymczasem zmieniono
article-conflict-feed = Kanał przyniósł inną wersję.
article-conflict-kept = Niczego nie nadpisano i nic z wpisanego tekstu nie zginęło. Pola, których nie ruszano, mają nową treść. Porównaj i zapisz ponownie.
article-conflict-now = { $field }, zapisane teraz
article-conflict-retracted = Artykuł wycofano i nie można go zmienić. Cofnij wycofanie na jego stronie i zapisz ponownie.
article-changed-by = zmiana: { $name }, { $time }
article-retracted-by = wycofanie: { $name }, { $time }
article-restored-by = cofnięcie wycofania: { $name }, { $time }

# After an action.
notice-article-published = Artykuł jest opublikowany.
notice-article-changed = Artykuł zmieniono. Szkice z nim złożono ponownie.
notice-article-changed-sent = Artykuł zmieniono. Czytelnicy mają dawny tekst; następne wydanie poda im sprostowanie.
notice-article-changed-unapproved = Artykuł zmieniono. Szkic z nim złożono ponownie i cofnięto jego zatwierdzenie. Zatwierdź go znowu.
notice-article-unchanged = Nic się nie zmieniło.
notice-article-retracted = Artykuł jest wycofany. Jego strona to mówi.
notice-article-retracted-sending = Artykuł jest wycofany. Trwa wysyłka wydania z nim; wstrzymaj je w „Wydaniach”, jeśli nie może dotrzeć.
notice-article-restored = Wycofanie cofnięto.
notice-article-pinned = Artykuł będzie pierwszy w następnym wydaniu.
notice-article-unpinned = Artykuł nie jest już przypięty.
notice-article-not-waiting = Niczego nie zrobiono, bo artykuł nie czeka już na ten newsletter.
