# Les e-mails aux lecteurs : confirmation, messages sur un abonnement et newsletter.

confirm-mail-subject = Confirmez votre abonnement à { $newsletters }
confirm-mail-request = Quelqu’un, sans doute vous, a demandé à { $site } d’envoyer { $newsletters } à cette adresse. L’envoi commencera dès que vous l’aurez confirmé.
confirm-mail-button = Ouvrir la page de confirmation
confirm-mail-open = Si le bouton ne fonctionne pas, ouvrez cette adresse :
confirm-mail-open-text = Pour confirmer, ouvrez cette adresse et appuyez sur le bouton qui s’y trouve :
confirm-mail-valid = Le lien fonctionne une fois, { $within }. Il ouvre une page avec un bouton, et rien ne se passe tant que vous n’appuyez pas dessus.
confirm-mail-valid-text = Le lien fonctionne une fois, { $within }. Rien ne se passe tant que vous n’appuyez pas sur le bouton de sa page.
within-minutes =
    { $count ->
        [one] pendant { $count } minute
       *[other] pendant { $count } minutes
    }
within-hours =
    { $count ->
        [one] pendant { $count } heure
       *[other] pendant { $count } heures
    }
within-days =
    { $count ->
        [one] pendant { $count } jour
       *[other] pendant { $count } jours
    }
confirm-mail-ignore = Si ce n’était pas vous, ignorez cet e-mail. Sans votre confirmation, aucun abonnement ne sera créé.
confirm-mail-sent-by = Envoyé automatiquement par <a>{ $site }</a>, car quelqu’un s’est inscrit avec cette adresse.
imported-mail-request = Votre adresse figure sur une liste de lecteurs que { $site } a reprise d’un autre système. Votre accord pour { $newsletters } n’est pas enregistré ici, nous vous le demandons donc une seule fois. L’envoi ne commencera que si vous confirmez.
imported-mail-ignore = Si vous n’en voulez pas, ignorez cet e-mail. Aucun abonnement ne sera créé, et nous ne vous le demanderons plus.
imported-mail-sent-by = Envoyé automatiquement par <a>{ $site }</a>, car cette adresse figure sur une liste que nous avons reprise d’un autre système.

already-subscribed-subject = Vous recevez déjà { $newsletters }
already-subscribed-opening = Quelqu’un, très probablement vous, a demandé à { $site } d’envoyer { $newsletters } à cette adresse. L’abonnement existe déjà : il n’y a rien à confirmer.
already-subscribed-paused = L’abonnement est en pause. Pour y mettre fin, modifiez vos réglages.
already-subscribed-closing = Si ce n’était pas vous, ne faites rien : votre abonnement reste tel qu’il est.
change-preferences = Modifier vos réglages
subscription-mail-sent-by = Envoyé automatiquement par <a>{ $site }</a>, car cette adresse y est abonnée.
requested-mail-sent-by = Envoyé automatiquement par <a>{ $site }</a>, car quelqu’un l’a demandé sur notre site.
former-address-mail-sent-by = Envoyé automatiquement par <a>{ $site }</a>, car ses newsletters arrivaient jusqu’ici à cette adresse.

changed-subject = Vos réglages pour { $newsletter } ont changé
changed-subject-paused = { $newsletter } est en pause jusqu’au { $day }
changed-subject-resumed = { $newsletter } n’est plus en pause
changed-opening = Quelqu’un, très probablement vous, a utilisé le lien de l’un de vos e-mails pour modifier vos réglages. Voici ce qui vaut maintenant.
changed-closing = Si ce n’était pas vous, quelqu’un possède l’un de vos e-mails. Ouvrez le lien ci-dessus pour mettre fin à une pause ou pour demander un lien vers vos abonnements. Supprimez les liens au bas des e-mails avant de les transférer.
now-paused-until = Rien ne vous sera envoyé jusqu’au { $day }.
now-paused-after-bounces = L’abonnement est en pause, car votre messagerie n’a pas accepté nos e-mails. Le lien ci-dessous met fin à la pause.
now-every-issue = Vous recevez chaque numéro.
now-weekly = Vous recevez un numéro par semaine.
now-all-topics = Vous recevez tous les thèmes.
now-topics = Vous recevez ces thèmes : { $topics }.
now-time-zone = Votre fuseau horaire est { $zone }.
now-language = La langue de nos e-mails : { $language }.

view-in-browser = Voir dans le navigateur
corrections-subject =
    { $count ->
        [one] { $newsletter } : une correction
       *[other] { $newsletter } : { $count } corrections
    }
best-of-week-issue = Le meilleur de la semaine, tiré du nº { $number }.
best-of-week = Le meilleur de la semaine, tiré des nº { $first } à { $last }.
missed-issue = Ce que vous avez manqué : le meilleur du nº { $number }.
missed-issues = Ce que vous avez manqué : le meilleur des nº { $first } à { $last }.
story-published = publié : { $time }
story-reached-us = reçu : { $time }
story-sources =
    { $count ->
        [one] { $count } source, reçue : { $time }
       *[other] { $count } sources, première information reçue : { $time }
    }
more-on-site =
    { $count ->
        [one] { $count } autre sur le site
       *[other] { $count } autres sur le site
    }
digest-reason = Vous recevez cet e-mail en raison de votre abonnement à { $newsletter }, une newsletter de { $site }.
manage-subscription = Gérer votre abonnement
read-on-site = Lire sur le site
