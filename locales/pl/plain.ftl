# Zwykłe słowa serwisu z wiadomościami (site.voice = "plain"). radio.ftl ma te same komunikaty.

signup-label = { "" }
subscribe-to = Subskrybuj { $name }
latest = Najnowsze wiadomości
nothing-yet = Tu jeszcze nic nie ma. Pierwsza wiadomość pojawi się, gdy tylko nadejdzie.
read-latest = Czytaj najnowsze wiadomości
article-id = Artykuł { $id }
comments-label = Komentarze
comments-status = { "" }
no-such-page = Nie ma tu żadnej strony. Adres może być źle wpisany albo ucięty.
check-address = Sprawdź adres albo przejdź do najnowszych wiadomości.
unavailable = Chwilowo niedostępne
opening =
    { $count ->
        [0] W tym wydaniu nie ma nowych wiadomości. Prostuje ono wcześniejsze wydania.
        [one] W tym wydaniu: 1 wiadomość.
        [few] W tym wydaniu: { $count } wiadomości, najważniejsze na początku.
       *[many] W tym wydaniu: { $count } wiadomości, najważniejsze na początku.
    }
opening-by-hand =
    { $count ->
        [0] W tym wydaniu nie ma nowych wiadomości. Prostuje ono wcześniejsze wydania.
        [one] W tym wydaniu: 1 wiadomość.
        [few] W tym wydaniu: { $count } wiadomości.
       *[many] W tym wydaniu: { $count } wiadomości.
    }
also-in-issue = Także w tym wydaniu
other-topic = Inne wiadomości
corrections = Sprostowania
end-of-issue = To wszystko na dziś.
more-stories = Więcej wiadomości
earlier-stories = Wcześniejsze wiadomości
