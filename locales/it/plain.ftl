# Le parole consuete di un sito di notizie (site.voice = "plain"). radio.ftl ha gli stessi messaggi.

signup-label = { "" }
subscribe-to = Iscriviti a { $name }
latest = Ultime notizie
nothing-yet = Qui non c’è ancora nulla. La prima notizia apparirà appena arriva.
read-latest = Leggi le ultime notizie
article-id = Articolo { $id }
comments-label = Commenti
comments-status = { "" }
no-such-page = Qui non c’è nessuna pagina. L’indirizzo forse è scritto male o tagliato.
check-address = Controlla l’indirizzo o vai alle ultime notizie.
unavailable = Momentaneamente non disponibile
opening =
    { $count ->
        [0] In questo numero non ci sono notizie nuove. Corregge i numeri precedenti.
        [one] In questo numero: 1 notizia.
       *[other] In questo numero: { $count } notizie, le più importanti per prime.
    }
opening-by-hand =
    { $count ->
        [0] In questo numero non ci sono notizie nuove. Corregge i numeri precedenti.
        [one] In questo numero: 1 notizia.
       *[other] In questo numero: { $count } notizie.
    }
also-in-issue = Anche in questo numero
other-topic = Altre notizie
corrections = Correzioni
end-of-issue = Per oggi è tutto.
more-stories = Altre notizie
earlier-stories = Notizie precedenti
