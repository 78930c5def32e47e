# The pages of the console about feeds.
console-feeds = Feeds

# The list of feeds.
feeds-lede = De onde vêm seus artigos. Os feeds que não podem ser lidos vêm primeiro.
feeds-empty = Nenhuma newsletter lê um feed ainda. Adicione o endereço de um site que queira ler.
feeds-none = Nenhum feed corresponde.
feeds-text = Parte do nome ou do endereço
feeds-failing = não pode ser lido
feeds-unused = nenhuma newsletter o lê
feeds-more = Mais feeds
feed-articles =
    { $count ->
        [one] { $count } artigo em 7 dias
       *[other] { $count } artigos em 7 dias
    }
feed-read = lido { $time }
feed-never-read = ainda não lido
feed-next = próxima consulta { $time }
feed-failing-since = desde { $time }

# Why a feed cannot be read, and what to do.
feed-gone = O editor encerrou o feed
feed-gone-advice = Ele não é mais consultado. Procure um novo endereço no site do editor, adicione-o e remova este.
feed-missing = Não há nada neste endereço (404)
feed-missing-advice = Abra o site do editor e procure o feed. Se mudou, adicione o novo endereço e remova este.
feed-refused = O servidor se recusa a enviá-lo
feed-refused-advice = Pergunte ao editor se programas podem ler o feed. Se for preciso um login, indique-o na página do feed.
feed-busy = O servidor tem um problema
feed-busy-advice = Tenta-se de novo sozinho. Não é preciso fazer nada, a não ser que dure dias.
feed-unreachable = O servidor não pode ser alcançado
feed-unreachable-advice = Tenta-se de novo sozinho. Se durar, confira o endereço.
feed-not-a-feed = Neste endereço não há um feed
feed-not-a-feed-advice = Adicione o endereço da página do editor: o feed que ela indica é encontrado.
feed-not-allowed = As configurações não permitem este endereço
feed-not-allowed-advice = Se está certo, peça a quem administra o Daywire que o adicione a feeds.allow.
feed-proxy = O proxy não abre caminho até o servidor
feed-proxy-advice = Todos os feeds passam por ele. Peça a quem administra o Daywire que verifique feeds.proxy.
feed-failed = Não pode ser lido
feed-failed-advice = Tenta-se de novo sozinho. A linha abaixo diz o que houve.

# One feed.
feed-health = Seu estado
feed-last-request = Última consulta
feed-interval = Consultado a cada
feed-minutes =
    { $count ->
        [one] { $count } minuto
       *[other] { $count } minutos
    }
feed-flood = Deixados de fora
feed-flood-text =
    { $count ->
        [one] { $count } item acima do limite por consulta, { $time }
       *[other] { $count } itens acima do limite por consulta, { $time }
    }
feed-fetch = Consultar agora
feed-newsletters = Lido por
feed-no-newsletter = Nenhuma newsletter lê este feed, então ele não é consultado.
feed-read-since = desde { $time }
feed-read-for = Também para
feed-add-to = Adicionar
feed-remove = Parar de ler …
feed-remove-text = { $newsletter } não recebe mais artigos deste feed. Os que chegaram ficam, e os que esperam ainda podem sair em uma edição.
feed-remove-button = Parar de lê-lo para { $newsletter }
feed-on-site = No site
feed-is-whole = O site mostra inteiros os artigos deste feed.
feed-is-excerpt = O site mostra um trecho de cada artigo e aponta para o editor.
feed-show-whole = Mostrar inteiros: é nosso ou o editor concordou
feed-show-excerpts = Mostrar trechos
feed-text = Texto dos artigos
feed-text-of-feed = O texto de um artigo é o que o feed traz.
feed-text-of-page = Se uma entrada do feed tem só algumas linhas, o texto é tirado da página do artigo.
feed-take-page = Se uma entrada tem só algumas linhas, tirar o texto da página do artigo
feed-take-feed = Usar só o texto do feed
feed-text-note = O site e sua busca têm então mais que um trecho, e o link para o editor permanece. O texto só é mostrado inteiro se você permitir isso para o feed. Vale para novos artigos.
feed-page-failed = Uma página não foi usada, { $time }:
feed-request = Login e pedidos
feed-user-agent = Nome do programa (User-Agent)
feed-user-agent-note = Para um servidor que só responde a alguns programas. Vazio: como em todos os feeds.
feed-login-name = Nome de login
feed-login-note = HTTP Basic. O login é enviado apenas ao servidor deste feed. Vazio: sem login.
feed-login-password = Senha do login
feed-login-kept = Há uma senha definida. Deixe vazio para mantê-la.
feed-headers = Outros campos de cabeçalho
feed-headers-note = Um por linha, como “Nome: valor”. São enviados apenas ao servidor deste feed, e seus valores não são mostrados de novo. “Nome:” mantém um valor, e uma linha apagada remove o campo.
feed-request-save = Salvar
feed-request-refused = Isto não pode ser enviado: { $reason }
feed-latest = Seus últimos artigos
feed-no-article = Ainda não trouxe artigo.

# Adding feeds.
feed-add = Adicionar um feed
feed-needs-newsletter = Uma newsletter lê feeds. Crie primeiro uma newsletter.
feed-by-address = Pelo endereço
feed-address = Endereço do feed ou de uma página que o indica
feed-address-note = Por exemplo, example.org. É lido na hora, para ver se funciona.
feed-for = Para a newsletter
feed-full-text = O site mostra inteiros seus artigos: é nosso ou o editor concordou.
feed-add-button = Adicionar o feed
feed-add-anyway = Adicionar assim mesmo
feed-unreadable = Nada foi adicionado, porque nenhum feed pode ser lido ali agora. Corrija o endereço ou adicione assim mesmo: haverá novas tentativas.
feed-address-refused = Este endereço não pode ser lido: { $reason }
feeds-found = Esta página indica vários feeds. Qual?
feeds-from-list = De uma lista
feeds-from-list-text = Leitores de feeds exportam um arquivo OPML. Escolha-o ou cole seu conteúdo.
feeds-file = Arquivo
feeds-add-all = Adicionar estes feeds
feeds-not-a-list = Isto não é OPML ou está incompleto. Exporte a lista de novo e cole-a inteira. Nada foi adicionado.
feeds-imported = Adicionados: { $added }. Já lidos: { $known }.
feeds-refused = Estes não foram adicionados:
feeds-only-site = a lista só dá a página { $site }; adicione esse endereço acima
feeds-no-address = não tem um endereço que possa ser lido

# After an action.
notice-feed-added = O feed foi adicionado. Será lido em instantes; dos artigos antigos, só os do último dia entram na próxima edição.
notice-feed-known = A newsletter já lê este feed.
notice-feed-changed = O feed foi alterado.
notice-feed-due = O feed será lido em instantes. Carregue a página de novo para ver o resultado.
notice-feed-removed = A newsletter não lê mais o feed. Seus artigos ficam.
