# The pages of the console about newsletters.
console-newsletters = Newsletters

# The list, and one newsletter.
newsletters-empty = Il n’y a pas encore de newsletter. Créez la première : elle lit des flux, et l’on peut s’y abonner.
newsletters-removed = Retirées
newsletter-create = Créer une newsletter
newsletter-create-button = Créer
newsletter-create-note = Seuls le nom court et le nom sont nécessaires. Tout le reste peut changer plus tard.
newsletter-edit = Modifier
newsletter-edit-title = Modifier « { $name } »
newsletter-edit-note = Un brouillon déjà composé garde ses règles. Les champs vides ont leurs valeurs par défaut.
newsletter-hidden = cachée
newsletter-shown = visible sur le site
newsletter-on-demand = Envoyée à la demande
newsletter-next = prochain numéro { $time }
newsletter-readers =
    { $count ->
        [one] { $count } lecteur
       *[other] { $count } lecteurs
    }
newsletter-reader-count = Lecteurs
newsletter-feeds =
    { $count ->
        [one] { $count } flux
       *[other] { $count } flux
    }
newsletter-coming = Les prochaines échéances
newsletter-past = Les dernières échéances
newsletter-no-run = Aucune échéance n’est encore passée.
run-local = Heure locale
run-no-issue = pas de numéro : { $day }
run-clock-skips = L’horloge saute cette heure ce jour-là ; le numéro part juste après.
run-clock-repeats = L’horloge montre cette heure deux fois ce jour-là.
run-claimed = en cours de composition
run-drafted = le brouillon attend
run-empty = rien à envoyer
newsletter-facts = À propos de la newsletter
newsletter-created = Créée
newsletter-changed = Dernière modification
newsletter-file = Sous forme de fichier
newsletter-file-text = La newsletter est dans la base de données ; aucun démarrage ne lit de fichier. Seule la commande « daywire newsletter apply FICHIER » la remplace, avec chaque clé du fichier, et affiche ce qu’elle change. Avant d’appliquer un fichier plus ancien, reprenez ce texte, sinon les changements faits ici sont perdus.

# Removing one.
newsletter-remove = Retirer …
newsletter-remove-title = Retirer « { $name } » ?
newsletter-remove-readers =
    { $count ->
        [one] { $count } abonnement prend fin.
       *[other] { $count } abonnements prennent fin.
    }
newsletter-remove-drafts = Ces brouillons sont annulés :
newsletter-remove-feeds =
    { $count ->
        [one] Elle ne lit plus { $count } flux.
       *[other] Elle ne lit plus { $count } flux.
    }
newsletter-remove-stays = Ses numéros, rapports d’envoi et consentements restent. Son nom court reste pris.
newsletter-remove-refused = Elle ne peut pas être retirée maintenant, car un numéro est en cours d’envoi ou suspendu.
newsletter-remove-button = Retirer { $name }
newsletter-keep = La garder
newsletter-removed-at = Cette newsletter a été retirée, { $time }. Créez-en une avec le même nom court pour la faire revenir, sans lecteurs.

