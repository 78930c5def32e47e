# Les mots du journal de bord d’une station radio (site.voice = "radio"). plain.ftl contient les mêmes messages.

signup-label = transmission_log
subscribe-to = S’abonner à l’émission.
latest = Dernières transmissions
nothing-yet = Rien encore sur les ondes. La première transmission apparaîtra dès son arrivée.
read-latest = Lire les dernières transmissions
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = Rien n’est émis à cette adresse. Elle est peut-être mal saisie ou tronquée.
check-address = Vérifiez l’adresse, ou consultez les dernières transmissions.
unavailable = Hors antenne un instant
opening =
    { $count ->
        [0] Ce numéro ne contient aucune nouvelle information. Il corrige des numéros précédents.
        [one] { $count } transmission au journal de bord.
       *[other] { $count } transmissions au journal de bord, les plus importantes d’abord.
    }
opening-by-hand =
    { $count ->
        [0] Ce numéro ne contient aucune nouvelle information. Il corrige des numéros précédents.
        [one] { $count } transmission au journal de bord.
       *[other] { $count } transmissions au journal de bord.
    }
also-in-issue = Également au journal de bord
other-topic = Autres signaux
corrections = Corrections de signal
end-of-issue = Fin de transmission.
more-stories = Autres transmissions
earlier-stories = Transmissions précédentes
