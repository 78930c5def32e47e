# Las páginas de los correos que se guardan mientras no hay un servidor de envío.

inbox-label = bandeja de entrada
captured-title = Correos guardados
captured-text = No hay ningún servidor de envío configurado, así que todos los mensajes terminan aquí en lugar de entregarse.
no-message = Todavía no hay mensajes.
mail-to = para { $address }
mail-bytes =
    { $count ->
        [one] 1 byte
       *[other] { $count } bytes
    }
field-from = de
field-to = para
field-captured = recibido
field-size = tamaño
part-navigation = Partes del mensaje
part-html = HTML
part-text = Texto
part-source = Código fuente
html-iframe = La parte HTML del mensaje
iframe-links = Los enlaces dentro del marco están desactivados. La lista de abajo los contiene.
message-links = Enlaces de este mensaje
no-subject = (sin asunto)
no-html-part = Este correo no tiene parte HTML.
inbox-private-title = La bandeja de entrada no es pública
inbox-private-happened = Contiene los correos a los lectores de este sitio y los enlaces que hay en ellos.
inbox-private-next = Ábrala en el equipo en el que se ejecuta este sitio, envíe el token de un operador o cambie inbox.access en los ajustes.
