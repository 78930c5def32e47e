# The pages of the console about feeds.
console-feeds = Feed

# The list of feeds.
feeds-lede = Da dove vengono i tuoi articoli. I feed illeggibili sono i primi.
feeds-empty = Nessuna newsletter legge ancora un feed. Aggiungi l’indirizzo di un sito da leggere.
feeds-none = Nessun feed corrisponde.
feeds-text = Parte del nome o dell’indirizzo
feeds-failing = illeggibile
feeds-unused = letto da nessuna newsletter
feeds-more = Altri feed
feed-articles =
    { $count ->
        [one] 1 articolo in 7 giorni
       *[other] { $count } articoli in 7 giorni
    }
feed-read = letto { $time }
feed-never-read = non ancora letto
feed-next = prossima richiesta { $time }
feed-failing-since = dal { $time }

# Why a feed cannot be read, and what to do.
feed-gone = L’editore ha chiuso il feed
feed-gone-advice = Non viene più richiesto. Cerca un nuovo indirizzo sul sito dell’editore, aggiungilo e rimuovi questo.
feed-missing = A questo indirizzo non c’è nulla (404)
feed-missing-advice = Apri il sito dell’editore e cerca il feed. Se si è spostato, aggiungi il nuovo indirizzo e rimuovi questo.
feed-refused = Il server rifiuta di inviarlo
feed-refused-advice = Chiedi all’editore se i programmi possono leggere il feed. Se serve un accesso, indicalo nella pagina del feed.
feed-busy = Il server ha un problema
feed-busy-advice = Si riprova da solo. Non devi fare nulla, a meno che non duri giorni.
feed-unreachable = Il server non è raggiungibile
feed-unreachable-advice = Si riprova da solo. Se dura, controlla l’indirizzo.
feed-not-a-feed = A questo indirizzo non c’è un feed
feed-not-a-feed-advice = Aggiungi l’indirizzo della pagina dell’editore: il feed che indica viene trovato.
feed-not-allowed = Le impostazioni non consentono questo indirizzo
feed-not-allowed-advice = Se è giusto, chiedi a chi gestisce Daywire di aggiungerlo a feeds.allow.
feed-proxy = Il proxy non apre alcuna via verso il server
feed-proxy-advice = Tutti i feed passano da lì. Chiedi a chi gestisce Daywire di controllare feeds.proxy.
feed-failed = Non si può leggere
feed-failed-advice = Si riprova da solo. La riga sotto dice che cosa è successo.

# One feed.
feed-health = Il suo stato
feed-last-request = Ultima richiesta
feed-interval = Richiesto ogni
feed-minutes =
    { $count ->
        [one] 1 minuto
       *[other] { $count } minuti
    }
feed-flood = Esclusi
feed-flood-text =
    { $count ->
        [one] 1 voce oltre il limite per richiesta, { $time }
       *[other] { $count } voci oltre il limite per richiesta, { $time }
    }
feed-fetch = Richiedi ora
feed-newsletters = Letto da
feed-no-newsletter = Nessuna newsletter legge questo feed, quindi non viene richiesto.
feed-read-since = dal { $time }
feed-read-for = Anche per
feed-add-to = Aggiungi
feed-remove = Smetti di leggere …
feed-remove-text = { $newsletter } non riceve più articoli da questo feed. Quelli arrivati restano, e quelli in attesa possono ancora uscire in un numero.
feed-remove-button = Smetti di leggerlo per { $newsletter }
feed-on-site = Sul sito
feed-is-whole = Il sito mostra per intero gli articoli di questo feed.
feed-is-excerpt = Il sito mostra un estratto di ogni articolo e rimanda all’editore.
feed-show-whole = Mostrali per intero: è nostro o l’editore è d’accordo
feed-show-excerpts = Mostra estratti
feed-text = Testo degli articoli
feed-text-of-feed = Il testo di un articolo è quello del feed.
feed-text-of-page = Se una voce del feed ha solo poche righe, il testo è preso dalla pagina dell’articolo.
feed-take-page = Se una voce ha solo poche righe, prendere il testo dalla pagina dell’articolo
feed-take-feed = Prendere solo il testo del feed
feed-text-note = Il sito e la sua ricerca hanno così più di un estratto, e il link all’editore resta. Il testo è mostrato per intero solo se lo permetti per il feed. Riguarda i nuovi articoli.
feed-page-failed = Una pagina non è stata usata, { $time }:
feed-request = Accesso e richieste
feed-user-agent = Nome del programma (User-Agent)
feed-user-agent-note = Per un server che risponde solo ad alcuni programmi. Vuoto: come per tutti i feed.
feed-login-name = Nome di accesso
feed-login-note = HTTP Basic. L’accesso è inviato solo al server di questo feed. Vuoto: nessun accesso.
feed-login-password = Password di accesso
feed-login-kept = Una password è impostata. Lascia vuoto per conservarla.
feed-headers = Altri campi di intestazione
feed-headers-note = Uno per riga, come «Nome: valore». Sono inviati solo al server di questo feed, e i loro valori non vengono più mostrati. «Nome:» conserva un valore, e una riga tolta rimuove il campo.
feed-request-save = Salva
feed-request-refused = Non si può inviare: { $reason }
feed-latest = I suoi ultimi articoli
feed-no-article = Non ha ancora portato articoli.

# Adding feeds.
feed-add = Aggiungi un feed
feed-needs-newsletter = È una newsletter a leggere i feed. Crea prima una newsletter.
feed-by-address = Dal suo indirizzo
feed-address = Indirizzo del feed o di una pagina che lo indica
feed-address-note = Per esempio example.org. Viene letto subito, per vedere se funziona.
feed-for = Per la newsletter
feed-full-text = Il sito mostra per intero i suoi articoli: è nostro o l’editore è d’accordo.
feed-add-button = Aggiungi il feed
feed-add-anyway = Aggiungilo comunque
feed-unreadable = Nulla è stato aggiunto, perché ora lì non si legge alcun feed. Correggi l’indirizzo, o aggiungilo comunque: si riproverà più volte.
feed-address-refused = Questo indirizzo non si può leggere: { $reason }
feeds-found = Questa pagina indica più feed. Quale?
feeds-from-list = Da un elenco
feeds-from-list-text = I lettori di feed esportano un file OPML. Sceglilo o incollane il contenuto.
feeds-file = File
feeds-add-all = Aggiungi questi feed
feeds-not-a-list = Questo non è OPML o è incompleto. Esporta di nuovo l’elenco e incollalo per intero. Nulla è stato aggiunto.
feeds-imported = Aggiunti: { $added }. Già letti: { $known }.
feeds-refused = Questi non sono stati aggiunti:
feeds-only-site = l’elenco indica solo la pagina { $site }; aggiungi quell’indirizzo sopra
feeds-no-address = non ha un indirizzo leggibile

# After an action.
notice-feed-added = Il feed è aggiunto. Viene letto tra un attimo; degli articoli precedenti, solo quelli dell’ultimo giorno entrano nel prossimo numero.
notice-feed-known = La newsletter legge già questo feed.
notice-feed-changed = Il feed è stato modificato.
notice-feed-due = Il feed viene letto tra un attimo. Ricarica la pagina per vedere il risultato.
notice-feed-removed = La newsletter non legge più il feed. I suoi articoli restano.
