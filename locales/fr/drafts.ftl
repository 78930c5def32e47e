# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = Brouillons
console-issues = Numéros
state-draft = brouillon
state-approved = approuvé
state-sending = en cours d’envoi
state-paused = suspendu
state-sent = envoyé
state-skipped = sauté
state-cancelled = annulé
delivery-queued = en attente
delivery-sending = en cours d’envoi
delivery-accepted = accepté
delivery-deferred = différé
delivery-rejected = refusé
delivery-suppressed = exclu
delivery-expired = expiré
delivery-in-doubt = incertain

# The list of drafts.
drafts-lede = Les numéros composés et pas encore envoyés.
drafts-empty = Aucun brouillon n’attend. Une newsletter planifiée compose son brouillon avant l’échéance ; vous pouvez aussi en composer un maintenant.
drafts-build = Composer un brouillon maintenant
drafts-build-note = Avec les articles qui attendent la newsletter.
drafts-nothing = Il n’y a rien à envoyer dans { $newsletter } :
draft-name = { $newsletter }, numéro { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = part le { $time }
draft-was-due = devait partir le { $time }
draft-on-demand = part quand quelqu’un l’envoie
draft-waits-for-approval = attend l’approbation

# A draft.
draft-approve = Approuver
draft-withdraw = Retirer l’approbation
draft-send = Envoyer maintenant…
draft-cancel = Annuler le numéro
draft-readers = Lecteurs et éditions
draft-publisher-approves = Un directeur de publication ou un propriétaire l’approuve. D’ici là, il n’est pas envoyé.
draft-checks = Contrôles
draft-checks-passed = Les contrôles n’ont rien trouvé. Le numéro peut partir.
finding-blocks = bloque le numéro
finding-warns = avertissement
finding-size = Le message est trop lourd
finding-headers = Un en-tête manque ou est faux
finding-unsubscribe = Le désabonnement n’est pas possible partout
finding-https = Le lien de désabonnement n’est pas sécurisé
finding-text = Il manque quelque chose dans la version texte
finding-links = Un lien est faux
finding-images = Il manque la taille ou la description d’une image
finding-contrast = Du texte est difficile à lire
finding-subject = L’objet manque ou est trop long
finding-postal-address = L’adresse postale manque
finding-document = La langue ou le titre manque
finding-hidden-text = Du texte est caché
finding-support = Certaines messageries n’affichent pas tout
draft-stories =
    { $count ->
        [one] 1 sujet dans le numéro
       *[other] { $count } sujets dans le numéro
    }
draft-left-out = Laissés de côté
draft-show-all =
    { $count ->
        [one] En montrer 1 de plus
       *[other] En montrer { $count } de plus
    }
story-drag = Faites glisser le sujet à une autre place
story-up = Monter
story-down = Descendre
story-pin = Épingler
story-unpin = Désépingler
story-pinned = épinglé
story-put-in = Intégrer
story-more = Modifier
story-score = score { $score }
story-headline = Titre
story-headline-note = Laissez vide pour garder le titre de l’article.
story-change-headline = Enregistrer le titre
story-place = Place
story-place-wrong = Indiquez une place de 1 à { $count }.
story-move = Déplacer
story-because = Pourquoi il est laissé de côté
story-drop = Laisser de côté
story-join-with = Réunir avec le sujet
story-join = Réunir
story-split = En faire un sujet à part
story-split-note = Ces articles forment un seul sujet.
story-unknown = Le brouillon n’a plus ce sujet. Regardez-le de nouveau.
draft-texts = Objet et introduction
draft-subject = Objet
draft-subject-note = Laissez vide pour l’objet de la newsletter. Ces mots sont remplacés :
draft-subject-wrong = Cet objet ne peut pas servir : { $reason }
slot-lead = le premier titre
slot-date = la date du numéro
slot-count = le nombre de sujets
slot-newsletter = le nom de la newsletter
slot-number = le numéro
draft-intro = Introduction
draft-intro-note = Un court texte avant les sujets.
draft-save-texts = Enregistrer
draft-reset = Annuler toutes les modifications
draft-reset-note = Le brouillon redevient tel qu’il a été composé : ordre, titres, objet et introduction.
draft-would-be-empty = Il ne resterait aucun sujet. Annulez plutôt le numéro.
draft-test-send = Envoyer un test
draft-test-to = Adresse pour le test
draft-test-waits = { $to } : attend l’envoi
draft-test-retried = { $to } : nouvel essai, car { $reply }
draft-test-accepted = { $to } : envoyé le { $time }
draft-test-failed = { $to } : pas envoyé, car { $reply }
draft-test-interrupted = { $outcome }. Le programme s’est arrêté pendant l’envoi de ce test. Il est revenu dans la file le { $time } et peut donc arriver deux fois.
draft-preview = Aperçu
preview-phone = Sur un téléphone
preview-desktop = Sur un ordinateur
preview-text = En texte
draft-back = Retour au brouillon
notice-draft-built = Le brouillon est composé.
notice-draft-changed = Le brouillon a été modifié.
notice-draft-approved = Le numéro est approuvé. Une modification retire l’approbation.
notice-approval-withdrawn = L’approbation a été retirée.
notice-draft-cancelled = Le numéro a été annulé. Ses articles attendent le prochain.
notice-test-queued = Le test est en route. Rechargez la page pour voir ce qu’il est devenu.

# Two operators changed a draft.
conflict-title = Quelqu’un a modifié ce brouillon entre-temps
conflict-by-program = Un article qu’il contient a été corrigé, ou le planning l’a modifié.
conflict-kept = Rien n’a été écrasé. Regardez le brouillon tel qu’il est maintenant, puis décidez de ce que vous vouliez faire :
conflict-again = Le faire maintenant : { $action }
conflict-gone = Le numéro ne peut plus être modifié. Son état : { $state }.
draft-changed-by = { $name } l’a modifié, { $time }
draft-approved-by = { $name } l’a approuvé, { $time }
draft-withdrawn-by = { $name } a retiré l’approbation, { $time }
draft-sent-by = { $name } l’a envoyé, { $time }
draft-cancelled-by = { $name } l’a annulé, { $time }

# The question before an issue is sent or cancelled.
send-title = Envoyer { $issue } maintenant ?
send-readers =
    { $count ->
        [one] { $count } lecteur le reçoit.
       *[other] { $count } lecteurs le reçoivent.
    }
send-weekly =
    { $count ->
        [one] { $count } d’entre eux reçoit l’édition hebdomadaire.
       *[other] { $count } d’entre eux reçoivent l’édition hebdomadaire.
    }
send-not-mailed = Sans envoi :
send-instead-of = Il partirait de lui-même le { $time }.
send-button =
    { $count ->
        [one] Envoyer à { $count } lecteur
       *[other] Envoyer à { $count } lecteurs
    }
send-needs-approval = Le numéro attend l’approbation. Lisez-le, approuvez-le, puis envoyez-le.
send-no-reader = Personne ne le recevrait. Le numéro reste tel quel et garde ses articles.
send-blocked = Rien n’a été envoyé. Les contrôles bloquent le numéro : { $reason }
cancel-title = Annuler { $issue } ?
cancel-text = Rien n’en est envoyé. Ses articles attendent le prochain numéro.
editions-none = Tous les lecteurs reçoivent le même numéro.
edition-unapproved = pas approuvée : ses lecteurs reçoivent le numéro entier

# Issues that were sent.
issues-empty = Aucun numéro n’a encore été envoyé.
issues-older = Numéros plus anciens
issue-recipients =
    { $count ->
        [one] { $count } destinataire
       *[other] { $count } destinataires
    }
issue-started = commencé le { $time }
issue-finished = terminé le { $time }
issue-progress = { $done } sur { $total } traités
issue-live = Les chiffres se mettent à jour tout seuls.
issue-reload = Recharger
issue-in-archive = L’édition telle que la voient les lecteurs
issue-pause = Suspendre
issue-resume = Reprendre
issue-settle-accepted = Ils sont arrivés
issue-settle-resend = Les renvoyer
issue-pause-text = Les messages en route sont terminés, aucun autre n’est envoyé. Vous pourrez reprendre le numéro plus tard.
issue-resume-text = Les messages qui restent sont envoyés.
issue-cancel-text = Les messages qui restent ne sont pas envoyés. C’est irréversible.
issue-settle-accepted-text = Les messages incertains comptent comme acceptés. Ces lecteurs ne reçoivent plus rien.
issue-settle-resend-text = Les messages incertains sont renvoyés avec le même Message-ID. Certains lecteurs recevront peut-être le numéro deux fois.
issue-in-doubt =
    { $count ->
        [one] { $count } message est incertain
       *[other] { $count } messages sont incertains
    }
issue-in-doubt-text = La connexion au relais s’est coupée pendant qu’il prenait ces messages. Il les a peut-être acceptés, peut-être pas. Consultez le journal du relais, puis décidez.
issue-back = Retour au numéro
issue-proof = Rapport d’envoi
report-came-back = Ce qui est revenu
report-hard-bounces = rejets définitifs
report-soft-bounces = rejets temporaires
report-other-bounces = autres rejets
report-complaints = plaintes
report-domains = Par domaine de destinataire
report-domain = domaine
report-editions = Éditions
report-state = état
report-reason = raison
report-deliveries = messages
report-sum = total
report-adds-up = chaque destinataire est compté une fois
report-differs = au départ, le numéro avait un autre nombre de destinataires
proof-balanced =
    { $count ->
        [one] Le rapport est juste : { $count } destinataire, dans un état, avec une raison.
       *[other] Le rapport est juste : { $count } destinataires, chacun dans un état, avec une raison.
    }
proof-unbalanced = Le rapport n’est pas juste : { $counted } destinataires sont comptés, et il y en avait { $frozen } au départ.
notice-sending-started = L’envoi du numéro a commencé.
notice-issue-paused = Le numéro est suspendu.
notice-issue-resumed = L’envoi du numéro a repris.
notice-issue-cancelled = Le numéro a été annulé.
notice-issue-settled = La décision sur les messages incertains est prise.
notice-issue-state-changed = Rien n’a été fait, car le numéro est entre-temps dans un autre état.

# What needs an operator today.
today-needs = Ce qui vous attend
today-next = Ce qui part ensuite
today-last = Le dernier numéro
today-no-newsletter = Il n’y a pas encore de newsletter. Les directeurs de publication et les propriétaires en créent une sous « Newsletters ».
today-no-schedule = Aucune newsletter n’est planifiée. Composez un brouillon et envoyez-le vous-même.
today-numbers = { $accepted } acceptés, { $rejected } refusés, { $open } restants
need-relay = Le relais n’accepte pas de courrier
need-paused = { $issue } est suspendu
need-in-doubt =
    { $count ->
        [one] { $count } message de { $issue } est incertain
       *[other] { $count } messages de { $issue } sont incertains
    }
need-feeds =
    { $count ->
        [one] { $count } flux ne fonctionne pas
       *[other] { $count } flux ne fonctionnent pas
    }
need-comments =
    { $count ->
        [one] { $count } commentaire vous attend
       *[other] { $count } commentaires vous attendent
    }
need-alerts =
    { $count ->
        [one] { $count } limite de rejets ou de plaintes est atteinte
       *[other] { $count } limites de rejets ou de plaintes sont atteintes
    }
