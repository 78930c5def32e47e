# Las palabras habituales de un sitio de noticias (site.voice = "plain"). radio.ftl tiene los mismos mensajes.

signup-label = { "" }
subscribe-to = Suscribirse a { $name }
latest = Últimas noticias
nothing-yet = Aún no hay nada aquí. La primera noticia aparecerá en cuanto llegue.
read-latest = Leer las últimas noticias
article-id = Artículo { $id }
comments-label = Comentarios
comments-status = { "" }
no-such-page = Aquí no hay ninguna página. La dirección puede estar mal escrita o cortada.
check-address = Compruebe la dirección o vaya a las últimas noticias.
unavailable = No disponible por un momento
opening =
    { $count ->
        [0] Este número no tiene noticias nuevas. Corrige números anteriores.
        [one] En este número: 1 noticia.
       *[other] En este número: { $count } noticias, las más importantes primero.
    }
opening-by-hand =
    { $count ->
        [0] Este número no tiene noticias nuevas. Corrige números anteriores.
        [one] En este número: 1 noticia.
       *[other] En este número: { $count } noticias.
    }
also-in-issue = También en este número
other-topic = Otras noticias
corrections = Correcciones
end-of-issue = Eso es todo por hoy.
more-stories = Más noticias
earlier-stories = Noticias anteriores
