# Le parole del registro di una stazione radio (site.voice = "radio"). plain.ftl ha gli stessi messaggi.

signup-label = transmission_log
subscribe-to = Iscriviti alla trasmissione.
latest = Ultime trasmissioni
nothing-yet = Ancora nulla in onda. La prima trasmissione apparirà appena arriva.
read-latest = Leggi le ultime trasmissioni
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = Su questo indirizzo non si trasmette nulla. Forse è scritto male o tagliato.
check-address = Controlla l’indirizzo o vai alle ultime trasmissioni.
unavailable = Fuori onda per un momento
opening =
    { $count ->
        [0] In questo numero non ci sono notizie nuove. Corregge i numeri precedenti.
        [one] 1 trasmissione nel registro.
       *[other] { $count } trasmissioni nel registro, le più importanti per prime.
    }
opening-by-hand =
    { $count ->
        [0] In questo numero non ci sono notizie nuove. Corregge i numeri precedenti.
        [one] 1 trasmissione nel registro.
       *[other] { $count } trasmissioni nel registro.
    }
also-in-issue = Anche nel registro
other-topic = Altri segnali
corrections = Correzioni di segnale
end-of-issue = Fine della trasmissione.
more-stories = Altre trasmissioni
earlier-stories = Trasmissioni precedenti
