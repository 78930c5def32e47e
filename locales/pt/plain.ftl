# As palavras habituais de um site de notícias (site.voice = "plain"). radio.ftl tem as mesmas mensagens.

signup-label = { "" }
subscribe-to = Assinar { $name }
latest = Últimas notícias
nothing-yet = Ainda não há nada aqui. A primeira notícia aparece assim que chegar.
read-latest = Ler as últimas notícias
article-id = Artigo { $id }
comments-label = Comentários
comments-status = { "" }
no-such-page = Não há página aqui. O endereço pode estar mal digitado ou cortado.
check-address = Confira o endereço ou vá para as últimas notícias.
unavailable = Indisponível por um momento
opening =
    { $count ->
        [0] Não há notícias novas nesta edição. Ela corrige edições anteriores.
        [one] Nesta edição: { $count } notícia.
       *[other] Nesta edição: { $count } notícias, as mais importantes primeiro.
    }
opening-by-hand =
    { $count ->
        [0] Não há notícias novas nesta edição. Ela corrige edições anteriores.
        [one] Nesta edição: { $count } notícia.
       *[other] Nesta edição: { $count } notícias.
    }
also-in-issue = Também nesta edição
other-topic = Outras notícias
corrections = Correções
end-of-issue = Isso é tudo por hoje.
more-stories = Mais notícias
earlier-stories = Notícias anteriores
