# The page of the console about webhooks.
console-webhooks = Webhooks
webhooks-lede = Otros programas reciben los eventos de este sitio: una suscripción confirmada, un número enviado, un mensaje devuelto. Cada mensaje va firmado y contiene direcciones de lectores.
webhooks-none = Ningún programa recibe eventos todavía.
webhook-counts = En espera: { $waiting } · entregados: { $delivered } · fallidos: { $failed }
webhook-enabled = recibe eventos
webhook-disabled-since = desactivado desde { $time }
webhook-failing-since = falla desde { $time }
webhook-all-events = todos los eventos

# Adding and changing a webhook.
webhook-add = Añadir un webhook
webhook-url = Dirección que recibe los eventos
webhook-url-note = Por ejemplo https://crm.example.org/events. Una dirección de su propia red debe estar en el ajuste webhooks.allow.
webhook-name-note = Letras, cifras, puntos, guiones y guiones bajos. Sin nombre, se llama como el servidor de la dirección.
webhook-events = Eventos
webhook-events-note = Si no elige ninguno, recibe todos los eventos, también los de versiones posteriores.
webhook-secret = Este es el secreto de { $name }. No se vuelve a mostrar: cópielo ahora en el programa que recibe los eventos, que comprueba con él las firmas.
webhook-name-wrong = Escriba de 1 a { $most } letras, cifras, puntos, guiones o guiones bajos.
webhook-taken = Ya hay un webhook con este nombre. Elija otro nombre.
webhook-too-many = Ya hay { $most } webhooks. Quite uno primero.
webhook-address-refused = No se pueden enviar eventos allí: { $reason }

# One webhook.
webhook-added = Añadido el { $time }
webhook-previous-until = El secreto anterior también firma hasta el { $time }.
webhook-test = Enviar un evento de prueba
webhook-test-accepted = El evento de prueba se aceptó con el estado { $status }.
webhook-test-failed = El evento de prueba no se aceptó:
webhook-enable = Activarlo
webhook-try-now = Reintentar ahora
webhook-disable = Desactivarlo…
webhook-disable-text = No recibe eventos hasta que se active. Los de ese intervalo no se envían después.
webhook-disable-now = Desactivar este webhook
webhook-rotate = Crear un secreto nuevo…
webhook-rotate-text = Durante 24 horas cada mensaje se firma con ambos secretos, para que no se pierda nada mientras lo cambia en el programa.
webhook-rotate-now = Crear el secreto nuevo ahora
webhook-change = Dirección y eventos
webhook-remove = Quitarlo…
webhook-remove-text = Lo que espera para él no se envía, y su registro se borra.
webhook-remove-now = Quitar este webhook

# The log of a webhook.
webhook-log = Lo que se envió
webhook-log-none = No hay ningún mensaje que mostrar. Un mensaje aparece aquí cuando ocurre su evento.
webhook-event = Evento
webhook-attempts = Intentos
webhook-answer = Respuesta
webhook-waiting = en espera
webhook-delivered = entregado
webhook-failed = fallido
webhook-next = próximo intento el { $time }
webhook-replay = Enviar de nuevo
webhook-replay-failed = Enviar de nuevo todos los fallidos
webhook-older = Mensajes anteriores

# After an action.
notice-webhook-changed = Se cambió el webhook.
notice-webhook-enabled = El webhook recibe eventos y se prueba enseguida.
notice-webhook-disabled = El webhook ya no recibe eventos.
notice-webhook-removed = Se quitó el webhook.
notice-webhook-replayed = Se envía de nuevo en un momento. Vuelva a cargar la página para ver el resultado.
