# The pages of the console about newsletters.
console-newsletters = Newsletter

# The list, and one newsletter.
newsletters-empty = Non c’è ancora nessuna newsletter. Crea la prima: legge feed, e ci si può iscrivere.
newsletters-removed = Rimosse
newsletter-create = Crea una newsletter
newsletter-create-button = Crea
newsletter-create-note = Servono solo il nome breve e il nome. Il resto si può cambiare dopo.
newsletter-edit = Modifica
newsletter-edit-title = Modifica «{ $name }»
newsletter-edit-note = Una bozza già composta mantiene le sue regole. I campi vuoti hanno i valori predefiniti.
newsletter-hidden = nascosta
newsletter-shown = visibile sul sito
newsletter-on-demand = Inviata a richiesta
newsletter-next = prossimo numero { $time }
newsletter-readers =
    { $count ->
        [one] 1 lettore
       *[other] { $count } lettori
    }
newsletter-reader-count = Lettori
newsletter-feeds =
    { $count ->
        [one] 1 feed
       *[other] { $count } feed
    }
newsletter-coming = Le prossime uscite
newsletter-past = Le ultime uscite
newsletter-no-run = Nessuna uscita finora.
run-local = Ora locale
run-no-issue = nessun numero: { $day }
run-clock-skips = L’orologio salta quest’ora quel giorno; esce subito dopo.
run-clock-repeats = L’orologio segna quest’ora due volte quel giorno.
run-claimed = in composizione
run-drafted = la bozza attende
run-empty = nulla da inviare
newsletter-facts = Sulla newsletter
newsletter-created = Creata
newsletter-changed = Ultima modifica
newsletter-file = Come file
newsletter-file-text = La newsletter è nel database; nessun avvio legge un file. Solo il comando «daywire newsletter apply FILE» la sostituisce, con ogni chiave del file, e mostra che cosa cambia. Prima di applicare un file più vecchio, copia questo testo, altrimenti le modifiche fatte qui vanno perse.

# Removing one.
newsletter-remove = Rimuovi …
newsletter-remove-title = Rimuovere «{ $name }»?
newsletter-remove-readers =
    { $count ->
        [one] 1 iscrizione termina.
       *[other] { $count } iscrizioni terminano.
    }
newsletter-remove-drafts = Queste bozze vengono annullate:
newsletter-remove-feeds =
    { $count ->
        [one] Smette di leggere 1 feed.
       *[other] Smette di leggere { $count } feed.
    }
newsletter-remove-stays = I numeri, i rapporti d’invio e i consensi restano. Il nome breve resta occupato.
newsletter-remove-refused = Non si può rimuovere ora, perché un numero è in invio o sospeso.
newsletter-remove-button = Rimuovi { $name }
newsletter-keep = Mantieni
newsletter-removed-at = Questa newsletter è stata rimossa, { $time }. Creane una con lo stesso nome breve per riaverla, senza lettori.

# The form.
newsletter-mistakes = Nulla è stato salvato. Correggi i campi segnalati.
newsletter-conflict-title = Questa newsletter è cambiata nel frattempo
newsletter-slug-taken = Un’altra newsletter ha questo nome breve. Scegline un altro.
newsletter-identity = Nome e mittente
newsletter-content = Contenuto
newsletter-ranking = Ordine delle notizie
newsletter-slug = Nome breve negli indirizzi
newsletter-slug-note = Minuscole, cifre e trattini, come morning. Non si può cambiare dopo.
newsletter-name = Nome
newsletter-description = Una riga di descrizione
newsletter-from = Mittente
newsletter-mailbox-note = Per esempio Morning Wire <morning@example.org>.
newsletter-reply-to = Le risposte vanno a
newsletter-welcome = Email dopo la conferma
newsletter-welcome-note = Il tuo testo; «true» invia quello predefinito. Vuoto: nessuna email.
newsletter-help = Indirizzo per l’assistenza
newsletter-public = Mostrala sul sito e accetta iscrizioni
newsletter-archive = Mostra i numeri passati sul sito
newsletter-topics = Temi
newsletter-topics-note = Un tema per riga, seguito dalle categorie di feed corrispondenti: Security = infosec, Sicherheit
newsletter-schedule = Orario
schedule-when = Viene inviata
schedule-none = a richiesta
schedule-days = in certi giorni a un’ora
schedule-cron = secondo una riga cron
schedule-days-legend = Giorni
schedule-time = Ora
schedule-line = Riga cron
schedule-line-note = Minuto, ora, giorno, mese, giorno della settimana, come 0 7 * * MON-FRI
schedule-show = Mostra le prossime uscite
schedule-without-day = Scegli almeno un giorno.
schedule-without-time = Scegli un’ora come 07:00.
day-monday = lunedì
day-tuesday = martedì
day-wednesday = mercoledì
day-thursday = giovedì
day-friday = venerdì
day-saturday = sabato
day-sunday = domenica
newsletter-timezone = Fuso orario
newsletter-skip = Giorni senza numero
newsletter-skip-note = Uno per riga: sat, 12-25 (ogni anno) o 2026-12-25.
newsletter-local-time = Ogni lettore la riceve a quell’ora del proprio orologio
newsletter-weekly-day = Le edizioni settimanali escono da
newsletter-lead-time = La bozza viene composta prima di
newsletter-lead-note = Per esempio 45m o 2h: il tempo per leggere e cambiare la bozza. 0s: nessuno.
newsletter-approval = Prima dell’invio
newsletter-approval-auto = nessuno deve approvarla
newsletter-approval-required = qualcuno deve approvarla
newsletter-grace = Un numero mancato viene ancora inviato per
newsletter-expire-after = Una consegna viene abbandonata dopo
newsletter-span-note = Una durata come 45m, 12h o 7days.
newsletter-subject-note = Queste parole vengono sostituite: { "{" }lead{ "}" }, { "{" }date{ "}" }, { "{" }count{ "}" }, { "{" }newsletter{ "}" }, { "{" }number{ "}" }.
newsletter-lines-note = Uno per riga.
newsletter-numbers-note = Un nome e un numero per riga, come Security = 2
newsletter-min-stories = Minimo di notizie per numero
newsletter-max-stories = Massimo di notizie per numero
newsletter-top-stories = Notizie in testa, per punteggio
newsletter-story-note = Dire quante fonti ne parlano e da quando
newsletter-include-topics = Solo questi temi
newsletter-include-sources = Solo queste fonti
newsletter-include-words = Solo con queste parole
newsletter-exclude-topics = Senza questi temi
newsletter-exclude-sources = Senza queste fonti
newsletter-exclude-words = Senza queste parole
newsletter-caps-per-topic = Massimo per tema
newsletter-caps-per-source = Massimo per fonte
newsletter-caps-topics = Massimo di singoli temi
newsletter-caps-sources = Massimo di singole fonti
newsletter-ranking-sources = Fattore del numero di fonti
newsletter-ranking-source = Fattore della fonte migliore
newsletter-ranking-freshness = Fattore di attualità
newsletter-ranking-topic = Fattore del tema
newsletter-ranking-novelty = Quanto perde una notizia nota
newsletter-ranking-half-life = Una notizia è attuale la metà dopo
newsletter-ranking-memory = Ciò che è stato inviato si ricorda per
newsletter-ranking-source-weights = Pesi delle fonti
newsletter-ranking-topic-weights = Pesi dei temi

# After an action.
notice-newsletter-created = La newsletter è creata. Ora aggiungi feed.
notice-newsletter-changed = La newsletter è stata modificata.
notice-newsletter-restored = La newsletter è tornata. Non ha lettori.
notice-newsletter-removed = La newsletter è rimossa.
