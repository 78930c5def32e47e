# The console's page about settings.
console-settings = Réglages
settings-lede = Ce que ce processus a lu au démarrage : valeurs par défaut, fichier de réglages et environnement. Pour changer un réglage, changez-le là et redémarrez le service.
settings-search = Partie d’un nom, d’une valeur ou d’une explication
settings-changed = Seulement ceux qui diffèrent des valeurs par défaut
settings-none = Aucun réglage ne correspond.
settings-default = valeur par défaut
settings-file = fichier { $name }
settings-environment = variable d’environnement { $name }
settings-hidden = défini, non affiché ici

# The console's page about statistics.
console-statistics = Statistiques
statistics-lede = Ce qui s’est passé chaque jour (UTC). Personne n’est pisté pour cela, et aucun chiffre ne désigne quelqu’un.
statistics-days = Jours
statistics-day = Jour
statistics-numbers = Les chiffres
statistics-about = Du { $first } au { $last }. La valeur la plus haute est { $max }.
chart-growth = Abonnements en cours
chart-signups = Inscriptions
chart-asked = demandées
chart-confirmed = confirmées
chart-left = désabonnements
chart-deliveries = Destinataires, le jour où leur numéro est parti
chart-recipients = destinataires
chart-returned = Rejets et plaintes
chart-bounces = rejets
chart-domains = Rejets et plaintes par domaine
chart-no-domains = Aucun domaine n’a eu assez de destinataires dans un numéro pour être compté à part.
