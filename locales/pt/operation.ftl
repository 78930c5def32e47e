# The console's page about settings.
console-settings = Configurações
settings-lede = O que este processo leu ao iniciar: dos padrões, do arquivo de configuração e do ambiente. Para mudar algo, mude lá e reinicie o serviço.
settings-search = Parte de um nome, valor ou explicação
settings-changed = Só as que não são padrão
settings-none = Nenhuma configuração corresponde.
settings-default = padrão
settings-file = arquivo { $name }
settings-environment = variável de ambiente { $name }
settings-hidden = definido, não mostrado aqui

# The console's page about statistics.
console-statistics = Estatísticas
statistics-lede = O que aconteceu em cada dia (UTC). Ninguém é rastreado para isso, e nenhum número identifica uma pessoa.
statistics-days = Dias
statistics-day = Dia
statistics-numbers = Os números
statistics-about = De { $first } a { $last }. O valor mais alto é { $max }.
chart-growth = Assinaturas em vigor
chart-signups = Inscrições
chart-asked = solicitadas
chart-confirmed = confirmadas
chart-left = cancelamentos
chart-deliveries = Destinatários, no dia em que a edição começou
chart-recipients = destinatários
chart-returned = Devoluções e reclamações
chart-bounces = devoluções
chart-domains = Devoluções e reclamações por domínio
chart-no-domains = Nenhum domínio teve destinatários suficientes em uma edição para ser contado à parte.

# The console's page about relays and recipient domains.
console-relays = Relés e domínios
relays-lede = A que ritmo o e-mail sai. Um servidor que pede para ir mais devagar recebe, após uma pausa, metade das mensagens ao mesmo tempo e depois, aos poucos, mais.
relays-captured = Nenhum relé está definido: todo o e-mail fica na caixa interna. Para enviar, defina relay.url.
relays-relay = Relé
relays-weight = Parte
relays-connections = Conexões
relays-rate = Mensagens por segundo
relays-cap = Limite de hoje
relays-of = { $part } de { $all }
relays-no-limit = sem limite
relays-process = Processo { $name }
relays-no-process = Nenhum processo envia agora.
relays-at-once = Mensagens ao mesmo tempo, agora
relays-paused = em pausa até { $time }
relays-goes-on = envia
relays-cap-used = aguarda até { $time }: o limite do dia foi atingido
relays-closed = aguarda até { $time }: fora do horário de envio
relays-trouble = O relé não aceita e-mails: { $reason }
relays-domains = Domínios com limite ou em pausa
relays-no-domains = Nenhum domínio está limitado agora.
relays-waiting = Aguardando na memória
