# Słowa dziennika stacji radiowej (site.voice = "radio"). plain.ftl ma te same komunikaty.

signup-label = transmission_log
subscribe-to = Subskrybuj audycję.
latest = Najnowsze transmisje
nothing-yet = Na antenie jeszcze cisza. Pierwsza transmisja pojawi się, gdy tylko nadejdzie.
read-latest = Czytaj najnowsze transmisje
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = Pod tym adresem nic nie nadaje. Może być źle wpisany albo ucięty.
check-address = Sprawdź adres albo przejdź do najnowszych transmisji.
unavailable = Chwilowo poza anteną
opening =
    { $count ->
        [0] W tym wydaniu nie ma nowych wiadomości. Prostuje ono wcześniejsze wydania.
        [one] 1 transmisja w dzienniku.
        [few] { $count } transmisje w dzienniku, najważniejsze na początku.
       *[many] { $count } transmisji w dzienniku, najważniejsze na początku.
    }
opening-by-hand =
    { $count ->
        [0] W tym wydaniu nie ma nowych wiadomości. Prostuje ono wcześniejsze wydania.
        [one] 1 transmisja w dzienniku.
        [few] { $count } transmisje w dzienniku.
       *[many] { $count } transmisji w dzienniku.
    }
also-in-issue = Także w dzienniku
other-topic = Inne sygnały
corrections = Sprostowania sygnału
end-of-issue = Koniec transmisji.
more-stories = Więcej transmisji
earlier-stories = Wcześniejsze transmisje
