# La cornice di ogni pagina, la prima pagina, gli articoli e l’archivio.

skip-to-content = Vai al contenuto
site-navigation = Sito
language-navigation = Lingue
past-issues = Numeri precedenti
past-issues-short = Archivio
inbox = Posta in arrivo
mail-is-captured = Nessun server di invio è configurato: le e-mail restano qui e non vengono consegnate.

time-stamp = { $date } · { $time }
weekday-time = { $weekday } { $time }
labelled = { $label }:
list-separator = { ", " }
list-end = { $names } e { $name }

also = anche:
more-sources =
    { $count ->
        [one] un’altra
       *[other] altre { $count }
    }
other-sources =
    { $count ->
        [one] un’altra fonte
       *[other] altre { $count } fonti
    }
read-at = Leggi su { $source }
article-corrections = Correzioni
article-sources = Fonti
retracted-title = Articolo ritirato
retracted-happened = { $id } è stato ritirato ({ $date }).
retracted-reason = Il motivo indicato: { $reason }
retracted-without-reason = Non è stato indicato alcun motivo.

past-issues-label = numeri precedenti
past-issues-of = Numeri precedenti di { $newsletter }
past-issues-description = Numeri precedenti delle newsletter di { $site }
issue-number = numero { $number }
newsletter-issue = { $newsletter }, numero { $number }
issue-link = Numero { $number }
issue-navigation = Numeri
all-issues = Tutti i numeri
edition-note = Questa edizione è per chi ha scelto temi, una lingua o un’e-mail alla settimana.
whole-issue = Leggi il numero completo
edition-expired = I link a queste edizioni funzionano per un anno.
edition-expired-next = Tutti i numeri si trovano tra i numeri precedenti.
newsletter-navigation = Newsletter
all-newsletters = Tutte
no-issue-yet = Nessun numero è stato ancora inviato. Il primo apparirà qui appena sarà inviato.
earlier-issues = Numeri meno recenti
atom-feed = Feed Atom di questi numeri
mark-corrected = corretto
mark-retracted = ritirato
mark-restored = ripristinato
change-corrected = Corretto
change-retracted = Ritirato
change-restored = Ripristinato
corrected-fields = Modificato: { $fields }
corrected-headline = titolo
corrected-address = indirizzo
corrected-summary = sommario
corrected-text = testo
corrected-authors = autori
corrected-category = categoria
corrected-language = lingua
corrected-source = fonte
corrected-date = data
corrected-picture = immagine
report-retracted = (ritirato)

no-issue-title = Questo numero non esiste
no-issue-of-number = { $newsletter } non ha inviato il numero richiesto.
no-archive = Nessuna newsletter con questo nome mostra qui i suoi numeri precedenti.
no-issue-next = Controlla il numero nell’indirizzo o scorri <a>i numeri precedenti</a>.
no-issue-next-of = Controlla il numero nell’indirizzo o scorri <a>i numeri precedenti di { $newsletter }</a>.
search = Cerca
search-for = Cerca
search-description = Cerca negli articoli e nei numeri precedenti di { $site }
search-nothing = Nessun risultato. Prova con meno parole o con altre.
search-count =
    { $count ->
        [one] 1 risultato
       *[other] { $count } risultati
    }
search-best = I migliori { $count } risultati
page-navigation = Pagine
previous-page = Pagina precedente
next-page = Pagina successiva
newer-story = Notizia più recente
earlier-story = Notizia precedente
footer-navigation = Altro su questo sito
topic-navigation = Temi
front-page = Ultime
more-on = Altro su { $topic }
also-reported = Ne parlano anche
by-authors = Di { $authors }
read-issue = Leggi il numero
next-issue-at = Prossimo numero: { $time }
latest-issue = Ultimo numero
share-by-mail = Condividi via e-mail
site-feed = Feed Atom
