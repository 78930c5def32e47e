# Il modulo di iscrizione, le pagine dei link nelle e-mail e le impostazioni.

subscribe = Iscriviti
check-form = Controlla il modulo
no-newsletter-title = Ancora nessuna newsletter
no-newsletter-text = Non c’è ancora nulla a cui iscriversi. Torna più tardi.
newsletters-legend = Newsletter
email = E-mail
name = Nome
optional = facoltativo
honeypot = Sito web: lascia vuoto questo campo, è solo per le macchine
chosen-newsletter = Newsletter:
choose-others = Scegline altre
form-delivery = Ti invieremo un’e-mail con un link di conferma. Non riceverai altro finché non lo usi.
form-consent = Iscrivendoti accetti di ricevere { $newsletter } da { $site }. Puoi annullare l’iscrizione in qualsiasi momento con il link presente in ogni numero.
form-consent-chosen = Iscrivendoti accetti di ricevere le newsletter scelte da { $site }. Puoi annullare l’iscrizione in qualsiasi momento con il link presente in ogni numero.
did-you-mean = Intendevi { $domain }? Correggi l’indirizzo, oppure premi di nuovo il pulsante per tenerlo.
form-wrong-title = Questo modulo non è configurato bene
form-wrong-happened = Il campo «{ $field }» indica una pagina di un sito che non può usare questo modulo. Non è stato inviato nulla.
form-wrong-next = Avvisa il sito che ti ha mostrato il modulo, oppure iscriviti sulla nostra pagina.
topics-of = Temi di { $newsletter }
time-zone-of-newsletter = Il fuso orario della newsletter
time-zone-used = Ogni numero arriva alla sua ora in questo fuso orario.

check-inbox-title = Controlla la posta
check-inbox-heading = Controlla la posta.
check-inbox-text = Se questo indirizzo non è ancora iscritto, un link di conferma è in arrivo. Apri il link e premi il pulsante per confermare.
check-inbox-retry = Ancora niente dopo qualche minuto? Guarda nella cartella dello spam, poi controlla l’indirizzo e <a>riprova</a>.
check-inbox-captured = Questo sito funziona senza server di invio: l’e-mail si trova nella <a>posta in arrivo</a>.

prove-title = Ancora un passaggio
prove-heading = Ancora un passaggio.
prove-text = In questo momento si iscrivono moltissime persone, o programmi. Questo passaggio tiene fuori i programmi. Non è ancora stato inviato nulla.
prove-working = Il tuo browser esegue questo passaggio per te. Richiede qualche secondo.
prove-wrong = La risposta è sbagliata o è arrivata troppo tardi. Riprova.
prove-question = Quanto fa { $one } più { $other }?

confirm-title = Conferma l’iscrizione
confirm-heading = Conferma l’iscrizione.
confirm-text = Premi il pulsante e { $site } ti invierà:
confirm-button = Conferma l’iscrizione
confirm-ignore = Se non l’hai chiesto tu, chiudi questa pagina: non ci sarà alcuna iscrizione.
confirmed-title = Iscrizione confermata
confirmed-heading = L’iscrizione è confermata.
confirmed-text = Dal prossimo numero riceverai:
confirmed-leave = Ogni numero contiene un link per annullare l’iscrizione.

link-fails-title = Il link non funziona
link-expired-heading = Questo link è scaduto.
link-expired-text = I link di conferma vanno usati { $within }. L’iscrizione non è ancora confermata.
link-used-heading = Questo link è già stato usato.
link-used-text = Un link di conferma funziona una volta sola. L’iscrizione che ha confermato nel frattempo è terminata.
link-unknown-heading = Questo link non funziona.
link-unknown-text = Forse ne manca una parte. Aprilo di nuovo dall’e-mail o copia l’indirizzo intero.
link-unknown-next = Se non basta, <a>iscriviti di nuovo</a> per riceverne un altro.

unsubscribe = Annulla l’iscrizione
unsubscribe-heading = Annullare l’iscrizione a { $newsletter }?
unsubscribe-text = L’iscrizione è ancora attiva. Premi il pulsante per annullarla subito.
unsubscribe-instead = Preferisci meno numeri, altri temi o una pausa? <a>Gestisci l’iscrizione</a>.
unsubscribed-title = Iscrizione annullata
unsubscribed-heading = Hai annullato l’iscrizione a { $newsletter }.
unsubscribed-text = Non riceverai altri numeri.
unsubscribed-mistake = È stato un errore? <a>Iscriviti di nuovo</a>.

test-link-title = Questo link viene da una prova
test-link-happened = Questo link viene da un’e-mail di prova. Non appartiene ad alcuna iscrizione e quindi non fa nulla.
test-link-next = L’e-mail di ogni lettore ha in questo punto un link proprio.
bad-link-title = Questo link non funziona
bad-link-happened = Forse è scritto male o tagliato. Non è stato cambiato nulla.
bad-link-next = Apri di nuovo l’e-mail e usa il link in fondo, o il pulsante per annullare l’iscrizione del tuo programma di posta.
not-subscribed-title = Nessuna iscrizione
not-subscribed-happened = Non risulta un’iscrizione a { $newsletter }.
not-subscribed-next = Per riceverla, usa «Iscriviti» in alto in questa pagina.
not-subscribed-closed = Non accetta nuove iscrizioni.

settings-title = Le tue impostazioni per { $newsletter }
settings-saved = Salvato. Vale dal prossimo numero.
settings-text = Fai le tue scelte, poi salva.
topics-legend = Temi
topics-note = Lascia vuote tutte le caselle per ricevere tutti i temi.
cadence-legend = Frequenza
cadence-every = Ogni numero
cadence-weekly = Una volta alla settimana, solo le notizie migliori
time-zone = Fuso orario
time-zone-note = Per esempio Europe/Rome o America/New_York. Vale per tutte le newsletter che ricevi da noi.
pause-legend = Pausa
paused-until = In pausa: non riceverai alcun numero fino al { $day }.
paused-after-bounces = In pausa: la tua casella non ha accettato le nostre ultime e-mail. Termina la pausa quando le accetterà di nuovo.
end-pause = Termina la pausa adesso
pause-or-until = Oppure non inviare nulla fino al
pause-until = Non inviare nulla fino al
pause-note = Il primo numero dopo la pausa contiene ciò che ti sei perso.
save = Salva
or-unsubscribe = Oppure <a>annulla l’iscrizione</a>.

undo-leaving = Ripristina l’iscrizione
leaving-legend = Ci dici perché?
leaving-note = Con parole tue
leaving-send = Invia
leaving-thanks = Grazie. Questo aiuta la redazione.
your-data = I tuoi dati
your-data-text = Chiunque riceva le nostre e-mail che inoltri può aprire questa pagina. Perciò inviamo prima un link al tuo indirizzo.
request-export = Scarica i miei dati
request-erasure = Cancella i miei dati
