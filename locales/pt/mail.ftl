# Os e-mails aos leitores: confirmação, avisos sobre uma assinatura e a newsletter.

confirm-mail-subject = Confirme sua assinatura de { $newsletters }
confirm-mail-request = Alguém, provavelmente você, pediu que { $site } envie { $newsletters } a este endereço. O envio começa assim que você confirmar.
confirm-mail-button = Abrir a página de confirmação
confirm-mail-open = Se o botão não funcionar, abra este endereço:
confirm-mail-open-text = Para confirmar, abra este endereço e aperte o botão da página:
confirm-mail-valid = O link funciona uma vez, { $within }. Ele abre uma página com um botão, e nada acontece até você apertá-lo.
confirm-mail-valid-text = O link funciona uma vez, { $within }. Nada acontece até você apertar o botão da página.
within-minutes =
    { $count ->
        [one] durante { $count } minuto
       *[other] durante { $count } minutos
    }
within-hours =
    { $count ->
        [one] durante { $count } hora
       *[other] durante { $count } horas
    }
within-days =
    { $count ->
        [one] durante { $count } dia
       *[other] durante { $count } dias
    }
confirm-mail-ignore = Se não foi você, ignore este e-mail. Sem a sua confirmação, nenhuma assinatura será feita.
confirm-mail-sent-by = Enviado automaticamente por <a>{ $site }</a> porque alguém cadastrou este endereço.
imported-mail-request = O seu endereço está em uma lista de leitores que { $site } trouxe de outro sistema. O seu consentimento para { $newsletters } não está registrado aqui, por isso perguntamos uma única vez. O envio começa só se você confirmar.
imported-mail-ignore = Se você não quiser, ignore este e-mail. Nenhuma assinatura será feita, e não perguntaremos de novo.
imported-mail-sent-by = Enviado automaticamente por <a>{ $site }</a> porque este endereço está em uma lista que trouxemos de outro sistema.

already-subscribed-subject = Você já assina { $newsletters }
already-subscribed-opening = Alguém, muito provavelmente você, pediu que { $site } envie { $newsletters } a este endereço. A assinatura já existe, então não há nada a confirmar.
already-subscribed-paused = Ela está em pausa. Para encerrar a pausa, altere suas configurações.
already-subscribed-closing = Se não foi você, não faça nada: sua assinatura continua como está.
change-preferences = Alterar as configurações
subscription-mail-sent-by = Enviado automaticamente por <a>{ $site }</a>, porque este endereço tem uma assinatura lá.
requested-mail-sent-by = Enviado automaticamente por <a>{ $site }</a>, porque alguém pediu isso em nosso site.
former-address-mail-sent-by = Enviado automaticamente por <a>{ $site }</a>, porque até agora suas newsletters chegavam a este endereço.

changed-subject = Suas configurações de { $newsletter } mudaram
changed-subject-paused = { $newsletter } está em pausa até { $day }
changed-subject-resumed = { $newsletter } não está mais em pausa
changed-opening = Alguém, muito provavelmente você, usou o link de um dos seus e-mails para alterar suas configurações. Agora elas são assim.
changed-closing = Se não foi você, alguém tem um e-mail seu. Abra o link acima para encerrar uma pausa ou pedir um link para as suas assinaturas. Apague os links no rodapé dos e-mails antes de encaminhá-los.
now-paused-until = Nada será enviado a você até { $day }.
now-paused-after-bounces = A assinatura está em pausa porque sua caixa de correio não aceitou nossos e-mails. O link abaixo encerra a pausa.
now-every-issue = Você recebe todas as edições.
now-weekly = Você recebe uma edição por semana.
now-all-topics = Você recebe todos os temas.
now-topics = Você recebe estes temas: { $topics }.
now-time-zone = Seu fuso horário é { $zone }.
now-language = O idioma dos nossos e-mails: { $language }.

view-in-browser = Ver no navegador
corrections-subject =
    { $count ->
        [one] { $newsletter }: uma correção
       *[other] { $newsletter }: { $count } correções
    }
best-of-week-issue = O melhor da semana, do nº { $number }.
best-of-week = O melhor da semana, do nº { $first } ao { $last }.
missed-issue = O que você perdeu: o melhor do nº { $number }.
missed-issues = O que você perdeu: o melhor do nº { $first } ao { $last }.
story-published = publicado: { $time }
story-reached-us = recebido: { $time }
story-sources =
    { $count ->
        [one] { $count } fonte, recebida: { $time }
       *[other] { $count } fontes, primeira notícia recebida: { $time }
    }
more-on-site =
    { $count ->
        [one] mais { $count } no site
       *[other] mais { $count } no site
    }
digest-reason = Você recebe este e-mail porque assina { $newsletter }, uma newsletter de { $site }.
manage-subscription = Gerenciar a assinatura
read-on-site = Ler no site
