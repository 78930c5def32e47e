comments-elsewhere = Os comentários ficam em { $host }. Ao mostrá-los, seu navegador se conecta a esse servidor.
comments-show = Mostrar comentários
comments-need-script = Os comentários de { $host } precisam de JavaScript.
