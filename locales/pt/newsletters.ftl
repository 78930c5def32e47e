# The pages of the console about newsletters.
console-newsletters = Newsletters

# The list, and one newsletter.
newsletters-empty = Ainda não há newsletter. Crie a primeira: ela lê feeds, e as pessoas podem se inscrever.
newsletters-removed = Removidas
newsletter-create = Criar uma newsletter
newsletter-create-button = Criar
newsletter-create-note = Só o nome curto e o nome são necessários. O resto pode ser mudado depois.
newsletter-edit = Alterar
newsletter-edit-title = Alterar “{ $name }”
newsletter-edit-note = Um rascunho já montado mantém suas regras. Campos vazios têm seus valores padrão.
newsletter-hidden = oculta
newsletter-shown = visível no site
newsletter-on-demand = Enviada sob demanda
newsletter-next = próxima edição { $time }
newsletter-readers =
    { $count ->
        [one] { $count } leitor
       *[other] { $count } leitores
    }
newsletter-reader-count = Leitores
newsletter-feeds =
    { $count ->
        [one] { $count } feed
       *[other] { $count } feeds
    }
newsletter-coming = As próximas saídas
newsletter-past = As últimas saídas
newsletter-no-run = Ainda não houve saída.
run-local = Hora local
run-no-issue = sem edição: { $day }
run-clock-skips = O relógio pula esta hora nesse dia; sai logo depois.
run-clock-repeats = O relógio marca esta hora duas vezes nesse dia.
run-claimed = sendo montada
run-drafted = rascunho espera
run-empty = nada a enviar
newsletter-facts = Sobre a newsletter
newsletter-created = Criada
newsletter-changed = Última alteração
newsletter-file = Como arquivo
newsletter-file-text = A newsletter está no banco de dados; nenhuma inicialização lê um arquivo. Só o comando “daywire newsletter apply ARQUIVO” a substitui, com cada chave do arquivo, e mostra o que muda. Antes de aplicar um arquivo mais antigo, copie este texto, ou as mudanças feitas aqui se perdem.

# Removing one.
newsletter-remove = Remover …
newsletter-remove-title = Remover “{ $name }”?
newsletter-remove-readers =
    { $count ->
        [one] { $count } inscrição termina.
       *[other] { $count } inscrições terminam.
    }
newsletter-remove-drafts = Estes rascunhos são cancelados:
newsletter-remove-feeds =
    { $count ->
        [one] Ela para de ler { $count } feed.
       *[other] Ela para de ler { $count } feeds.
    }
newsletter-remove-stays = Suas edições, relatórios de envio e consentimentos ficam. Seu nome curto continua ocupado.
newsletter-remove-refused = Não pode ser removida agora, porque uma edição está sendo enviada ou está pausada.
newsletter-remove-button = Remover { $name }
newsletter-keep = Manter
newsletter-removed-at = Esta newsletter foi removida, { $time }. Crie uma com o mesmo nome curto para trazê-la de volta, sem leitores.