# The form.
newsletter-mistakes = Rien n’a été enregistré. Corrigez les champs signalés.
newsletter-conflict-title = Cette newsletter a été modifiée entre-temps
newsletter-slug-taken = Une autre newsletter a ce nom court. Choisissez-en un autre.
newsletter-identity = Nom et expéditeur
newsletter-content = Contenu
newsletter-ranking = Ordre des sujets
newsletter-slug = Nom court dans les adresses
newsletter-slug-note = Minuscules, chiffres et traits d’union, comme morning. Ne peut plus changer ensuite.
newsletter-name = Nom
newsletter-description = Une ligne de description
newsletter-from = Expéditeur
newsletter-mailbox-note = Par exemple Morning Wire <morning@example.org>.
newsletter-reply-to = Les réponses vont à
newsletter-welcome = Courriel après la confirmation
newsletter-welcome-note = Votre texte ; « true » envoie le texte intégré. Vide : aucun courriel.
newsletter-help = Adresse d’aide
newsletter-public = La montrer sur le site et accepter les inscriptions
newsletter-archive = Montrer les anciens numéros sur le site
newsletter-topics = Thèmes
newsletter-topics-note = Un thème par ligne, suivi des catégories de flux correspondantes : Security = infosec, Sicherheit
newsletter-schedule = Planification
schedule-when = Elle est envoyée
schedule-none = à la demande
schedule-days = certains jours à une heure
schedule-cron = selon une ligne cron
schedule-days-legend = Jours
schedule-time = Heure
schedule-line = Ligne cron
schedule-line-note = Minute, heure, jour, mois, jour de semaine, comme 0 7 * * MON-FRI
schedule-show = Afficher les prochaines échéances
schedule-without-day = Choisissez au moins un jour.
schedule-without-time = Choisissez une heure comme 07:00.
day-monday = lundi
day-tuesday = mardi
day-wednesday = mercredi
day-thursday = jeudi
day-friday = vendredi
day-saturday = samedi
day-sunday = dimanche
newsletter-timezone = Fuseau horaire
newsletter-skip = Jours sans numéro
newsletter-skip-note = Un par ligne : sat, 12-25 (chaque année) ou 2026-12-25.
newsletter-local-time = Chaque lecteur la reçoit à cette heure de sa propre horloge
newsletter-weekly-day = Les éditions hebdomadaires partent à partir de
newsletter-lead-time = Le brouillon est composé avant cela de
newsletter-lead-note = Par exemple 45m ou 2h : le temps pour lire et modifier le brouillon. 0s : aucun.
newsletter-approval = Avant l’envoi
newsletter-approval-auto = personne n’a à l’approuver
newsletter-approval-required = quelqu’un doit l’approuver
newsletter-grace = Un numéro manqué est encore envoyé pendant
newsletter-expire-after = Une livraison est abandonnée après
newsletter-span-note = Une durée comme 45m, 12h ou 7days.
newsletter-subject-note = Ces mots sont remplacés : { "{" }lead{ "}" }, { "{" }date{ "}" }, { "{" }count{ "}" }, { "{" }newsletter{ "}" }, { "{" }number{ "}" }.
newsletter-lines-note = Un par ligne.
newsletter-numbers-note = Un nom et un nombre par ligne, comme Security = 2
newsletter-min-stories = Minimum de sujets par numéro
newsletter-max-stories = Maximum de sujets par numéro
newsletter-top-stories = Sujets en tête, selon leur score
newsletter-story-note = Dire combien de sources en parlent, et depuis quand
newsletter-include-topics = Seulement ces thèmes
newsletter-include-sources = Seulement ces sources
newsletter-include-words = Seulement avec ces mots
newsletter-exclude-topics = Pas ces thèmes
newsletter-exclude-sources = Pas ces sources
newsletter-exclude-words = Pas avec ces mots
newsletter-caps-per-topic = Maximum par thème
newsletter-caps-per-source = Maximum par source
newsletter-caps-topics = Maximum de certains thèmes
newsletter-caps-sources = Maximum de certaines sources
newsletter-ranking-sources = Facteur du nombre de sources
newsletter-ranking-source = Facteur de la meilleure source
newsletter-ranking-freshness = Facteur de fraîcheur
newsletter-ranking-topic = Facteur du thème
newsletter-ranking-novelty = Ce que perd un sujet déjà connu
newsletter-ranking-half-life = Un sujet perd la moitié de sa fraîcheur après
newsletter-ranking-memory = Ce qui a été envoyé est retenu pendant
newsletter-ranking-source-weights = Poids des sources
newsletter-ranking-topic-weights = Poids des thèmes

# After an action.
notice-newsletter-created = La newsletter est créée. Ajoutez maintenant des flux.
notice-newsletter-changed = La newsletter a été modifiée.
notice-newsletter-restored = La newsletter est de retour. Elle n’a pas de lecteurs.
notice-newsletter-removed = La newsletter est retirée.
