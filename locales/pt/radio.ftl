# As palavras do registro de uma estação de rádio (site.voice = "radio"). plain.ftl tem as mesmas mensagens.

signup-label = transmission_log
subscribe-to = Assinar a transmissão.
latest = Últimas transmissões
nothing-yet = Ainda não há nada no ar. A primeira transmissão aparece assim que chegar.
read-latest = Ler as últimas transmissões
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = Nada é transmitido neste endereço. Ele pode estar mal digitado ou cortado.
check-address = Confira o endereço ou vá para as últimas transmissões.
unavailable = Fora do ar por um momento
opening =
    { $count ->
        [0] Não há notícias novas nesta edição. Ela corrige edições anteriores.
        [one] { $count } transmissão no registro.
       *[other] { $count } transmissões no registro, as mais importantes primeiro.
    }
opening-by-hand =
    { $count ->
        [0] Não há notícias novas nesta edição. Ela corrige edições anteriores.
        [one] { $count } transmissão no registro.
       *[other] { $count } transmissões no registro.
    }
also-in-issue = Também no registro
other-topic = Outros sinais
corrections = Correções de sinal
end-of-issue = Fim da transmissão.
more-stories = Mais transmissões
earlier-stories = Transmissões anteriores
