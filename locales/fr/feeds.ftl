# The pages of the console about feeds.
console-feeds = Flux

# The list of feeds.
feeds-lede = D’où viennent vos articles. Les flux illisibles sont en tête.
feeds-empty = Aucune newsletter ne lit encore de flux. Ajoutez l’adresse d’un site à lire.
feeds-none = Aucun flux ne correspond.
feeds-text = Partie du nom ou de l’adresse
feeds-failing = illisible
feeds-unused = lu par aucune newsletter
feeds-more = Autres flux
feed-articles =
    { $count ->
        [one] { $count } article en 7 jours
       *[other] { $count } articles en 7 jours
    }
feed-read = lu { $time }
feed-never-read = pas encore lu
feed-next = prochaine requête { $time }
feed-failing-since = depuis { $time }

# Why a feed cannot be read, and what to do.
feed-gone = L’éditeur a fermé ce flux
feed-gone-advice = Il n’est plus consulté. Cherchez une nouvelle adresse sur le site de l’éditeur, ajoutez-la, et retirez celui-ci.
feed-missing = Il n’y a rien à cette adresse (404)
feed-missing-advice = Ouvrez le site de l’éditeur et cherchez le flux. S’il a déménagé, ajoutez la nouvelle adresse et retirez celle-ci.
feed-refused = Le serveur refuse de l’envoyer
feed-refused-advice = Demandez à l’éditeur si des programmes peuvent lire le flux. S’il faut un identifiant, indiquez-le sur la page du flux.
feed-busy = Le serveur a un problème
feed-busy-advice = Un nouvel essai a lieu tout seul. Rien à faire, sauf si cela dure des jours.
feed-unreachable = Le serveur est injoignable
feed-unreachable-advice = Un nouvel essai a lieu tout seul. Si cela dure, vérifiez l’adresse.
feed-not-a-feed = Il n’y a pas de flux à cette adresse
feed-not-a-feed-advice = Ajoutez l’adresse de la page de l’éditeur : le flux qu’elle cite est trouvé.
feed-not-allowed = Les réglages n’autorisent pas cette adresse
feed-not-allowed-advice = Si elle est juste, demandez à la personne qui gère Daywire de l’ajouter à feeds.allow.
feed-proxy = Le proxy n’ouvre aucun chemin vers le serveur
feed-proxy-advice = Tous les flux passent par lui. Demandez à la personne qui gère Daywire de vérifier feeds.proxy.
feed-failed = Il est illisible
feed-failed-advice = Un nouvel essai a lieu tout seul. La ligne ci-dessous dit ce qui s’est passé.

# One feed.
feed-health = Son état
feed-last-request = Dernière requête
feed-interval = Consulté toutes les
feed-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
feed-flood = Écartés
feed-flood-text =
    { $count ->
        [one] { $count } entrée au-delà de la limite par requête, { $time }
       *[other] { $count } entrées au-delà de la limite par requête, { $time }
    }
feed-fetch = Consulter maintenant
feed-newsletters = Lu par
feed-no-newsletter = Aucune newsletter ne lit ce flux, il n’est donc pas consulté.
feed-read-since = depuis { $time }
feed-read-for = Aussi pour
feed-add-to = Ajouter
feed-remove = Ne plus lire …
feed-remove-text = { $newsletter } ne reçoit plus d’articles de ce flux. Les articles arrivés restent, et ceux qui attendent peuvent encore être dans un numéro.
feed-remove-button = Ne plus le lire pour { $newsletter }
feed-on-site = Sur le site
feed-is-whole = Le site montre les articles de ce flux en entier.
feed-is-excerpt = Le site montre un extrait de chaque article et renvoie à l’éditeur.
feed-show-whole = Les montrer en entier : il est à nous, ou l’éditeur est d’accord
feed-show-excerpts = Montrer des extraits
feed-text = Texte des articles
feed-text-of-feed = Le texte d’un article est celui du flux.
feed-text-of-page = Si une entrée du flux n’a que quelques lignes, le texte est pris de la page de l’article.
feed-take-page = Si une entrée n’a que quelques lignes, prendre le texte de la page de l’article
feed-take-feed = Prendre seulement le texte du flux
feed-text-note = Le site et sa recherche ont alors plus qu’un extrait, et le lien vers l’éditeur reste. Le texte n’est montré en entier que si vous l’autorisez pour le flux. Cela concerne les nouveaux articles.
feed-page-failed = Une page n’a pas été utilisée, { $time } :
feed-request = Identification et requêtes
feed-user-agent = Nom du programme (User-Agent)
feed-user-agent-note = Pour un serveur qui ne répond qu’à certains programmes. Vide : comme pour tous les flux.
feed-login-name = Identifiant
feed-login-note = HTTP Basic. Il n’est envoyé qu’au serveur de ce flux. Vide : aucune identification.
feed-login-password = Mot de passe de l’identifiant
feed-login-kept = Un mot de passe est enregistré. Laissez ce champ vide pour le garder.
feed-headers = Autres champs d’en-tête
feed-headers-note = Un par ligne, sous la forme « Nom: valeur ». Ils ne sont envoyés qu’au serveur de ce flux, et leurs valeurs ne sont plus montrées. « Nom: » garde une valeur, et une ligne supprimée retire le champ.
feed-request-save = Enregistrer
feed-request-refused = Cela ne peut pas être envoyé : { $reason }
feed-latest = Ses derniers articles
feed-no-article = Il n’a encore apporté aucun article.

# Adding feeds.
feed-add = Ajouter un flux
feed-needs-newsletter = C’est une newsletter qui lit des flux. Créez d’abord une newsletter.
feed-by-address = Par son adresse
feed-address = Adresse du flux, ou d’une page qui y mène
feed-address-note = Par exemple example.org. Elle est lue aussitôt, pour voir si cela marche.
feed-for = Pour la newsletter
feed-full-text = Le site montre ses articles en entier : il est à nous, ou l’éditeur est d’accord.
feed-add-button = Ajouter le flux
feed-add-anyway = L’ajouter quand même
feed-unreadable = Rien n’a été ajouté, car aucun flux n’y est lisible maintenant. Corrigez l’adresse, ou ajoutez-la quand même : de nouveaux essais suivront.
feed-address-refused = Cette adresse ne peut pas être lue : { $reason }
feeds-found = Cette page mène à plusieurs flux. Lequel ?
feeds-from-list = À partir d’une liste
feeds-from-list-text = Les lecteurs de flux exportent un fichier OPML. Choisissez-le ou collez son contenu.
feeds-file = Fichier
feeds-add-all = Ajouter ces flux
feeds-not-a-list = Ce n’est pas de l’OPML, ou il est incomplet. Exportez de nouveau la liste et collez-la en entier. Rien n’a été ajouté.
feeds-imported = Ajoutés : { $added }. Déjà lus : { $known }.
feeds-refused = Ceux-ci n’ont pas été ajoutés :
feeds-only-site = la liste ne cite que la page { $site } ; ajoutez cette adresse ci-dessus
feeds-no-address = il n’a pas d’adresse lisible

# After an action.
notice-feed-added = Le flux est ajouté. Il est lu dans un instant ; des articles plus anciens, seuls ceux du dernier jour entrent dans le prochain numéro.
notice-feed-known = La newsletter lit déjà ce flux.
notice-feed-changed = Le flux a été modifié.
notice-feed-due = Le flux est lu dans un instant. Rechargez la page pour voir le résultat.
notice-feed-removed = La newsletter ne lit plus le flux. Ses articles restent.
