# The pages of the console about articles.
console-articles = Articoli

# The list of articles.
articles-lede = Ciò che i tuoi feed hanno portato e la tua redazione ha scritto, dal più recente.
articles-empty = Non c’è ancora nessun articolo. Aggiungi un feed o scrivi un articolo.
articles-none = Nessun articolo corrisponde.
articles-words = Parole o identificativo
articles-newsletter = Newsletter
articles-every = tutti
articles-find = Cerca
articles-all = Mostra tutti gli articoli
articles-older = Articoli precedenti
articles-of-feed = Solo del feed { $feed }
article-write = Scrivi un articolo
article-state-waiting = attende un numero
article-state-in-issue = in un numero
article-state-left-out = escluso
article-state-editorial = della redazione
article-state-edited = modificato
article-state-retracted = ritirato
article-waits-for = attende { $newsletter }
article-in-issue-of = in un numero di { $newsletter }
article-left-out-of = escluso da { $newsletter }

# One article.
article-edit = Modifica
article-on-site = Sul sito
article-original = Presso l’editore
article-facts = Sull’articolo
article-headline = Titolo
article-summary = Sommario
article-summary-note = Testo semplice sotto il titolo. Vuoto: l’inizio del testo.
article-text = Testo
article-text-note = In Markdown si scrive:
markdown-bold = grassetto
markdown-italic = corsivo
markdown-link = link
markdown-heading = titoletto
markdown-item = elenco
article-format = Scritto in
article-authors = Autori
article-authors-note = Un nome per riga.
article-category = Tema
article-language = Lingua
article-language-note = Un codice come en, de o pt-BR. Vuoto: riconosciuta dal testo.
article-source = Fonte
article-source-note = Vuoto: il nome del sito.
article-url = Indirizzo della pagina di cui parla
article-url-note = Vuoto: l’articolo ha una pagina propria su questo sito.
article-published = Pubblicato
article-published-note = In UTC. Vuoto: ora.
article-arrived = Arrivato
article-image = Indirizzo della sua immagine
article-image-note = Un indirizzo https. Mostrata solo se il sito mostra immagini.
article-image-alt = Che cosa mostra l’immagine
article-image-alt-note = Per chi non può vederla.
article-in-newsletters = Nelle newsletter
article-in-no-newsletter = Non è arrivato in nessuna newsletter.
article-at-place = al posto { $place }
article-pin = Fissa in cima al prossimo numero
article-correction-list = Correzioni
article-corrected = corretto
article-restored = ritiro annullato
article-former-headline = Il titolo era: { $title }
article-retracted-at = Questo articolo è stato ritirato, { $time }.
article-no-reason = I lettori non vedono alcun motivo.
article-reason = Motivo, per i lettori
article-retract = Ritira l’articolo
article-retract-text = La sua pagina dirà che è stato ritirato. Le bozze vengono ricomposte senza. Se è stato inviato, il prossimo numero lo dice.
article-change-reason = Indica un altro motivo
article-change-reason-text = La pagina dell’articolo indica questo motivo. Se l’articolo è stato inviato, lo indica anche il prossimo numero.
article-restore = Annulla il ritiro
article-restore-text = La sua pagina torna, e le bozze possono riaverlo. I lettori informati del ritiro ne vengono informati.

# The form of an article.
article-edit-title = Modifica «{ $title }»
article-write-note = Quando lo pubblichi, è subito sul sito e attende il prossimo numero delle newsletter scelte.
article-for-newsletters = Attende il prossimo numero di
article-more = Altri campi
article-note = Che cosa è stato corretto, per i lettori
article-note-note = Se l’articolo è stato inviato, la sua pagina e il prossimo numero riportano questa nota. Vuoto: elencano i campi cambiati.
article-save = Salva
article-publish = Pubblica
article-title-missing = Scrivi un titolo.
article-text-missing = Scrivi un testo.
article-text-long = Il testo supera 200 KiB. Accorcialo o pubblica due articoli.
article-field-long = È troppo lungo. Accorcia.
article-language-wrong = Scrivi un codice come en, de o pt-BR.
article-url-wrong = Scrivi un indirizzo che inizi con https:// o http://.
article-image-wrong = Scrivi un indirizzo che inizi con https://.
article-published-wrong = Scrivi data e ora come 2026-11-23 07:30.
article-is-retracted-already = Questo articolo è già stato pubblicato e ritirato. Scrivilo in un nuovo modulo.

# Two editors changed an article.
article-conflict-title = Questo articolo è cambiato nel frattempo
article-conflict-feed = Il suo feed ha portato un’altra versione.
article-conflict-kept = Nulla è stato sovrascritto, e nulla di ciò che hai scritto è perso. I campi che non hai toccato hanno il nuovo contenuto. Confronta, poi salva di nuovo.
article-conflict-now = { $field }, com’è salvato ora
article-conflict-retracted = L’articolo è stato ritirato e non si può modificare. Annulla il ritiro nella sua pagina, poi salva di nuovo.
article-changed-by = { $name } l’ha modificato, { $time }
article-retracted-by = { $name } l’ha ritirato, { $time }
article-restored-by = { $name } ha annullato il ritiro, { $time }

# After an action.
notice-article-published = L’articolo è pubblicato.
notice-article-changed = L’articolo è stato modificato. Le bozze che lo contengono sono state ricomposte.
notice-article-changed-sent = L’articolo è stato modificato. I lettori hanno il testo precedente; il prossimo numero segnala loro la correzione.
notice-article-changed-unapproved = L’articolo è stato modificato. Una bozza che lo contiene è stata ricomposta e la sua approvazione ritirata. Approvala di nuovo.
notice-article-unchanged = Nulla è cambiato.
notice-article-retracted = L’articolo è ritirato. La sua pagina lo dice.
notice-article-retracted-sending = L’articolo è ritirato. Un numero che lo contiene è in invio; sospendilo in «Numeri» se non deve arrivare.
notice-article-restored = Il ritiro è annullato.
notice-article-pinned = L’articolo è il primo nel prossimo numero.
notice-article-unpinned = L’articolo non è più fissato.
notice-article-not-waiting = Non è stato fatto nulla, perché l’articolo non attende più questa newsletter.
