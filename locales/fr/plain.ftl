# Les mots habituels d’un site d’information (site.voice = "plain"). radio.ftl contient les mêmes messages.

signup-label = { "" }
subscribe-to = S’abonner à { $name }
latest = Dernières informations
nothing-yet = Il n’y a encore rien ici. La première information apparaîtra dès son arrivée.
read-latest = Lire les dernières informations
article-id = Article { $id }
comments-label = Commentaires
comments-status = { "" }
no-such-page = Il n’y a pas de page ici. L’adresse est peut-être mal saisie ou tronquée.
check-address = Vérifiez l’adresse, ou consultez les dernières informations.
unavailable = Momentanément indisponible
opening =
    { $count ->
        [0] Ce numéro ne contient aucune nouvelle information. Il corrige des numéros précédents.
        [one] Dans ce numéro : { $count } information.
       *[other] Dans ce numéro : { $count } informations, les plus importantes d’abord.
    }
opening-by-hand =
    { $count ->
        [0] Ce numéro ne contient aucune nouvelle information. Il corrige des numéros précédents.
        [one] Dans ce numéro : { $count } information.
       *[other] Dans ce numéro : { $count } informations.
    }
also-in-issue = Également dans ce numéro
other-topic = Autres informations
corrections = Corrections
end-of-issue = C’est tout pour aujourd’hui.
more-stories = Autres informations
earlier-stories = Informations précédentes
