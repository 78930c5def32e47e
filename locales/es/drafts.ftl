# The pages of the console about drafts and issues, and what needs an operator today.
console-drafts = Borradores
console-issues = Números
state-draft = borrador
state-approved = aprobado
state-sending = enviándose
state-paused = en pausa
state-sent = enviado
state-skipped = omitido
state-cancelled = cancelado
delivery-queued = en espera
delivery-sending = enviándose
delivery-accepted = aceptado
delivery-deferred = aplazado
delivery-rejected = rechazado
delivery-suppressed = excluido
delivery-expired = caducado
delivery-in-doubt = dudoso

# The list of drafts.
drafts-lede = Números compuestos que aún no se han enviado.
drafts-empty = Ningún borrador espera. Un boletín con horario compone su borrador antes de la hora; también puede componer uno ahora.
drafts-build = Componer un borrador ahora
drafts-build-note = Con los artículos que esperan al boletín.
drafts-nothing = No hay nada que enviar en { $newsletter }:
draft-name = { $newsletter }, número { $number }
draft-time-in-utc = { $local } ({ $utc })
draft-goes-out = sale el { $time }
draft-was-due = debía salir el { $time }
draft-on-demand = sale cuando alguien lo envía
draft-waits-for-approval = espera la aprobación

# A draft.
draft-approve = Aprobar
draft-withdraw = Retirar la aprobación
draft-send = Enviar ahora…
draft-cancel = Cancelar el número
draft-readers = Lectores y ediciones
draft-publisher-approves = Lo aprueba un editor responsable o un propietario. Hasta entonces no se envía.
draft-checks = Comprobaciones
draft-checks-passed = Las comprobaciones no han encontrado nada. El número puede salir.
finding-blocks = detiene el número
finding-warns = aviso
finding-size = El mensaje es demasiado grande
finding-headers = Falta una cabecera o es incorrecta
finding-unsubscribe = No en todas partes se puede cancelar la suscripción
finding-https = El enlace para cancelar la suscripción no es seguro
finding-text = Falta algo en la versión de texto
finding-links = Un enlace es incorrecto
finding-images = A una imagen le falta el tamaño o la descripción
finding-contrast = Hay texto difícil de leer
finding-subject = Falta el asunto o es demasiado largo
finding-postal-address = Falta la dirección postal
finding-document = Falta el idioma o el título
finding-hidden-text = Hay texto oculto
finding-support = Algunos programas de correo no muestran todo
draft-stories =
    { $count ->
        [one] 1 noticia en el número
       *[other] { $count } noticias en el número
    }
draft-left-out = Fuera del número
draft-show-all =
    { $count ->
        [one] Mostrar 1 más
       *[other] Mostrar { $count } más
    }
story-drag = Arrastre la noticia a otro lugar
story-up = Subir
story-down = Bajar
story-pin = Fijar
story-unpin = Soltar
story-pinned = fijada
story-put-in = Incluir
story-more = Cambiar
story-score = puntuación { $score }
story-headline = Titular
story-headline-note = Déjelo vacío para usar el titular del artículo.
story-change-headline = Guardar el titular
story-place = Lugar
story-place-wrong = Escriba un lugar del 1 al { $count }.
story-move = Mover
story-because = Por qué queda fuera
story-drop = Dejar fuera
story-join-with = Unir a la noticia
story-join = Unir
story-split = Convertir en noticia propia
story-split-note = Estos artículos son una noticia.
story-unknown = El borrador ya no tiene esa noticia. Mírelo de nuevo.
draft-texts = Asunto e introducción
draft-subject = Asunto
draft-subject-note = Déjelo vacío para usar el asunto del boletín. Estas palabras se sustituyen:
draft-subject-wrong = Este asunto no se puede usar: { $reason }
slot-lead = el primer titular
slot-date = la fecha del número
slot-count = la cantidad de noticias
slot-newsletter = el nombre del boletín
slot-number = el número de la edición
draft-intro = Introducción
draft-intro-note = Un texto breve antes de las noticias.
draft-save-texts = Guardar
draft-reset = Deshacer todos los cambios
draft-reset-note = El borrador vuelve a ser como se compuso: orden, titulares, asunto e introducción.
draft-would-be-empty = No quedaría ninguna noticia. Cancele el número.
draft-test-send = Enviar una prueba
draft-test-to = Correo para la prueba
draft-test-waits = { $to }: espera el envío
draft-test-retried = { $to }: se intenta de nuevo, porque { $reply }
draft-test-accepted = { $to }: enviada el { $time }
draft-test-failed = { $to }: no enviada, porque { $reply }
draft-test-interrupted = { $outcome }. El programa terminó mientras enviaba esta prueba. Volvió a la cola el { $time }, así que puede llegar dos veces.
draft-preview = Vista previa
preview-phone = En un teléfono
preview-desktop = En un ordenador
preview-text = Como texto
draft-back = Volver al borrador
notice-draft-built = El borrador está compuesto.
notice-draft-changed = El borrador se ha cambiado.
notice-draft-approved = El número está aprobado. Un cambio retira la aprobación.
notice-approval-withdrawn = Se ha retirado la aprobación.
notice-draft-cancelled = El número se ha cancelado. Sus artículos esperan al siguiente.
notice-test-queued = La prueba está en camino. Vuelva a cargar la página para ver el resultado.

