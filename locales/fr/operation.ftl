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

# The console's page about relays and recipient domains.
console-relays = Relais et domaines
relays-lede = La vitesse d’envoi. Un serveur qui demande de ralentir reçoit, après une pause, moitié moins de messages à la fois, puis pas à pas davantage.
relays-captured = Aucun relais n’est défini : tout le courrier reste dans la boîte intégrée. Pour envoyer, définissez relay.url.
relays-relay = Relais
relays-weight = Part
relays-connections = Connexions
relays-rate = Messages par seconde
relays-cap = Plafond du jour
relays-of = { $part } sur { $all }
relays-no-limit = sans limite
relays-process = Processus { $name }
relays-no-process = Aucun processus n’envoie en ce moment.
relays-at-once = Messages à la fois, maintenant
relays-paused = en pause jusqu’au { $time }
relays-goes-on = envoie
relays-cap-used = attend jusqu’au { $time } : le plafond du jour est atteint
relays-closed = attend jusqu’au { $time } : hors de la plage d’envoi
relays-trouble = Le relais n’accepte pas de courrier : { $reason }
relays-domains = Domaines limités ou en pause
relays-no-domains = Aucun domaine n’est limité en ce moment.
relays-waiting = En attente en mémoire
