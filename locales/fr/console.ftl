# The frame of the console for operators, and its first page.
console = rédaction
console-navigation = Pages de la rédaction
console-today = Aujourd’hui
console-empty = Rien ne demande votre attention pour le moment.
console-account = Votre compte
sign-out = Déconnecter { $name }
role-owner = propriétaire
role-publisher = directeur de publication
role-editor = rédacteur
role-analyst = analyste
not-permitted-title = Votre rôle ne le permet pas
not-permitted-happened = Votre rôle est « { $role } ». Rien n’a été modifié.
not-permitted-next = Demandez à un propriétaire du site de le faire, ou de changer votre rôle.
needs-https-title = La rédaction exige HTTPS
needs-https-happened = site.url commence par http:// et ne désigne pas cette machine : d’autres sur le réseau pourraient lire les mots de passe.
needs-https-next = Donnez à site.url une adresse en https://.

# A form that was sent after the session had ended.
session-ended-title = Vous êtes déconnecté
session-ended-text = Votre session s’est terminée pendant que le formulaire était ouvert. Rien n’a été enregistré.
session-ended-sign-in = Se connecter (nouvelle fenêtre)
session-ended-resend = Renvoyer le formulaire
session-ended-kept = Ce que vous avez saisi reste sur cette page. Connectez-vous, puis appuyez sur le bouton.
session-ended-back = Connectez-vous, puis revenez en arrière dans le navigateur et renvoyez le formulaire.
console-operators = Équipe
console-audit = Journal des modifications
console-tokens = Jetons d’API
console-help = Aide

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = Documentation
docs-navigation = Pages de la documentation
