comments-elsewhere = Les commentaires se trouvent chez { $host }. Pour les afficher, votre navigateur se connecte à ce serveur.
comments-show = Afficher les commentaires
comments-need-script = Les commentaires de { $host } nécessitent JavaScript.
