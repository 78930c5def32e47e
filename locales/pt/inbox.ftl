# As páginas dos e-mails guardados enquanto não há servidor de envio.

inbox-label = caixa de entrada
captured-title = E-mails guardados
captured-text = Nenhum servidor de envio está configurado, então toda mensagem termina aqui em vez de ser entregue.
no-message = Nenhuma mensagem ainda.
mail-to = para { $address }
mail-bytes =
    { $count ->
        [one] { $count } byte
       *[other] { $count } bytes
    }
field-from = de
field-to = para
field-captured = recebida
field-size = tamanho
part-navigation = Partes da mensagem
part-html = HTML
part-text = Texto
part-source = Código-fonte
html-iframe = A parte HTML da mensagem
iframe-links = Os links dentro do quadro estão desligados. A lista abaixo os contém.
message-links = Links desta mensagem
no-subject = (sem assunto)
no-html-part = Este e-mail não tem parte HTML.
inbox-private-title = A caixa de entrada não é pública
inbox-private-happened = Ela contém os e-mails dos leitores deste site e os links que estão neles.
inbox-private-next = Abra-a no computador em que este site é executado, envie o token de um operador ou mude inbox.access nas configurações.
