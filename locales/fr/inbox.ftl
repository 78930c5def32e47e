# Les pages des e-mails conservés tant qu’aucun serveur d’envoi n’est configuré.

inbox-label = boîte de réception
captured-title = E-mails conservés
captured-text = Aucun serveur d’envoi n’est configuré : chaque message arrive ici au lieu d’être distribué.
no-message = Pas encore de message.
mail-to = à { $address }
mail-bytes =
    { $count ->
        [one] { $count } octet
       *[other] { $count } octets
    }
field-from = de
field-to = à
field-captured = reçu
field-size = taille
part-navigation = Parties du message
part-html = HTML
part-text = Texte
part-source = Source
html-iframe = La partie HTML du message
iframe-links = Les liens dans le cadre sont désactivés. La liste ci-dessous les contient.
message-links = Liens de ce message
no-subject = (sans objet)
no-html-part = Cet e-mail n’a pas de partie HTML.
inbox-private-title = La boîte de réception n’est pas publique
inbox-private-happened = Elle contient les e-mails des lecteurs de ce site, et les liens qui s’y trouvent.
inbox-private-next = Ouvrez-la sur la machine où tourne ce site, envoyez le jeton d’un opérateur, ou modifiez inbox.access dans les réglages.
