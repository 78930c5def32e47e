# Le formulaire d’abonnement, les pages derrière les liens des e-mails et les réglages.

subscribe = S’abonner
check-form = Veuillez vérifier le formulaire
no-newsletter-title = Pas encore de newsletter
no-newsletter-text = Il n’y a encore rien à quoi s’abonner. Revenez plus tard.
newsletters-legend = Newsletters
email = Adresse e-mail
name = Nom
optional = facultatif
honeypot = Site web : laissez ce champ vide, il est réservé aux machines
chosen-newsletter = Newsletter :
choose-others = En choisir d’autres
form-delivery = Vous recevrez un e-mail avec un lien de confirmation. Rien d’autre ne vous sera envoyé tant que vous ne l’aurez pas utilisé.
form-consent = En vous abonnant, vous acceptez de recevoir { $newsletter } de la part de { $site }. Vous pouvez vous désabonner à tout moment grâce au lien présent dans chaque numéro.
form-consent-chosen = En vous abonnant, vous acceptez de recevoir les newsletters choisies de la part de { $site }. Vous pouvez vous désabonner à tout moment grâce au lien présent dans chaque numéro.
did-you-mean = Vouliez-vous dire { $domain } ? Corrigez l’adresse, ou appuyez de nouveau sur le bouton pour la garder.
form-wrong-title = Ce formulaire est mal configuré
form-wrong-happened = Son champ « { $field } » indique une page d’un site qui n’a pas le droit d’utiliser ce formulaire. Rien n’a été envoyé.
form-wrong-next = Signalez-le au site qui vous a montré le formulaire, ou abonnez-vous sur notre propre page.
topics-of = Thèmes de { $newsletter }
time-zone-of-newsletter = Le fuseau horaire de la newsletter
time-zone-used = Chaque numéro arrive à son heure dans ce fuseau.

check-inbox-title = Consultez votre messagerie
check-inbox-heading = Consultez votre messagerie.
check-inbox-text = Si cette adresse n’est pas encore abonnée, un lien de confirmation est en route. Ouvrez-le et appuyez sur le bouton pour confirmer.
check-inbox-retry = Toujours rien après quelques minutes ? Regardez dans vos indésirables, puis vérifiez l’adresse et <a>réessayez</a>.
check-inbox-captured = Ce site fonctionne sans serveur d’envoi : l’e-mail se trouve dans la <a>boîte de réception</a>.

prove-title = Encore une étape
prove-heading = Encore une étape.
prove-text = De très nombreuses personnes, ou des programmes, s’inscrivent en ce moment. Cette étape écarte les programmes. Rien n’a encore été envoyé.
prove-working = Votre navigateur effectue cette étape pour vous. Cela prend quelques secondes.
prove-wrong = La réponse est fausse ou arrivée trop tard. Veuillez réessayer.
prove-question = Combien font { $one } plus { $other } ?

confirm-title = Confirmez votre abonnement
confirm-heading = Confirmez votre abonnement.
confirm-text = Appuyez sur le bouton, et { $site } vous enverra :
confirm-button = Confirmer l’abonnement
confirm-ignore = Si vous n’avez rien demandé, fermez cette page : aucun abonnement ne sera créé.
confirmed-title = Abonnement confirmé
confirmed-heading = Votre abonnement est confirmé.
confirmed-text = À partir du prochain numéro, vous recevrez :
confirmed-leave = Chaque numéro contient un lien de désabonnement.

link-fails-title = Le lien ne fonctionne pas
link-expired-heading = Ce lien a expiré.
link-expired-text = Les liens de confirmation fonctionnent { $within }. Votre abonnement n’est pas encore confirmé.
link-used-heading = Ce lien a déjà été utilisé.
link-used-text = Un lien de confirmation ne sert qu’une fois. L’abonnement qu’il a confirmé a pris fin depuis.
link-unknown-heading = Ce lien ne fonctionne pas.
link-unknown-text = Il en manque peut-être une partie. Rouvrez-le depuis l’e-mail, ou copiez l’adresse entière.
link-unknown-next = Si cela n’aide pas, <a>abonnez-vous de nouveau</a> pour en recevoir un autre.

unsubscribe = Se désabonner
unsubscribe-heading = Se désabonner de { $newsletter } ?
unsubscribe-text = Votre abonnement est toujours actif. Appuyez sur le bouton pour y mettre fin immédiatement.
unsubscribe-instead = Vous préférez moins d’envois, d’autres thèmes ou une pause ? <a>Gérez votre abonnement</a>.
unsubscribed-title = Désabonnement effectué
unsubscribed-heading = Votre abonnement à { $newsletter } a pris fin.
unsubscribed-text = Vous ne recevrez plus aucun numéro.
unsubscribed-mistake = C’était une erreur ? <a>Réabonnez-vous</a>.

test-link-title = Ce lien provient d’un test
test-link-happened = Ce lien provient d’un e-mail de test. Il n’appartient à aucun abonnement et n’a donc aucun effet.
test-link-next = Dans l’e-mail de chaque lecteur, un lien personnel se trouve à cet endroit.
bad-link-title = Ce lien ne fonctionne pas
bad-link-happened = Il est peut-être mal recopié ou tronqué. Rien n’a été modifié.
bad-link-next = Rouvrez l’e-mail et utilisez le lien au bas du message, ou le bouton de désabonnement de votre messagerie.
not-subscribed-title = Pas d’abonnement
not-subscribed-happened = Vous n’avez pas d’abonnement à { $newsletter }.
not-subscribed-next = Pour recevoir cette newsletter, utilisez « S’abonner » en haut de cette page.
not-subscribed-closed = Cette newsletter n’accepte pas de nouveaux abonnements.

settings-title = Vos réglages pour { $newsletter }
settings-saved = Enregistré. Cela vaut à partir du prochain numéro.
settings-text = Faites vos choix, puis enregistrez.
topics-legend = Thèmes
topics-note = Laissez toutes les cases vides pour recevoir tous les thèmes.
cadence-legend = Fréquence
cadence-every = Chaque numéro
cadence-weekly = Une fois par semaine, seulement les meilleures informations
time-zone = Fuseau horaire
time-zone-note = Par exemple Europe/Paris ou America/New_York. Cela vaut pour toutes les newsletters que nous vous envoyons.
pause-legend = Pause
paused-until = En pause : vous ne recevrez aucun numéro jusqu’au { $day }.
paused-after-bounces = En pause : votre messagerie n’a pas accepté nos derniers e-mails. Mettez fin à la pause dès qu’elle en accepte de nouveau.
end-pause = Mettre fin à la pause maintenant
pause-or-until = Ou ne rien envoyer jusqu’au
pause-until = Ne rien envoyer jusqu’au
pause-note = Le premier numéro après la pause contient ce que vous avez manqué.
save = Enregistrer
or-unsubscribe = Ou <a>se désabonner</a>.

undo-leaving = Annuler le désabonnement
leaving-legend = Pouvez-vous nous dire pourquoi ?
leaving-note = Avec vos propres mots
leaving-send = Envoyer
leaving-thanks = Merci. Cela aide la rédaction.
your-data = Vos données
your-data-text = Toute personne à qui vous transférez nos e-mails peut ouvrir cette page. Nous envoyons donc d’abord un lien à votre adresse.
request-export = Télécharger mes données
request-erasure = Effacer mes données
