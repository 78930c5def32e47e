# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = Bozze
console-issues = Numeri
state-draft = bozza
state-approved = approvato
state-sending = in invio
state-paused = in pausa
state-sent = inviato
state-skipped = saltato
state-cancelled = annullato
delivery-queued = in attesa
delivery-sending = in invio
delivery-accepted = accettato
delivery-deferred = rinviato
delivery-rejected = rifiutato
delivery-suppressed = escluso
delivery-expired = scaduto
delivery-in-doubt = incerto

# The list of drafts.
drafts-lede = Numeri composti e non ancora inviati.
drafts-empty = Nessuna bozza in attesa. Una newsletter con un orario compone la bozza prima della scadenza; puoi anche comporne una ora.
drafts-build = Componi una bozza ora
drafts-build-note = Con gli articoli che aspettano la newsletter.
drafts-nothing = Non c’è nulla da inviare in { $newsletter }:
draft-name = { $newsletter }, numero { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = parte il { $time }
draft-was-due = doveva partire il { $time }
draft-on-demand = parte quando qualcuno lo invia
draft-waits-for-approval = aspetta l’approvazione

# A draft.
draft-approve = Approva
draft-withdraw = Ritira l’approvazione
draft-send = Invia ora…
draft-cancel = Annulla il numero
draft-readers = Lettori ed edizioni
draft-publisher-approves = Lo approva un direttore o un proprietario. Fino ad allora non viene inviato.
draft-checks = Controlli
draft-checks-passed = I controlli non hanno trovato nulla. Il numero può partire.
finding-blocks = ferma il numero
finding-warns = avviso
finding-size = Il messaggio è troppo grande
finding-headers = Un’intestazione manca o è errata
finding-unsubscribe = Non si può annullare l’iscrizione ovunque
finding-https = Il link per annullare l’iscrizione non è sicuro
finding-text = Nella versione di testo manca qualcosa
finding-links = Un link è errato
finding-images = A un’immagine mancano le dimensioni o la descrizione
finding-contrast = C’è testo difficile da leggere
finding-subject = L’oggetto manca o è troppo lungo
finding-postal-address = Manca l’indirizzo postale
finding-document = Manca la lingua o il titolo
finding-hidden-text = C’è testo nascosto
finding-support = Alcuni programmi di posta non mostrano tutto
draft-stories =
    { $count ->
        [one] 1 notizia nel numero
       *[other] { $count } notizie nel numero
    }
draft-left-out = Lasciate fuori
draft-show-all =
    { $count ->
        [one] Mostrane 1 in più
       *[other] Mostrane altre { $count }
    }
story-drag = Trascina la notizia in un altro posto
story-up = Su
story-down = Giù
story-pin = Fissa
story-unpin = Libera
story-pinned = fissata
story-put-in = Inserisci
story-more = Modifica
story-score = punteggio { $score }
story-headline = Titolo
story-headline-note = Lascia vuoto per usare il titolo dell’articolo.
story-change-headline = Salva il titolo
story-place = Posto
story-place-wrong = Scrivi un posto da 1 a { $count }.
story-move = Sposta
story-because = Perché resta fuori
story-drop = Lascia fuori
story-join-with = Unisci alla notizia
story-join = Unisci
story-split = Fanne una notizia a sé
story-split-note = Questi articoli sono una sola notizia.
story-unknown = La bozza non ha più questa notizia. Guardala di nuovo.
draft-texts = Oggetto e introduzione
draft-subject = Oggetto
draft-subject-note = Lascia vuoto per usare l’oggetto della newsletter. Queste parole vengono sostituite:
draft-subject-wrong = Questo oggetto non si può usare: { $reason }
slot-lead = il primo titolo
slot-date = la data del numero
slot-count = quante notizie ci sono
slot-newsletter = il nome della newsletter
slot-number = il numero dell’uscita
draft-intro = Introduzione
draft-intro-note = Un breve testo prima delle notizie.
draft-save-texts = Salva
draft-reset = Annulla tutte le modifiche
draft-reset-note = La bozza torna com’era stata composta: ordine, titoli, oggetto e introduzione.
draft-would-be-empty = Non resterebbe nessuna notizia. Annulla invece il numero.
draft-test-send = Invia una prova
draft-test-to = Email per la prova
draft-test-waits = { $to }: in attesa di invio
draft-test-retried = { $to }: nuovo tentativo, perché { $reply }
draft-test-accepted = { $to }: inviata il { $time }
draft-test-failed = { $to }: non inviata, perché { $reply }
draft-test-interrupted = { $outcome }. Il programma è terminato durante l’invio di questa prova. È tornata in coda il { $time }, quindi può arrivare due volte.
draft-preview = Anteprima
preview-phone = Su un telefono
preview-desktop = Su un computer
preview-text = Come testo
draft-back = Torna alla bozza
notice-draft-built = La bozza è composta.
notice-draft-changed = La bozza è stata modificata.
notice-draft-approved = Il numero è approvato. Una modifica ritira l’approvazione.
notice-approval-withdrawn = L’approvazione è stata ritirata.
notice-draft-cancelled = Il numero è stato annullato. I suoi articoli aspettano il prossimo.
notice-test-queued = La prova è in viaggio. Ricarica la pagina per vedere com’è andata.

# Two operators changed a draft.
conflict-title = Nel frattempo qualcuno ha modificato questa bozza
conflict-by-program = Un suo articolo è stato corretto, oppure l’ha modificata l’orario.
conflict-kept = Nulla è stato sovrascritto. Guarda la bozza com’è ora, poi decidi di ciò che volevi fare:
conflict-again = Fallo ora: { $action }
conflict-gone = Il numero non si può più modificare. Il suo stato è: { $state }.
draft-changed-by = { $name } l’ha modificata, { $time }
draft-approved-by = { $name } l’ha approvata, { $time }
draft-withdrawn-by = { $name } ha ritirato l’approvazione, { $time }
draft-sent-by = { $name } l’ha inviata, { $time }
draft-cancelled-by = { $name } l’ha annullata, { $time }

# The question before an issue is sent or cancelled.
send-title = Inviare { $issue } ora?
send-readers =
    { $count ->
        [one] Lo riceve 1 lettore.
       *[other] Lo ricevono { $count } lettori.
    }
send-weekly =
    { $count ->
        [one] 1 di loro riceve l’edizione settimanale.
       *[other] { $count } di loro ricevono l’edizione settimanale.
    }
send-not-mailed = Senza invio:
send-instead-of = Partirebbe da solo il { $time }.
send-button =
    { $count ->
        [one] Invia a 1 lettore
       *[other] Invia a { $count } lettori
    }
send-needs-approval = Il numero aspetta l’approvazione. Leggilo, approvalo, poi invialo.
send-no-reader = Nessuno lo riceverebbe. Il numero resta com’è e tiene i suoi articoli.
send-blocked = Nulla è stato inviato. I controlli fermano il numero: { $reason }
cancel-title = Annullare { $issue }?
cancel-text = Non ne viene inviato nulla. I suoi articoli aspettano il prossimo numero.
editions-none = Tutti i lettori ricevono lo stesso numero.
edition-unapproved = non approvata: i suoi lettori ricevono il numero intero

# Issues that were sent.
issues-empty = Nessun numero è stato ancora inviato.
issues-older = Numeri precedenti
issue-recipients =
    { $count ->
        [one] 1 destinatario
       *[other] { $count } destinatari
    }
issue-started = iniziato il { $time }
issue-finished = finito il { $time }
issue-progress = { $done } di { $total } fatti
issue-live = I numeri si aggiornano da soli.
issue-reload = Ricarica
issue-in-archive = L’edizione come la vedono i lettori
issue-pause = Metti in pausa
issue-resume = Riprendi
issue-settle-accepted = Sono arrivati
issue-settle-resend = Inviali di nuovo
issue-pause-text = I messaggi in viaggio vengono completati e nessun altro parte. Puoi riprendere il numero più tardi.
issue-resume-text = Vengono inviati i messaggi rimasti.
issue-cancel-text = I messaggi rimasti non vengono inviati. Non si può tornare indietro.
issue-settle-accepted-text = I messaggi incerti contano come accettati. A questi lettori non parte altro.
issue-settle-resend-text = I messaggi incerti vengono inviati di nuovo con lo stesso Message-ID. Alcuni lettori forse riceveranno il numero due volte.
issue-in-doubt =
    { $count ->
        [one] 1 messaggio è incerto
       *[other] { $count } messaggi sono incerti
    }
issue-in-doubt-text = Il collegamento con il server di invio si è interrotto mentre prendeva questi messaggi. Può averli accettati oppure no. Guarda il suo registro, poi decidi.
issue-back = Torna al numero
issue-proof = Rapporto di invio
report-came-back = Che cosa è tornato indietro
report-hard-bounces = rimbalzi definitivi
report-soft-bounces = rimbalzi temporanei
report-other-bounces = altri rimbalzi
report-complaints = reclami
report-domains = Per dominio del destinatario
report-domain = dominio
report-editions = Edizioni
report-state = stato
report-reason = motivo
report-deliveries = messaggi
report-sum = totale
report-adds-up = ogni destinatario è contato una volta
report-differs = all’inizio il numero aveva un’altra quantità di destinatari
proof-balanced =
    { $count ->
        [one] Il rapporto torna: 1 destinatario, in uno stato, con un motivo.
       *[other] Il rapporto torna: { $count } destinatari, ciascuno in uno stato, con un motivo.
    }
proof-unbalanced = Il rapporto non torna: i destinatari contati sono { $counted }, all’inizio erano { $frozen }.
notice-sending-started = Il numero è in invio.
notice-issue-paused = Il numero è in pausa.
notice-issue-resumed = Il numero è di nuovo in invio.
notice-issue-cancelled = Il numero è stato annullato.
notice-issue-settled = La decisione sui messaggi incerti è presa.
notice-issue-state-changed = Non è stato fatto nulla, perché il numero ora è in un altro stato.

# What needs an operator today.
today-needs = Che cosa ti aspetta
today-next = Che cosa parte dopo
today-last = L’ultimo numero
today-no-newsletter = Non c’è ancora nessuna newsletter. Direttori e proprietari ne creano una in «Newsletter».
today-no-schedule = Nessuna newsletter ha un orario. Componi una bozza e inviala tu.
today-numbers = { $accepted } accettati, { $rejected } rifiutati, { $open } rimasti
need-relay = Il server di invio non accetta posta
need-paused = { $issue } è in pausa
need-in-doubt =
    { $count ->
        [one] 1 messaggio di { $issue } è incerto
       *[other] { $count } messaggi di { $issue } sono incerti
    }
need-feeds =
    { $count ->
        [one] 1 feed non funziona
       *[other] { $count } feed non funzionano
    }
need-comments =
    { $count ->
        [one] 1 commento ti aspetta
       *[other] { $count } commenti ti aspettano
    }
need-alerts =
    { $count ->
        [one] È raggiunto 1 limite di rimbalzi o reclami
       *[other] Sono raggiunti { $count } limiti di rimbalzi o reclami
    }
