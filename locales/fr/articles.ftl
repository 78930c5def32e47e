# The pages of the console about articles.
console-articles = Articles

# The list of articles.
articles-lede = Ce que vos flux ont apporté et ce que votre rédaction a écrit, le plus récent d’abord.
articles-empty = Il n’y a pas encore d’article. Ajoutez un flux, ou écrivez un article.
articles-none = Aucun article ne correspond.
articles-words = Mots ou identifiant
articles-newsletter = Newsletter
articles-every = tous
articles-find = Chercher
articles-all = Afficher tous les articles
articles-older = Articles plus anciens
articles-of-feed = Seulement du flux { $feed }
article-write = Écrire un article
article-state-waiting = attend un numéro
article-state-in-issue = dans un numéro
article-state-left-out = écarté
article-state-editorial = de la rédaction
article-state-edited = modifié
article-state-retracted = retiré
article-waits-for = attend { $newsletter }
article-in-issue-of = dans un numéro de { $newsletter }
article-left-out-of = écarté de { $newsletter }

# One article.
article-edit = Modifier
article-on-site = Sur le site
article-original = Chez son éditeur
article-facts = À propos de l’article
article-headline = Titre
article-summary = Chapeau
article-summary-note = Texte simple sous le titre. Vide : le début du texte.
article-text = Texte
article-text-note = En Markdown, écrivez :
markdown-bold = gras
markdown-italic = italique
markdown-link = lien
markdown-heading = intertitre
markdown-item = liste
article-format = Écrit en
article-authors = Auteurs
article-authors-note = Un nom par ligne.
article-category = Thème
article-language = Langue
article-language-note = Un code comme en, de ou pt-BR. Vide : reconnue d’après le texte.
article-source = Source
article-source-note = Vide : le nom du site.
article-url = Adresse de la page dont il parle
article-url-note = Vide : l’article a sa propre page sur ce site.
article-published = Publié
article-published-note = En UTC. Vide : maintenant.
article-arrived = Arrivé
article-image = Adresse de son image
article-image-note = Une adresse https. Affichée seulement si le site affiche des images.
article-image-alt = Ce que montre l’image
article-image-alt-note = Pour les personnes qui ne peuvent pas la voir.
article-in-newsletters = Dans les newsletters
article-in-no-newsletter = Il n’est arrivé dans aucune newsletter.
article-at-place = à la place { $place }
article-pin = Épingler en tête du prochain numéro
article-correction-list = Corrections
article-corrected = corrigé
article-restored = retrait annulé
article-former-headline = Le titre était : { $title }
article-retracted-at = Cet article a été retiré, { $time }.
article-no-reason = Les lecteurs ne voient aucune raison.
article-reason = Raison, pour les lecteurs
article-retract = Retirer l’article
article-retract-text = Sa page dira alors qu’il a été retiré. Les brouillons sont recomposés sans lui. S’il a été envoyé, le prochain numéro le dit.
article-change-reason = Donner une autre raison
article-change-reason-text = La page de l’article donne cette raison. Si l’article a été envoyé, le prochain numéro la donne aussi.
article-restore = Annuler le retrait
article-restore-text = Sa page revient, et les brouillons peuvent le reprendre. Les lecteurs informés du retrait en sont informés.

# The form of an article.
article-edit-title = Modifier « { $title } »
article-write-note = Une fois publié, il est aussitôt sur le site et attend le prochain numéro des newsletters choisies.
article-for-newsletters = Attend le prochain numéro de
article-more = Autres champs
article-note = Ce qui a été corrigé, pour les lecteurs
article-note-note = Si l’article a été envoyé, sa page et le prochain numéro donnent cette note. Vide : ils citent les champs modifiés.
article-save = Enregistrer
article-publish = Publier
article-title-missing = Écrivez un titre.
article-text-missing = Écrivez un texte.
article-text-long = Le texte dépasse 200 Kio. Raccourcissez-le, ou publiez deux articles.
article-field-long = C’est trop long. Raccourcissez.
article-language-wrong = Écrivez un code comme en, de ou pt-BR.
article-url-wrong = Écrivez une adresse qui commence par https:// ou http://.
article-image-wrong = Écrivez une adresse qui commence par https://.
article-published-wrong = Écrivez une date et une heure comme 2026-11-23 07:30.
article-is-retracted-already = Cet article a déjà été publié et retiré. Écrivez-le dans un nouveau formulaire.

# Two editors changed an article.
article-conflict-title = Cet article a été modifié entre-temps
article-conflict-feed = Son flux a apporté une autre version.
article-conflict-kept = Rien n’a été écrasé, et rien de votre saisie n’est perdu. Les champs que vous n’avez pas touchés ont le nouveau contenu. Comparez, puis enregistrez de nouveau.
article-conflict-now = { $field }, tel qu’enregistré maintenant
article-conflict-retracted = L’article a été retiré et ne peut pas être modifié. Annulez le retrait sur sa page, puis enregistrez de nouveau.
article-changed-by = { $name } l’a modifié, { $time }
article-retracted-by = { $name } l’a retiré, { $time }
article-restored-by = { $name } a annulé le retrait, { $time }

# After an action.
notice-article-published = L’article est publié.
notice-article-changed = L’article a été modifié. Les brouillons qui le contiennent ont été recomposés.
notice-article-changed-sent = L’article a été modifié. Des lecteurs ont l’ancien texte ; le prochain numéro leur signale la correction.
notice-article-changed-unapproved = L’article a été modifié. Un brouillon qui le contient a été recomposé et son approbation retirée. Approuvez-le de nouveau.
notice-article-unchanged = Rien n’a changé.
notice-article-retracted = L’article est retiré. Sa page le dit.
notice-article-retracted-sending = L’article est retiré. Un numéro qui le contient est en cours d’envoi ; suspendez-le sous « Numéros » s’il ne doit pas arriver.
notice-article-restored = Le retrait est annulé.
notice-article-pinned = L’article vient en tête du prochain numéro.
notice-article-unpinned = L’article n’est plus épinglé.
notice-article-not-waiting = Rien n’a été fait, car l’article n’attend plus cette newsletter.
