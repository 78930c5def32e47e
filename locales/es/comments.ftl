comments-elsewhere = Los comentarios están en { $host }. Al mostrarlos, su navegador se conecta con ese servidor.
comments-show = Mostrar los comentarios
comments-need-script = Los comentarios de { $host } necesitan JavaScript.
