# Le e-mail ai lettori: conferma, messaggi su un’iscrizione e newsletter.

confirm-mail-subject = Conferma l’iscrizione a { $newsletters }
confirm-mail-request = Qualcuno, probabilmente tu, ha chiesto a { $site } di inviare { $newsletters } a questo indirizzo. L’invio comincia appena lo confermi.
confirm-mail-button = Apri la pagina di conferma
confirm-mail-open = Se il pulsante non funziona, apri questo indirizzo:
confirm-mail-open-text = Per confermare, apri questo indirizzo e premi il pulsante che trovi lì:
confirm-mail-valid = Il link funziona una volta, { $within }. Apre una pagina con un pulsante, e non succede nulla finché non lo premi.
confirm-mail-valid-text = Il link funziona una volta, { $within }. Non succede nulla finché non premi il pulsante sulla sua pagina.
within-minutes =
    { $count ->
        [one] entro 1 minuto
       *[other] entro { $count } minuti
    }
within-hours =
    { $count ->
        [one] entro 1 ora
       *[other] entro { $count } ore
    }
within-days =
    { $count ->
        [one] entro 1 giorno
       *[other] entro { $count } giorni
    }
confirm-mail-ignore = Se non l’hai chiesto tu, ignora questa e-mail. Senza la tua conferma non ci sarà alcuna iscrizione.
confirm-mail-sent-by = Inviata automaticamente da <a>{ $site }</a> perché qualcuno ha iscritto questo indirizzo.
imported-mail-request = Il tuo indirizzo è in un elenco di lettori che { $site } ha portato da un altro sistema. Il tuo consenso per { $newsletters } non risulta qui, quindi te lo chiediamo una sola volta. L’invio comincia solo se confermi.
imported-mail-ignore = Se non lo desideri, ignora questa e-mail. Non ci sarà alcuna iscrizione e non te lo chiederemo più.
imported-mail-sent-by = Inviata automaticamente da <a>{ $site }</a> perché questo indirizzo è in un elenco che abbiamo portato da un altro sistema.

already-subscribed-subject = L’iscrizione a { $newsletters } esiste già
already-subscribed-opening = Qualcuno, molto probabilmente tu, ha chiesto a { $site } di inviare { $newsletters } a questo indirizzo. L’iscrizione esiste già, quindi non c’è nulla da confermare.
already-subscribed-paused = È in pausa. Per terminare la pausa, cambia le impostazioni.
already-subscribed-closing = Se non l’hai chiesto tu, non fare nulla: l’iscrizione resta com’è.
change-preferences = Cambia le impostazioni
subscription-mail-sent-by = Inviata automaticamente da <a>{ $site }</a>, perché questo indirizzo vi è iscritto.
requested-mail-sent-by = Inviata automaticamente da <a>{ $site }</a>, perché qualcuno l’ha chiesta sul nostro sito.
former-address-mail-sent-by = Inviata automaticamente da <a>{ $site }</a>, perché finora le sue newsletter arrivavano a questo indirizzo.

changed-subject = Le tue impostazioni per { $newsletter } sono cambiate
changed-subject-paused = { $newsletter } è in pausa fino al { $day }
changed-subject-resumed = { $newsletter } non è più in pausa
changed-opening = Qualcuno, molto probabilmente tu, ha usato il link in una delle tue e-mail per cambiare le impostazioni. Ora sono così.
changed-closing = Se non l’hai fatto tu, qualcuno ha una tua e-mail. Apri il link qui sopra per terminare una pausa o per chiedere un link alle tue iscrizioni. Elimina i link in fondo alle e-mail prima di inoltrarle.
now-paused-until = Non ti verrà inviato nulla fino al { $day }.
now-paused-after-bounces = È in pausa perché la tua casella non ha accettato le nostre e-mail. Il link qui sotto termina la pausa.
now-every-issue = Ricevi ogni numero.
now-weekly = Ricevi un numero alla settimana.
now-all-topics = Ricevi tutti i temi.
now-topics = Ricevi questi temi: { $topics }.
now-time-zone = Il tuo fuso orario è { $zone }.
now-language = La lingua delle nostre e-mail: { $language }.

view-in-browser = Vedi nel browser
corrections-subject =
    { $count ->
        [one] { $newsletter }: una correzione
       *[other] { $newsletter }: { $count } correzioni
    }
best-of-week-issue = Il meglio della settimana, dal n. { $number }.
best-of-week = Il meglio della settimana, dal n. { $first } al { $last }.
missed-issue = Che cosa ti sei perso: il meglio del n. { $number }.
missed-issues = Che cosa ti sei perso: il meglio dal n. { $first } al { $last }.
story-published = pubblicato: { $time }
story-reached-us = ricevuto: { $time }
story-sources =
    { $count ->
        [one] 1 fonte, ricevuta: { $time }
       *[other] { $count } fonti, prima notizia ricevuta: { $time }
    }
more-on-site =
    { $count ->
        [one] un’altra sul sito
       *[other] altre { $count } sul sito
    }
digest-reason = Ricevi questa e-mail per la tua iscrizione a { $newsletter }, una newsletter di { $site }.
manage-subscription = Gestisci l’iscrizione
read-on-site = Leggi sul sito
