# Los correos a los lectores: confirmación, avisos sobre una suscripción y el boletín.

confirm-mail-subject = Confirme su suscripción a { $newsletters }
confirm-mail-request = Alguien, probablemente usted, ha pedido a { $site } que envíe { $newsletters } a esta dirección. Los envíos empezarán cuando lo confirme.
confirm-mail-button = Abrir la página de confirmación
confirm-mail-open = Si el botón no funciona, abra esta dirección:
confirm-mail-open-text = Para confirmar, abra esta dirección y pulse el botón de la página:
confirm-mail-valid = El enlace funciona una vez, { $within }. Abre una página con un botón, y no ocurre nada hasta que lo pulse.
confirm-mail-valid-text = El enlace funciona una vez, { $within }. No ocurre nada hasta que pulse el botón de su página.
within-minutes =
    { $count ->
        [one] durante 1 minuto
       *[other] durante { $count } minutos
    }
within-hours =
    { $count ->
        [one] durante 1 hora
       *[other] durante { $count } horas
    }
within-days =
    { $count ->
        [one] durante 1 día
       *[other] durante { $count } días
    }
confirm-mail-ignore = Si no ha sido usted, ignore este correo. Sin su confirmación no habrá ninguna suscripción.
confirm-mail-sent-by = Enviado automáticamente por <a>{ $site }</a> porque alguien inscribió esta dirección.
imported-mail-request = Su dirección está en una lista de lectores que { $site } ha traído de otro sistema. Su consentimiento para { $newsletters } no consta aquí, así que se lo preguntamos una sola vez. Los envíos empezarán solo si lo confirma.
imported-mail-ignore = Si no lo desea, ignore este correo. No habrá ninguna suscripción y no volveremos a preguntar.
imported-mail-sent-by = Enviado automáticamente por <a>{ $site }</a> porque esta dirección está en una lista que hemos traído de otro sistema.

already-subscribed-subject = Ya recibe { $newsletters }
already-subscribed-opening = Alguien, muy probablemente usted, ha pedido a { $site } que envíe { $newsletters } a esta dirección. La suscripción ya existe, así que no hay nada que confirmar.
already-subscribed-paused = Está en pausa. Para terminarla, cambie sus ajustes.
already-subscribed-closing = Si no ha sido usted, no haga nada: su suscripción sigue como está.
change-preferences = Cambiar los ajustes
subscription-mail-sent-by = Enviado automáticamente por <a>{ $site }</a> porque esta dirección está suscrita allí.
requested-mail-sent-by = Enviado automáticamente por <a>{ $site }</a> porque alguien lo pidió en nuestro sitio.
former-address-mail-sent-by = Enviado automáticamente por <a>{ $site }</a> porque hasta ahora sus boletines llegaban a esta dirección.

changed-subject = Sus ajustes de { $newsletter } han cambiado
changed-subject-paused = { $newsletter } está en pausa hasta el { $day }
changed-subject-resumed = { $newsletter } ya no está en pausa
changed-opening = Alguien, muy probablemente usted, ha usado el enlace de uno de sus correos para cambiar sus ajustes. Ahora son estos.
changed-closing = Si no ha sido usted, alguien tiene un correo suyo. Abra el enlace de arriba para terminar una pausa o pedir un enlace a sus suscripciones. Elimine los enlaces al pie de los correos antes de reenviarlos.
now-paused-until = No se le enviará nada hasta el { $day }.
now-paused-after-bounces = Está en pausa porque su buzón no aceptó nuestros correos. El enlace de abajo termina la pausa.
now-every-issue = Recibe todos los números.
now-weekly = Recibe un número por semana.
now-all-topics = Recibe todos los temas.
now-topics = Recibe estos temas: { $topics }.
now-time-zone = Su zona horaria es { $zone }.
now-language = El idioma de nuestros correos: { $language }.

view-in-browser = Ver en el navegador
corrections-subject =
    { $count ->
        [one] { $newsletter }: una corrección
       *[other] { $newsletter }: { $count } correcciones
    }
best-of-week-issue = Lo mejor de la semana, del n.º { $number }.
best-of-week = Lo mejor de la semana, del n.º { $first } al { $last }.
missed-issue = Lo que se ha perdido: lo mejor del n.º { $number }.
missed-issues = Lo que se ha perdido: lo mejor del n.º { $first } al { $last }.
story-published = publicado: { $time }
story-reached-us = recibido: { $time }
story-sources =
    { $count ->
        [one] 1 fuente, recibida: { $time }
       *[other] { $count } fuentes, primera noticia recibida: { $time }
    }
more-on-site = { $count } más en el sitio
digest-reason = Recibe este correo por su suscripción a { $newsletter }, un boletín de { $site }.
manage-subscription = Gestionar la suscripción
read-on-site = Leer en el sitio
