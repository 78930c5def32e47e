# A moldura de cada página, a capa, os artigos e o arquivo.

skip-to-content = Ir para o conteúdo
site-navigation = Site
language-navigation = Idiomas
past-issues = Edições anteriores
past-issues-short = Arquivo
inbox = Caixa de entrada
mail-is-captured = Nenhum servidor de envio está configurado: os e-mails ficam guardados aqui e não são entregues.

time-stamp = { $date } · { $time }
weekday-time = { $weekday }, { $time }
labelled = { $label }:
list-separator = { ", " }
list-end = { $names } e { $name }

also = também:
more-sources =
    { $count ->
        [one] mais { $count }
       *[other] mais { $count }
    }
other-sources =
    { $count ->
        [one] outra fonte
       *[other] outras { $count } fontes
    }
read-at = Ler em { $source }
article-corrections = Correções
article-sources = Fontes
retracted-title = Artigo retirado
retracted-happened = { $id } foi retirado ({ $date }).
retracted-reason = Motivo informado: { $reason }
retracted-without-reason = Nenhum motivo foi informado.

past-issues-label = edições anteriores
past-issues-of = Edições anteriores de { $newsletter }
past-issues-description = Edições anteriores das newsletters de { $site }
issue-number = edição { $number }
newsletter-issue = { $newsletter }, edição { $number }
issue-link = Edição { $number }
issue-navigation = Edições
all-issues = Todas as edições
edition-note = Esta versão é para quem escolheu temas, um idioma ou um e-mail por semana.
whole-issue = Ler a edição completa
edition-expired = Os links para estas versões funcionam durante um ano.
edition-expired-next = Todas as edições estão entre as edições anteriores.
newsletter-navigation = Newsletters
all-newsletters = Todas
no-issue-yet = Nenhuma edição foi enviada ainda. A primeira aparece aqui assim que for enviada.
earlier-issues = Edições mais antigas
atom-feed = Feed Atom destas edições
mark-corrected = corrigido
mark-retracted = retirado
mark-restored = restaurado
change-corrected = Corrigido
change-retracted = Retirado
change-restored = Restaurado
corrected-fields = Alterado: { $fields }
corrected-headline = título
corrected-address = endereço
corrected-summary = resumo
corrected-text = texto
corrected-authors = autores
corrected-category = categoria
corrected-language = idioma
corrected-source = fonte
corrected-date = data
corrected-picture = imagem
report-retracted = (retirado)

no-issue-title = Essa edição não existe
no-issue-of-number = { $newsletter } não enviou nenhuma edição com esse número.
no-archive = Nenhuma newsletter com esse nome mostra aqui as edições anteriores.
no-issue-next = Confira o número no endereço ou percorra <a>as edições anteriores</a>.
no-issue-next-of = Confira o número no endereço ou percorra <a>as edições anteriores de { $newsletter }</a>.
search = Busca
search-for = Buscar por
search-description = Buscar nos artigos e nas edições anteriores de { $site }
search-nothing = Nada encontrado. Tente com menos palavras ou outras.
search-count =
    { $count ->
        [one] { $count } resultado
       *[other] { $count } resultados
    }
search-best = Os { $count } melhores resultados
page-navigation = Páginas
previous-page = Página anterior
next-page = Próxima página
newer-story = Notícia mais recente
earlier-story = Notícia anterior
footer-navigation = Mais sobre este site
topic-navigation = Temas
front-page = Início
more-on = Mais sobre { $topic }
also-reported = Também noticiado por
by-authors = Por { $authors }
read-issue = Ler a edição
next-issue-at = Próxima edição: { $time }
latest-issue = Última edição
share-by-mail = Compartilhar por e-mail
site-feed = Feed Atom
