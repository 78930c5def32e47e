# The pages of the console about articles.
console-articles = Artigos

# The list of articles.
articles-lede = O que seus feeds trouxeram e sua redação escreveu, o mais novo primeiro.
articles-empty = Ainda não há artigo. Adicione um feed ou escreva um artigo próprio.
articles-none = Nenhum artigo corresponde.
articles-words = Palavras ou identificador
articles-newsletter = Newsletter
articles-every = todos
articles-find = Buscar
articles-all = Mostrar todos os artigos
articles-older = Artigos anteriores
articles-of-feed = Só do feed { $feed }
article-write = Escrever um artigo
article-state-waiting = espera uma edição
article-state-in-issue = em uma edição
article-state-left-out = deixado de fora
article-state-editorial = próprio
article-state-edited = editado
article-state-retracted = retirado
article-waits-for = espera { $newsletter }
article-in-issue-of = em uma edição de { $newsletter }
article-left-out-of = deixado de fora de { $newsletter }

# One article.
article-edit = Editar
article-on-site = No site
article-original = No editor
article-facts = Sobre o artigo
article-headline = Título
article-summary = Resumo
article-summary-note = Texto simples sob o título. Vazio: o começo do texto.
article-text = Texto
article-text-note = Em Markdown se escreve:
markdown-bold = negrito
markdown-italic = itálico
markdown-link = link
markdown-heading = subtítulo
markdown-item = lista
article-format = Escrito em
article-authors = Autores
article-authors-note = Um nome por linha.
article-category = Tema
article-language = Idioma
article-language-note = Um código como en, de ou pt-BR. Vazio: reconhecido pelo texto.
article-source = Fonte
article-source-note = Vazio: o nome do site.
article-url = Endereço da página de que trata
article-url-note = Vazio: o artigo tem sua própria página neste site.
article-published = Publicado
article-published-note = Em UTC. Vazio: agora.
article-arrived = Chegou
article-image = Endereço da imagem
article-image-note = Um endereço https. Só aparece se o site mostra imagens.
article-image-alt = O que a imagem mostra
article-image-alt-note = Para quem não pode vê-la.
article-in-newsletters = Nas newsletters
article-in-no-newsletter = Não chegou a nenhuma newsletter.
article-at-place = na posição { $place }
article-pin = Fixar no topo da próxima edição
article-correction-list = Correções
article-corrected = corrigido
article-restored = retirada desfeita
article-former-headline = O título era: { $title }
article-retracted-at = Este artigo foi retirado, { $time }.
article-no-reason = Os leitores não veem motivo.
article-reason = Motivo, para os leitores
article-retract = Retirar o artigo
article-retract-text = Sua página dirá que foi retirado. Os rascunhos são montados de novo sem ele. Se foi enviado, a próxima edição o diz.
article-change-reason = Dar outro motivo
article-change-reason-text = A página do artigo dá este motivo. Se o artigo foi enviado, a próxima edição também o dá.
article-restore = Desfazer a retirada
article-restore-text = Sua página volta, e os rascunhos podem tê-lo de novo. Os leitores informados da retirada são informados disso.

# The form of an article.
article-edit-title = Editar “{ $title }”
article-write-note = Ao publicar, ele aparece logo no site e espera a próxima edição das newsletters escolhidas.
article-for-newsletters = Espera a próxima edição de
article-more = Mais campos
article-note = O que foi corrigido, para os leitores
article-note-note = Se o artigo foi enviado, sua página e a próxima edição dão esta nota. Vazio: citam os campos alterados.
article-save = Salvar
article-publish = Publicar
article-title-missing = Escreva um título.
article-text-missing = Escreva um texto.
article-text-long = O texto passa de 200 KiB. Encurte-o ou publique dois artigos.
article-field-long = Está longo demais. Encurte.
article-language-wrong = Escreva um código como en, de ou pt-BR.
article-url-wrong = Escreva um endereço que comece com https:// ou http://.
article-image-wrong = Escreva um endereço que comece com https://.
article-published-wrong = Escreva data e hora como 2026-11-23 07:30.
article-is-retracted-already = Este artigo já foi publicado e retirado. Escreva-o em um formulário novo.

# Two editors changed an article.
article-conflict-title = Este artigo mudou nesse meio-tempo
article-conflict-feed = Seu feed trouxe outra versão.
article-conflict-kept = Nada foi sobrescrito, e nada do que digitou se perdeu. Os campos que não tocou têm o conteúdo novo. Compare e salve de novo.
article-conflict-now = { $field }, como está salvo agora
article-conflict-retracted = O artigo foi retirado e não pode ser alterado. Desfaça a retirada na página dele e salve de novo.
article-changed-by = { $name } o alterou, { $time }
article-retracted-by = { $name } o retirou, { $time }
article-restored-by = { $name } desfez a retirada, { $time }

# After an action.
notice-article-published = O artigo está publicado.
notice-article-changed = O artigo foi alterado. Os rascunhos com ele foram montados de novo.
notice-article-changed-sent = O artigo foi alterado. Leitores têm o texto anterior; a próxima edição lhes informa a correção.
notice-article-changed-unapproved = O artigo foi alterado. Um rascunho com ele foi montado de novo e sua aprovação, retirada. Aprove-o de novo.
notice-article-unchanged = Nada mudou.
notice-article-retracted = O artigo está retirado. Sua página o diz.
notice-article-retracted-sending = O artigo está retirado. Uma edição com ele está sendo enviada; pause-a em “Edições” se ele não pode chegar.
notice-article-restored = A retirada foi desfeita.
notice-article-pinned = O artigo vem primeiro na próxima edição.
notice-article-unpinned = O artigo não está mais fixado.
notice-article-not-waiting = Nada foi feito, porque o artigo não espera mais esta newsletter.
