# O formulário de assinatura, as páginas dos links dos e-mails e as configurações.

subscribe = Assinar
check-form = Confira o formulário
no-newsletter-title = Ainda não há newsletter
no-newsletter-text = Ainda não há nada para assinar. Volte mais tarde.
newsletters-legend = Newsletters
email = E-mail
name = Nome
optional = opcional
honeypot = Site: deixe este campo vazio, ele é só para máquinas
chosen-newsletter = Newsletter:
choose-others = Escolher outras
form-delivery = Enviaremos um e-mail com um link de confirmação. Você não recebe mais nada enquanto não usar o link.
form-consent = Ao assinar, você concorda em receber { $newsletter } de { $site }. Cancele quando quiser com o link em cada edição.
form-consent-chosen = Ao assinar, você concorda em receber as newsletters escolhidas de { $site }. Cancele quando quiser com o link em cada edição.
did-you-mean = Você quis dizer { $domain }? Corrija o endereço ou pressione o botão de novo para mantê-lo.
form-wrong-title = Este formulário não está bem configurado
form-wrong-happened = O campo “{ $field }” indica uma página de um site que não pode usar este formulário. Nada foi enviado.
form-wrong-next = Avise o site que mostrou o formulário ou assine em nossa própria página.
topics-of = Temas de { $newsletter }
time-zone-of-newsletter = O fuso horário da newsletter
time-zone-used = Cada edição chega no seu horário neste fuso.

check-inbox-title = Veja seu e-mail
check-inbox-heading = Veja seu e-mail.
check-inbox-text = Se este endereço ainda não tem assinatura, um link de confirmação está a caminho. Abra o link e aperte o botão para confirmar.
check-inbox-retry = Nada depois de alguns minutos? Veja na pasta de spam, confira o endereço e <a>tente de novo</a>.
check-inbox-captured = Este site funciona sem servidor de envio: o e-mail está na <a>caixa de entrada</a>.

prove-title = Mais um passo
prove-heading = Mais um passo.
prove-text = Muitas pessoas, ou programas, estão se inscrevendo neste momento. Este passo mantém os programas de fora. Nada foi enviado ainda.
prove-working = Seu navegador faz este passo por você. Leva alguns segundos.
prove-wrong = A resposta está errada ou chegou tarde demais. Tente mais uma vez.
prove-question = Quanto é { $one } mais { $other }?

confirm-title = Confirme sua assinatura
confirm-heading = Confirme sua assinatura.
confirm-text = Aperte o botão e { $site } enviará a você:
confirm-button = Confirmar a assinatura
confirm-ignore = Se você não pediu isso, feche esta página e nenhuma assinatura será feita.
confirmed-title = Assinatura confirmada
confirmed-heading = Sua assinatura está confirmada.
confirmed-text = A partir da próxima edição, você recebe:
confirmed-leave = Toda edição tem um link para cancelar a assinatura.

link-fails-title = O link não funciona
link-expired-heading = Este link expirou.
link-expired-text = Links de confirmação funcionam { $within }. Sua assinatura ainda não foi confirmada.
link-used-heading = Este link já foi usado.
link-used-text = Um link de confirmação funciona uma vez. A assinatura que ele confirmou já terminou.
link-unknown-heading = Este link não funciona.
link-unknown-text = Talvez falte uma parte. Abra-o de novo a partir do e-mail ou copie o endereço inteiro.
link-unknown-next = Se isso não ajudar, <a>assine de novo</a> para receber outro.

unsubscribe = Cancelar a assinatura
unsubscribe-heading = Cancelar a assinatura de { $newsletter }?
unsubscribe-text = Sua assinatura ainda está ativa. Aperte o botão para cancelá-la imediatamente.
unsubscribe-instead = Prefere menos edições, outros temas ou uma pausa? <a>Gerencie sua assinatura</a>.
unsubscribed-title = Assinatura cancelada
unsubscribed-heading = Você cancelou a assinatura de { $newsletter }.
unsubscribed-text = Você não recebe mais nenhuma edição.
unsubscribed-mistake = Foi um engano? <a>Assine de novo</a>.

test-link-title = Este link é de um teste
test-link-happened = Este link é de um e-mail de teste. Ele não pertence a nenhuma assinatura e por isso não faz nada.
test-link-next = O e-mail de cada leitor tem um link próprio neste lugar.
bad-link-title = Este link não funciona
bad-link-happened = Ele pode estar mal digitado ou cortado. Nada foi alterado.
bad-link-next = Abra o e-mail de novo e use o link no rodapé ou o botão de cancelar assinatura do seu programa de e-mail.
not-subscribed-title = Não há assinatura
not-subscribed-happened = Você não assina { $newsletter }.
not-subscribed-next = Para receber, use “Assinar” no alto desta página.
not-subscribed-closed = Ela não aceita novas assinaturas.

settings-title = Suas configurações de { $newsletter }
settings-saved = Salvo. Vale a partir da próxima edição.
settings-text = Faça suas escolhas e depois salve.
topics-legend = Temas
topics-note = Deixe todas as caixas vazias para receber todos os temas.
cadence-legend = Frequência
cadence-every = Todas as edições
cadence-weekly = Uma vez por semana, só as melhores notícias
time-zone = Fuso horário
time-zone-note = Por exemplo, Europe/Lisbon ou America/Sao_Paulo. Vale para todas as newsletters que você recebe de nós.
pause-legend = Pausa
paused-until = Em pausa: você não recebe nenhuma edição até { $day }.
paused-after-bounces = Em pausa: sua caixa de correio não aceitou nossos últimos e-mails. Encerre a pausa quando ela voltar a aceitar.
end-pause = Encerrar a pausa agora
pause-or-until = Ou não enviar nada até
pause-until = Não enviar nada até
pause-note = A primeira edição depois da pausa inclui o que você perdeu.
save = Salvar
or-unsubscribe = Ou <a>cancelar a assinatura</a>.

undo-leaving = Desfazer
leaving-legend = Pode nos dizer por quê?
leaving-note = Com suas palavras
leaving-send = Enviar
leaving-thanks = Obrigado. Isso ajuda a redação.
your-data = Seus dados
your-data-text = Qualquer pessoa a quem você encaminhe nossos e-mails pode abrir esta página. Por isso enviamos primeiro um link ao seu endereço.
request-export = Baixar meus dados
request-erasure = Apagar meus dados
