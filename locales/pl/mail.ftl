# Wiadomości do czytelników: potwierdzenie, informacje o subskrypcji i newsletter.

confirm-mail-subject = Potwierdź subskrypcję: { $newsletters }
confirm-mail-request = Ktoś, prawdopodobnie Ty, poprosił serwis { $site } o wysyłanie na ten adres: { $newsletters }. Wysyłka zacznie się, gdy to potwierdzisz.
confirm-mail-button = Otwórz stronę potwierdzenia
confirm-mail-open = Jeśli przycisk nie działa, otwórz ten adres:
confirm-mail-open-text = Aby potwierdzić, otwórz ten adres i naciśnij na stronie przycisk:
confirm-mail-valid = Link działa raz, { $within }. Otwiera stronę z jednym przyciskiem i nic się nie dzieje, dopóki go nie naciśniesz.
confirm-mail-valid-text = Link działa raz, { $within }. Nic się nie dzieje, dopóki nie naciśniesz przycisku na jego stronie.
within-minutes =
    { $count ->
        [one] w ciągu 1 minuty
        [few] w ciągu { $count } minut
       *[many] w ciągu { $count } minut
    }
within-hours =
    { $count ->
        [one] w ciągu 1 godziny
        [few] w ciągu { $count } godzin
       *[many] w ciągu { $count } godzin
    }
within-days =
    { $count ->
        [one] w ciągu 1 dnia
        [few] w ciągu { $count } dni
       *[many] w ciągu { $count } dni
    }
confirm-mail-ignore = Jeśli to nie Twoja prośba, zignoruj tę wiadomość. Bez Twojego potwierdzenia subskrypcji nie będzie.
confirm-mail-sent-by = Wysłano automatycznie z serwisu <a>{ $site }</a>, ponieważ ktoś zapisał ten adres.
imported-mail-request = Twój adres jest na liście czytelników, którą serwis { $site } przeniósł z innego systemu. Nie ma tu zapisu Twojej zgody na: { $newsletters }, dlatego pytamy raz. Wysyłka zacznie się tylko wtedy, gdy to potwierdzisz.
imported-mail-ignore = Jeśli tego nie chcesz, zignoruj tę wiadomość. Subskrypcji nie będzie i nie zapytamy ponownie.
imported-mail-sent-by = Wysłano automatycznie z serwisu <a>{ $site }</a>, ponieważ ten adres jest na liście przeniesionej z innego systemu.

already-subscribed-subject = Masz już subskrypcję: { $newsletters }
already-subscribed-opening = Ktoś, najprawdopodobniej Ty, poprosił serwis { $site } o wysyłanie na ten adres: { $newsletters }. Subskrypcja już trwa, więc nie ma czego potwierdzać.
already-subscribed-paused = Trwa przerwa. Aby ją zakończyć, zmień ustawienia.
already-subscribed-closing = Jeśli to nie Twoja prośba, nie rób nic: subskrypcja pozostaje bez zmian.
change-preferences = Zmień ustawienia
subscription-mail-sent-by = Wysłano automatycznie z serwisu <a>{ $site }</a>, ponieważ ten adres ma tam subskrypcję.
requested-mail-sent-by = Wysłano automatycznie z serwisu <a>{ $site }</a>, ponieważ ktoś o to poprosił w naszym serwisie.
former-address-mail-sent-by = Wysłano automatycznie z serwisu <a>{ $site }</a>, ponieważ jego newslettery przychodziły dotąd na ten adres.

changed-subject = Twoje ustawienia zostały zmienione: { $newsletter }
changed-subject-paused = { $newsletter }: przerwa do { $day }
changed-subject-resumed = { $newsletter }: koniec przerwy
changed-opening = Ktoś, najprawdopodobniej Ty, użył linku z jednej z Twoich wiadomości, aby zmienić ustawienia. Teraz są takie.
changed-closing = Jeśli to nie Ty, ktoś ma Twoją wiadomość. Otwórz powyższy link, aby zakończyć przerwę albo poprosić o link do Twoich subskrypcji. Usuwaj linki z końca wiadomości, które przekazujesz dalej.
now-paused-until = Do { $day } niczego Ci nie wyślemy.
now-paused-after-bounces = Trwa przerwa, ponieważ Twoja skrzynka nie przyjęła naszych wiadomości. Poniższy link ją kończy.
now-every-issue = Otrzymujesz każde wydanie.
now-weekly = Otrzymujesz jedno wydanie w tygodniu.
now-all-topics = Otrzymujesz wszystkie tematy.
now-topics = Otrzymujesz te tematy: { $topics }.
now-time-zone = Twoja strefa czasowa to { $zone }.
now-language = Język naszych e-maili: { $language }.

view-in-browser = Zobacz w przeglądarce
corrections-subject =
    { $count ->
        [one] { $newsletter }: sprostowanie
        [few] { $newsletter }: { $count } sprostowania
       *[many] { $newsletter }: { $count } sprostowań
    }
best-of-week-issue = To, co najlepsze w tym tygodniu, z nr { $number }.
best-of-week = To, co najlepsze w tym tygodniu, z nr od { $first } do { $last }.
missed-issue = Co Cię ominęło: to, co najlepsze z nr { $number }.
missed-issues = Co Cię ominęło: to, co najlepsze z nr od { $first } do { $last }.
story-published = opublikowano: { $time }
story-reached-us = dotarło do nas: { $time }
story-sources =
    { $count ->
        [one] 1 źródło, dotarło do nas: { $time }
        [few] { $count } źródła, pierwsze dotarło do nas: { $time }
       *[many] { $count } źródeł, pierwsze dotarło do nas: { $time }
    }
more-on-site = jeszcze { $count } w serwisie
digest-reason = Otrzymujesz tę wiadomość, ponieważ subskrybujesz newsletter { $newsletter } serwisu { $site }.
manage-subscription = Zarządzaj subskrypcją
read-on-site = Czytaj w serwisie