# Two operators changed a draft.
conflict-title = Alguien ha cambiado este borrador mientras tanto
conflict-by-program = Se ha corregido un artículo del borrador, o lo ha cambiado el horario.
conflict-kept = No se ha sobrescrito nada. Mire el borrador como está ahora y decida sobre lo que quería hacer:
conflict-again = Hacerlo ahora: { $action }
conflict-gone = El número ya no se puede cambiar. Su estado es: { $state }.
draft-changed-by = { $name } lo ha cambiado, { $time }
draft-approved-by = { $name } lo ha aprobado, { $time }
draft-withdrawn-by = { $name } ha retirado la aprobación, { $time }
draft-sent-by = { $name } lo ha enviado, { $time }
draft-cancelled-by = { $name } lo ha cancelado, { $time }

# The question before an issue is sent or cancelled.
send-title = ¿Enviar { $issue } ahora?
send-readers =
    { $count ->
        [one] Lo recibe 1 lector.
       *[other] Lo reciben { $count } lectores.
    }
send-weekly =
    { $count ->
        [one] 1 de ellos recibe la edición semanal.
       *[other] { $count } de ellos reciben la edición semanal.
    }
send-not-mailed = Sin envío:
send-instead-of = Saldría por sí solo el { $time }.
send-button =
    { $count ->
        [one] Enviar a 1 lector
       *[other] Enviar a { $count } lectores
    }
send-needs-approval = El número espera la aprobación. Léalo, apruébelo y después envíelo.
send-no-reader = Nadie lo recibiría. El número queda como está y conserva sus artículos.
send-blocked = No se ha enviado nada. Las comprobaciones detienen el número: { $reason }
cancel-title = ¿Cancelar { $issue }?
cancel-text = No se envía nada. Sus artículos esperan al número siguiente.
editions-none = Todos los lectores reciben el mismo número.
edition-unapproved = no aprobada: sus lectores reciben el número completo

# Issues that were sent.
issues-empty = Aún no se ha enviado ningún número.
issues-older = Números anteriores
issue-recipients =
    { $count ->
        [one] 1 destinatario
       *[other] { $count } destinatarios
    }
issue-started = empezó el { $time }
issue-finished = terminó el { $time }
issue-progress = { $done } de { $total } listos
issue-live = Las cifras se actualizan solas.
issue-reload = Cargar de nuevo
issue-in-archive = La edición como la ven los lectores
issue-pause = Poner en pausa
issue-resume = Reanudar
issue-settle-accepted = Han llegado
issue-settle-resend = Enviarlos de nuevo
issue-pause-text = Los mensajes en camino terminan y no se envía ninguno más. Puede reanudar el número después.
issue-resume-text = Se envían los mensajes que quedan.
issue-cancel-text = Los mensajes que quedan no se envían. No se puede deshacer.
issue-settle-accepted-text = Los mensajes dudosos cuentan como aceptados. A esos lectores no se les envía nada más.
issue-settle-resend-text = Los mensajes dudosos se envían de nuevo con el mismo Message-ID. Algunos lectores quizá reciban el número dos veces.
issue-in-doubt =
    { $count ->
        [one] 1 mensaje es dudoso
       *[other] { $count } mensajes son dudosos
    }
issue-in-doubt-text = La conexión con el servidor de envío se cortó mientras tomaba estos mensajes. Puede que los aceptara o no. Mire su registro y después decida.
issue-back = Volver al número
issue-proof = Informe de envío
report-came-back = Lo que ha vuelto
report-hard-bounces = rebotes definitivos
report-soft-bounces = rebotes temporales
report-other-bounces = otros rebotes
report-complaints = quejas
report-domains = Por dominio del destinatario
report-domain = dominio
report-editions = Ediciones
report-state = estado
report-reason = motivo
report-deliveries = mensajes
report-sum = total
report-adds-up = cada destinatario cuenta una vez
report-differs = al empezar, el número tenía otra cantidad de destinatarios
proof-balanced =
    { $count ->
        [one] El informe cuadra: 1 destinatario, en un estado, con un motivo.
       *[other] El informe cuadra: { $count } destinatarios, cada uno en un estado, con un motivo.
    }
proof-unbalanced = El informe no cuadra: se cuentan { $counted } destinatarios y al empezar había { $frozen }.
notice-sending-started = El número se está enviando.
notice-issue-paused = El número está en pausa.
notice-issue-resumed = El número se envía de nuevo.
notice-issue-cancelled = El número se ha cancelado.
notice-issue-settled = Se ha decidido sobre los mensajes dudosos.
notice-issue-state-changed = No se ha hecho nada, porque el número ya está en otro estado.

# What needs an operator today.
today-needs = Lo que le necesita
today-next = Lo que sale a continuación
today-last = El último número
today-no-newsletter = Aún no hay ningún boletín. Los editores responsables y los propietarios crean uno en «Boletines».
today-no-schedule = Ningún boletín tiene horario. Componga un borrador y envíelo usted.
today-numbers = { $accepted } aceptados, { $rejected } rechazados, { $open } pendientes
need-relay = El servidor de envío no acepta correo
need-paused = { $issue } está en pausa
need-in-doubt =
    { $count ->
        [one] 1 mensaje de { $issue } es dudoso
       *[other] { $count } mensajes de { $issue } son dudosos
    }
need-feeds =
    { $count ->
        [one] 1 fuente falla
       *[other] { $count } fuentes fallan
    }
need-comments =
    { $count ->
        [one] 1 comentario le espera
       *[other] { $count } comentarios le esperan
    }
need-alerts =
    { $count ->
        [one] Se ha alcanzado 1 límite de rebotes o quejas
       *[other] Se han alcanzado { $count } límites de rebotes o quejas
    }