# The form.
newsletter-mistakes = Nada foi salvo. Corrija os campos marcados.
newsletter-conflict-title = Esta newsletter mudou nesse meio-tempo
newsletter-slug-taken = Outra newsletter tem este nome curto. Escolha outro.
newsletter-identity = Nome e remetente
newsletter-content = Conteúdo
newsletter-ranking = Ordem das notícias
newsletter-slug = Nome curto nos endereços
newsletter-slug-note = Minúsculas, dígitos e hífens, como morning. Não pode ser mudado depois.
newsletter-name = Nome
newsletter-description = Uma linha sobre ela
newsletter-from = Remetente
newsletter-mailbox-note = Por exemplo, Morning Wire <morning@example.org>.
newsletter-reply-to = As respostas vão para
newsletter-welcome = E-mail após a confirmação
newsletter-welcome-note = Seu texto; “true” envia o texto padrão. Vazio: nenhum e-mail.
newsletter-help = Endereço de ajuda
newsletter-public = Mostrar no site e aceitar inscrições
newsletter-archive = Mostrar edições anteriores no site
newsletter-topics = Temas
newsletter-topics-note = Um tema por linha, seguido das categorias de feeds correspondentes: Security = infosec, Sicherheit
newsletter-schedule = Horário
schedule-when = É enviada
schedule-none = sob demanda
schedule-days = em certos dias, em uma hora
schedule-cron = por uma linha cron
schedule-days-legend = Dias
schedule-time = Hora
schedule-line = Linha cron
schedule-line-note = Minuto, hora, dia, mês, dia da semana, como 0 7 * * MON-FRI
schedule-show = Mostrar as próximas saídas
schedule-without-day = Escolha pelo menos um dia.
schedule-without-time = Escolha uma hora como 07:00.
day-monday = segunda-feira
day-tuesday = terça-feira
day-wednesday = quarta-feira
day-thursday = quinta-feira
day-friday = sexta-feira
day-saturday = sábado
day-sunday = domingo
newsletter-timezone = Fuso horário
newsletter-skip = Dias sem edição
newsletter-skip-note = Um por linha: sat, 12-25 (todo ano) ou 2026-12-25.
newsletter-local-time = Cada leitor a recebe nessa hora do seu próprio relógio
newsletter-weekly-day = As edições semanais saem a partir de
newsletter-lead-time = O rascunho é montado antes por
newsletter-lead-note = Por exemplo, 45m ou 2h: o tempo para ler e alterar o rascunho. 0s: nenhum.
newsletter-approval = Antes do envio
newsletter-approval-auto = ninguém precisa aprová-la
newsletter-approval-required = alguém deve aprová-la
newsletter-grace = Uma edição perdida ainda é enviada por
newsletter-expire-after = Uma entrega é abandonada após
newsletter-span-note = Uma duração como 45m, 12h ou 7days.
newsletter-subject-note = Estas palavras são substituídas: { "{" }lead{ "}" }, { "{" }date{ "}" }, { "{" }count{ "}" }, { "{" }newsletter{ "}" }, { "{" }number{ "}" }.
newsletter-lines-note = Um por linha.
newsletter-numbers-note = Um nome e um número por linha, como Security = 2
newsletter-min-stories = Mínimo de notícias por edição
newsletter-max-stories = Máximo de notícias por edição
newsletter-top-stories = Notícias que vêm primeiro, por pontos
newsletter-story-note = Dizer quantas fontes noticiam e desde quando
newsletter-include-topics = Só estes temas
newsletter-include-sources = Só estas fontes
newsletter-include-words = Só com estas palavras
newsletter-exclude-topics = Sem estes temas
newsletter-exclude-sources = Sem estas fontes
newsletter-exclude-words = Sem estas palavras
newsletter-caps-per-topic = Máximo por tema
newsletter-caps-per-source = Máximo por fonte
newsletter-caps-topics = Máximo de certos temas
newsletter-caps-sources = Máximo de certas fontes
newsletter-ranking-sources = Fator do número de fontes
newsletter-ranking-source = Fator da melhor fonte
newsletter-ranking-freshness = Fator de atualidade
newsletter-ranking-topic = Fator do tema
newsletter-ranking-novelty = O que perde uma notícia conhecida
newsletter-ranking-half-life = Uma notícia é metade atual após
newsletter-ranking-memory = O que foi enviado é lembrado por
newsletter-ranking-source-weights = Pesos das fontes
newsletter-ranking-topic-weights = Pesos dos temas

# After an action.
notice-newsletter-created = A newsletter foi criada. Agora adicione feeds.
notice-newsletter-changed = A newsletter foi alterada.
notice-newsletter-restored = A newsletter voltou. Ela não tem leitores.
notice-newsletter-removed = A newsletter foi removida.
