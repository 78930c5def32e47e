# Las palabras del registro de una estación de radio (site.voice = "radio"). plain.ftl tiene los mismos mensajes.

signup-label = transmission_log
subscribe-to = Suscribirse a la emisión.
latest = Últimas transmisiones
nothing-yet = Aún no hay nada en el aire. La primera transmisión aparecerá en cuanto llegue.
read-latest = Leer las últimas transmisiones
article-id = { $id }
comments-label = operator_channel
comments-status = comments_offline · provider_not_configured
no-such-page = En esta dirección no se transmite nada. Puede estar mal escrita o cortada.
check-address = Compruebe la dirección o vaya a las últimas transmisiones.
unavailable = Fuera del aire por un momento
opening =
    { $count ->
        [0] Este número no tiene noticias nuevas. Corrige números anteriores.
        [one] 1 transmisión en el registro.
       *[other] { $count } transmisiones en el registro, las más importantes primero.
    }
opening-by-hand =
    { $count ->
        [0] Este número no tiene noticias nuevas. Corrige números anteriores.
        [one] 1 transmisión en el registro.
       *[other] { $count } transmisiones en el registro.
    }
also-in-issue = También en el registro
other-topic = Otras señales
corrections = Correcciones de señal
end-of-issue = Fin de la transmisión.
more-stories = Más transmisiones
earlier-stories = Transmisiones anteriores
