# Le cadre de chaque page, la une, les articles et les archives.

skip-to-content = Aller au contenu
site-navigation = Site
language-navigation = Langues
past-issues = Numéros précédents
past-issues-short = Archives
inbox = Boîte de réception
mail-is-captured = Aucun serveur d’envoi n’est configuré : les e-mails sont conservés ici et ne sont pas distribués.

time-stamp = { $date } · { $time }
weekday-time = { $weekday } { $time }
labelled = { $label } :
list-separator = { ", " }
list-end = { $names } et { $name }

also = aussi :
more-sources =
    { $count ->
        [one] { $count } autre
       *[other] { $count } autres
    }
other-sources =
    { $count ->
        [one] { $count } autre source
       *[other] { $count } autres sources
    }
read-at = Lire sur { $source }
article-corrections = Corrections
article-sources = Sources
retracted-title = Article retiré
retracted-happened = { $id } a été retiré ({ $date }).
retracted-reason = Raison indiquée : { $reason }
retracted-without-reason = Aucune raison n’a été indiquée.

past-issues-label = numéros précédents
past-issues-of = Numéros précédents de { $newsletter }
past-issues-description = Numéros précédents des newsletters de { $site }
issue-number = numéro { $number }
newsletter-issue = { $newsletter }, numéro { $number }
issue-link = Numéro { $number }
issue-navigation = Numéros
all-issues = Tous les numéros
edition-note = Cette édition est destinée à celles et ceux qui ont choisi des thèmes, une langue ou un e-mail par semaine.
whole-issue = Lire le numéro complet
edition-expired = Les liens vers ces éditions fonctionnent pendant un an.
edition-expired-next = Tous les numéros se trouvent parmi les numéros précédents.
newsletter-navigation = Newsletters
all-newsletters = Toutes
no-issue-yet = Aucun numéro n’a encore été envoyé. Le premier apparaîtra ici dès son envoi.
earlier-issues = Numéros plus anciens
atom-feed = Flux Atom de ces numéros
mark-corrected = corrigé
mark-retracted = retiré
mark-restored = rétabli
change-corrected = Corrigé
change-retracted = Retiré
change-restored = Rétabli
corrected-fields = Modifié : { $fields }
corrected-headline = titre
corrected-address = adresse
corrected-summary = résumé
corrected-text = texte
corrected-authors = auteurs
corrected-category = catégorie
corrected-language = langue
corrected-source = source
corrected-date = date
corrected-picture = image
report-retracted = (retiré)

no-issue-title = Ce numéro n’existe pas
no-issue-of-number = { $newsletter } n’a pas envoyé le numéro demandé.
no-archive = Aucune newsletter de ce nom n’affiche ses numéros précédents ici.
no-issue-next = Vérifiez le numéro dans l’adresse, ou parcourez <a>les numéros précédents</a>.
no-issue-next-of = Vérifiez le numéro dans l’adresse, ou parcourez <a>les numéros précédents de { $newsletter }</a>.
search = Recherche
search-for = Rechercher
search-description = Rechercher dans les articles et les numéros précédents de { $site }
search-nothing = Aucun résultat. Essayez avec moins de mots ou d’autres mots.
search-count =
    { $count ->
        [one] { $count } résultat
       *[other] { $count } résultats
    }
search-best = Les { $count } meilleurs résultats
page-navigation = Pages
previous-page = Page précédente
next-page = Page suivante
newer-story = Article plus récent
earlier-story = Article précédent
footer-navigation = En savoir plus sur ce site
topic-navigation = Thèmes
front-page = À la une
more-on = Plus sur { $topic }
also-reported = Également rapporté par
by-authors = Par { $authors }
read-issue = Lire le numéro
next-issue-at = Prochain numéro : { $time }
latest-issue = Dernier numéro
share-by-mail = Partager par e-mail
site-feed = Flux Atom
