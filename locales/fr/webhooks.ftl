# The page of the console about webhooks.
console-webhooks = Webhooks
webhooks-lede = D’autres programmes reçoivent les événements de ce site : une inscription confirmée, un numéro envoyé, un message revenu. Chaque message est signé et contient des adresses de lecteurs.
webhooks-none = Aucun programme ne reçoit encore d’événements.
webhook-counts = En attente : { $waiting } · remis : { $delivered } · échoués : { $failed }
webhook-enabled = reçoit les événements
webhook-disabled-since = désactivé depuis { $time }
webhook-failing-since = échoue depuis { $time }
webhook-all-events = tous les événements

# Adding and changing a webhook.
webhook-add = Ajouter un webhook
webhook-url = Adresse qui reçoit les événements
webhook-url-note = Par exemple https://crm.example.org/events. Une adresse de votre réseau doit figurer dans le réglage webhooks.allow.
webhook-name-note = Lettres, chiffres, points, traits d’union et tirets bas. Sans nom, il porte celui de l’hôte de l’adresse.
webhook-events = Événements
webhook-events-note = Sans choix, il reçoit tous les événements, y compris ceux des versions suivantes.
webhook-secret = Voici le secret de { $name }. Il ne sera plus affiché : copiez-le maintenant dans le programme qui reçoit les événements et qui vérifie avec lui les signatures.
webhook-name-wrong = Écrivez de 1 à { $most } lettres, chiffres, points, traits d’union ou tirets bas.
webhook-taken = Un webhook porte déjà ce nom. Choisissez-en un autre.
webhook-too-many = Il y a déjà { $most } webhooks. Supprimez-en un d’abord.
webhook-address-refused = Les événements ne peuvent pas y être envoyés : { $reason }

# One webhook.
webhook-added = Ajouté le { $time }
webhook-previous-until = Le secret précédent signe encore jusqu’au { $time }.
webhook-test = Envoyer un événement de test
webhook-test-accepted = L’événement de test a été accepté avec le statut { $status }.
webhook-test-failed = L’événement de test n’a pas été accepté :
webhook-enable = L’activer
webhook-try-now = Réessayer maintenant
webhook-disable = Le désactiver …
webhook-disable-text = Il ne reçoit plus d’événements jusqu’à son activation. Ceux de l’intervalle ne sont pas envoyés ensuite.
webhook-disable-now = Désactiver ce webhook
webhook-rotate = Créer un nouveau secret …
webhook-rotate-text = Pendant 24 heures, chaque message est signé avec les deux secrets : rien ne se perd pendant que vous le changez dans le programme.
webhook-rotate-now = Créer le nouveau secret
webhook-change = Adresse et événements
webhook-remove = Le supprimer …
webhook-remove-text = Ce qui attend pour lui n’est pas envoyé, et son journal est supprimé.
webhook-remove-now = Supprimer ce webhook

# The log of a webhook.
webhook-log = Ce qui a été envoyé
webhook-log-none = Aucun message à afficher. Un message apparaît ici dès que son événement se produit.
webhook-event = Événement
webhook-attempts = Tentatives
webhook-answer = Réponse
webhook-waiting = en attente
webhook-delivered = remis
webhook-failed = échoué
webhook-next = prochaine tentative le { $time }
webhook-replay = Renvoyer
webhook-replay-failed = Renvoyer tous ceux qui ont échoué
webhook-older = Messages plus anciens

# After an action.
notice-webhook-changed = Le webhook a été modifié.
notice-webhook-enabled = Le webhook reçoit les événements et est essayé tout de suite.
notice-webhook-disabled = Le webhook ne reçoit plus d’événements.
notice-webhook-removed = Le webhook a été supprimé.
notice-webhook-replayed = L’envoi reprend dans un instant. Rechargez la page pour voir le résultat.
