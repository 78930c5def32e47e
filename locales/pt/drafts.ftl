# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = Rascunhos
console-issues = Edições
state-draft = rascunho
state-approved = aprovada
state-sending = em envio
state-paused = em pausa
state-sent = enviada
state-skipped = omitida
state-cancelled = cancelada
delivery-queued = em espera
delivery-sending = em envio
delivery-accepted = aceita
delivery-deferred = adiada
delivery-rejected = recusada
delivery-suppressed = excluída
delivery-expired = expirada
delivery-in-doubt = incerta

# The list of drafts.
drafts-lede = Edições montadas e ainda não enviadas.
drafts-empty = Nenhum rascunho espera. Uma newsletter com horário monta o rascunho antes da hora; você também pode montar um agora.
drafts-build = Montar um rascunho agora
drafts-build-note = Com os artigos que esperam pela newsletter.
drafts-nothing = Não há nada para enviar em { $newsletter }:
draft-name = { $newsletter }, edição { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = sai em { $time }
draft-was-due = devia sair em { $time }
draft-on-demand = sai quando alguém a envia
draft-waits-for-approval = espera a aprovação

# A draft.
draft-approve = Aprovar
draft-withdraw = Retirar a aprovação
draft-send = Enviar agora…
draft-cancel = Cancelar a edição
draft-readers = Leitores e versões
draft-publisher-approves = Um editor responsável ou proprietário a aprova. Até lá, não é enviada.
draft-checks = Verificações
draft-checks-passed = As verificações não encontraram nada. A edição pode sair.
finding-blocks = impede a edição
finding-warns = aviso
finding-size = A mensagem é grande demais
finding-headers = Falta um cabeçalho ou ele está errado
finding-unsubscribe = Não é possível cancelar a inscrição em toda parte
finding-https = O link para cancelar a inscrição não é seguro
finding-text = Falta algo na versão em texto
finding-links = Um link está errado
finding-images = Falta o tamanho ou a descrição de uma imagem
finding-contrast = Há texto difícil de ler
finding-subject = O assunto falta ou é longo demais
finding-postal-address = Falta o endereço postal
finding-document = Falta o idioma ou o título
finding-hidden-text = Há texto oculto
finding-support = Alguns programas de e-mail não mostram tudo
draft-stories =
    { $count ->
        [one] 1 notícia na edição
       *[other] { $count } notícias na edição
    }
draft-left-out = Fora da edição
draft-show-all =
    { $count ->
        [one] Mostrar mais 1
       *[other] Mostrar mais { $count }
    }
story-drag = Arraste a notícia para outro lugar
story-up = Subir
story-down = Descer
story-pin = Fixar
story-unpin = Soltar
story-pinned = fixada
story-put-in = Incluir
story-more = Alterar
story-score = pontos: { $score }
story-headline = Título
story-headline-note = Deixe vazio para usar o título do artigo.
story-change-headline = Salvar o título
story-place = Lugar
story-place-wrong = Escreva um lugar de 1 a { $count }.
story-move = Mover
story-because = Por que fica de fora
story-drop = Deixar de fora
story-join-with = Juntar à notícia
story-join = Juntar
story-split = Tornar uma notícia própria
story-split-note = Estes artigos são uma notícia.
story-unknown = O rascunho já não tem essa notícia. Olhe-o de novo.
draft-texts = Assunto e introdução
draft-subject = Assunto
draft-subject-note = Deixe vazio para usar o assunto da newsletter. Estas palavras são substituídas:
draft-subject-wrong = Este assunto não pode ser usado: { $reason }
slot-lead = o primeiro título
slot-date = a data da edição
slot-count = quantas notícias há
slot-newsletter = o nome da newsletter
slot-number = o número da edição
draft-intro = Introdução
draft-intro-note = Um texto curto antes das notícias.
draft-save-texts = Salvar
draft-reset = Desfazer todas as alterações
draft-reset-note = O rascunho volta a ser como foi montado: ordem, títulos, assunto e introdução.
draft-would-be-empty = Não restaria nenhuma notícia. Em vez disso, cancele a edição.
draft-test-send = Enviar um teste
draft-test-to = E-mail para o teste
draft-test-waits = { $to }: espera o envio
draft-test-retried = { $to }: nova tentativa, porque { $reply }
draft-test-accepted = { $to }: enviado em { $time }
draft-test-failed = { $to }: não enviado, porque { $reply }
draft-test-interrupted = { $outcome }. O programa terminou enquanto enviava este teste. Voltou à fila em { $time }, por isso pode chegar duas vezes.
draft-preview = Prévia
preview-phone = Em um telefone
preview-desktop = Em um computador
preview-text = Como texto
draft-back = Voltar ao rascunho
notice-draft-built = O rascunho está montado.
notice-draft-changed = O rascunho foi alterado.
notice-draft-approved = A edição está aprovada. Uma alteração retira a aprovação.
notice-approval-withdrawn = A aprovação foi retirada.
notice-draft-cancelled = A edição foi cancelada. Seus artigos esperam pela próxima.
notice-test-queued = O teste está a caminho. Recarregue a página para ver o resultado.

# Two operators changed a draft.
conflict-title = Alguém alterou este rascunho entretanto
conflict-by-program = Um artigo dele foi corrigido, ou o horário o alterou.
conflict-kept = Nada foi sobrescrito. Olhe o rascunho como está agora e decida sobre o que queria fazer:
conflict-again = Fazer agora: { $action }
conflict-gone = A edição já não pode ser alterada. O estado dela é: { $state }.
draft-changed-by = { $name } o alterou, { $time }
draft-approved-by = { $name } o aprovou, { $time }
draft-withdrawn-by = { $name } retirou a aprovação, { $time }
draft-sent-by = { $name } o enviou, { $time }
draft-cancelled-by = { $name } o cancelou, { $time }

# The question before an issue is sent or cancelled.
send-title = Enviar { $issue } agora?
send-readers =
    { $count ->
        [one] { $count } leitor a recebe.
       *[other] { $count } leitores a recebem.
    }
send-weekly =
    { $count ->
        [one] { $count } deles recebe a versão semanal.
       *[other] { $count } deles recebem a versão semanal.
    }
send-not-mailed = Sem envio:
send-instead-of = Sairia por si só em { $time }.
send-button =
    { $count ->
        [one] Enviar a { $count } leitor
       *[other] Enviar a { $count } leitores
    }
send-needs-approval = A edição espera a aprovação. Leia, aprove e depois envie.
send-no-reader = Ninguém a receberia. A edição fica como está e mantém seus artigos.
send-blocked = Nada foi enviado. As verificações impedem a edição: { $reason }
cancel-title = Cancelar { $issue }?
cancel-text = Nada dela é enviado. Seus artigos esperam pela próxima edição.
editions-none = Todos os leitores recebem a mesma edição.
edition-unapproved = não aprovada: seus leitores recebem a edição inteira

# Issues that were sent.
issues-empty = Nenhuma edição foi enviada ainda.
issues-older = Edições anteriores
issue-recipients =
    { $count ->
        [one] { $count } destinatário
       *[other] { $count } destinatários
    }
issue-started = começou em { $time }
issue-finished = terminou em { $time }
issue-progress = { $done } de { $total } concluídas
issue-live = Os números se atualizam sozinhos.
issue-reload = Recarregar
issue-in-archive = A edição como os leitores a veem
issue-pause = Pausar
issue-resume = Retomar
issue-settle-accepted = Elas chegaram
issue-settle-resend = Enviar de novo
issue-pause-text = As mensagens a caminho terminam e nenhuma outra é enviada. Você pode retomar a edição depois.
issue-resume-text = As mensagens que restam são enviadas.
issue-cancel-text = As mensagens que restam não são enviadas. Isso não pode ser desfeito.
issue-settle-accepted-text = As mensagens incertas contam como aceitas. Nada mais é enviado a esses leitores.
issue-settle-resend-text = As mensagens incertas são enviadas de novo com o mesmo Message-ID. Alguns leitores talvez recebam a edição duas vezes.
issue-in-doubt =
    { $count ->
        [one] { $count } mensagem é incerta
       *[other] { $count } mensagens são incertas
    }
issue-in-doubt-text = A conexão com o servidor de envio caiu enquanto ele recebia estas mensagens. Ele pode tê-las aceitado ou não. Veja o registro dele e depois decida.
issue-back = Voltar à edição
issue-proof = Relatório de envio
report-came-back = O que voltou
report-hard-bounces = devoluções definitivas
report-soft-bounces = devoluções temporárias
report-other-bounces = outras devoluções
report-complaints = reclamações
report-domains = Por domínio do destinatário
report-domain = domínio
report-editions = Versões
report-state = estado
report-reason = motivo
report-deliveries = mensagens
report-sum = total
report-adds-up = cada destinatário é contado uma vez
report-differs = no início, a edição tinha outra quantidade de destinatários
proof-balanced =
    { $count ->
        [one] O relatório fecha: { $count } destinatário, em um estado, com um motivo.
       *[other] O relatório fecha: { $count } destinatários, cada um em um estado, com um motivo.
    }
proof-unbalanced = O relatório não fecha: { $counted } destinatários são contados e no início eram { $frozen }.
notice-sending-started = A edição está em envio.
notice-issue-paused = A edição está em pausa.
notice-issue-resumed = A edição está em envio de novo.
notice-issue-cancelled = A edição foi cancelada.
notice-issue-settled = A decisão sobre as mensagens incertas foi tomada.
notice-issue-state-changed = Nada foi feito, porque a edição já está em outro estado.

# What needs an operator today.
today-needs = O que precisa de você
today-next = O que sai a seguir
today-last = A última edição
today-no-newsletter = Ainda não há newsletter. Editores responsáveis e proprietários criam uma em “Newsletters”.
today-no-schedule = Nenhuma newsletter tem horário. Monte um rascunho e envie você mesmo.
today-numbers = { $accepted } aceitas, { $rejected } recusadas, { $open } restantes
need-relay = O servidor de envio não aceita mensagens
need-paused = { $issue } está em pausa
need-in-doubt =
    { $count ->
        [one] { $count } mensagem de { $issue } é incerta
       *[other] { $count } mensagens de { $issue } são incertas
    }
need-feeds =
    { $count ->
        [one] { $count } feed falha
       *[other] { $count } feeds falham
    }
need-comments =
    { $count ->
        [one] { $count } comentário espera por você
       *[other] { $count } comentários esperam por você
    }
need-alerts =
    { $count ->
        [one] { $count } limite de devoluções ou reclamações foi atingido
       *[other] { $count } limites de devoluções ou reclamações foram atingidos
    }
