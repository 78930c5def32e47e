# El formulario de suscripción, las páginas de los enlaces de los correos y los ajustes.

subscribe = Suscribirse
check-form = Revise el formulario
no-newsletter-title = Todavía no hay ningún boletín
no-newsletter-text = Aún no hay nada a lo que suscribirse. Vuelva más adelante.
newsletters-legend = Boletines
email = Correo electrónico
name = Nombre
optional = opcional
honeypot = Sitio web: deje este campo vacío, es solo para máquinas
chosen-newsletter = Boletín:
choose-others = Elegir otros
form-delivery = Le enviaremos un correo con un enlace de confirmación. No recibirá nada más hasta que lo use.
form-consent = Al suscribirse, acepta recibir { $newsletter } de { $site }. Puede darse de baja en cualquier momento con el enlace de cada número.
form-consent-chosen = Al suscribirse, acepta recibir los boletines elegidos de { $site }. Puede darse de baja en cualquier momento con el enlace de cada número.
did-you-mean = ¿Quiso decir { $domain }? Corrija la dirección o pulse otra vez el botón para conservarla.
form-wrong-title = Este formulario no está bien configurado
form-wrong-happened = Su campo «{ $field }» indica una página de un sitio que no puede usar este formulario. No se envió nada.
form-wrong-next = Avise al sitio que le mostró el formulario o suscríbase en nuestra propia página.
topics-of = Temas de { $newsletter }
time-zone-of-newsletter = La zona horaria del boletín
time-zone-used = Cada número llega a su hora en esta zona horaria.

check-inbox-title = Revise su correo
check-inbox-heading = Revise su correo.
check-inbox-text = Si esta dirección aún no está suscrita, un enlace de confirmación va en camino. Abra el enlace y pulse el botón para confirmar.
check-inbox-retry = ¿Nada después de unos minutos? Mire en la carpeta de correo no deseado, compruebe la dirección e <a>inténtelo de nuevo</a>.
check-inbox-captured = Este sitio funciona sin servidor de envío: el correo está en la <a>bandeja de entrada</a>.

prove-title = Un paso más
prove-heading = Un paso más.
prove-text = En este momento se suscriben muchísimas personas, o programas. Este paso deja fuera a los programas. Todavía no se ha enviado nada.
prove-working = Su navegador hace este paso por usted. Tarda unos segundos.
prove-wrong = La respuesta no es correcta o llegó demasiado tarde. Inténtelo otra vez.
prove-question = ¿Cuánto es { $one } más { $other }?

confirm-title = Confirme su suscripción
confirm-heading = Confirme su suscripción.
confirm-text = Pulse el botón y { $site } le enviará:
confirm-button = Confirmar la suscripción
confirm-ignore = Si no lo ha pedido, cierre esta página y no se creará ninguna suscripción.
confirmed-title = Suscripción confirmada
confirmed-heading = Su suscripción está confirmada.
confirmed-text = A partir del próximo número recibirá:
confirmed-leave = Cada número tiene un enlace para darse de baja.

link-fails-title = El enlace no funciona
link-expired-heading = Este enlace ha caducado.
link-expired-text = Los enlaces de confirmación funcionan { $within }. Su suscripción aún no está confirmada.
link-used-heading = Este enlace ya se ha usado.
link-used-text = Un enlace de confirmación funciona una sola vez. La suscripción que confirmó ya ha terminado.
link-unknown-heading = Este enlace no funciona.
link-unknown-text = Puede que falte una parte. Ábralo de nuevo desde el correo o copie la dirección completa.
link-unknown-next = Si eso no ayuda, <a>suscríbase de nuevo</a> para recibir otro.

unsubscribe = Darse de baja
unsubscribe-heading = ¿Darse de baja de { $newsletter }?
unsubscribe-text = Su suscripción sigue activa. Pulse el botón para darse de baja de inmediato.
unsubscribe-instead = ¿Prefiere menos números, otros temas o una pausa? <a>Gestione su suscripción</a>.
unsubscribed-title = Baja confirmada
unsubscribed-heading = Se ha dado de baja de { $newsletter }.
unsubscribed-text = No recibirá más números.
unsubscribed-mistake = ¿Ha sido un error? <a>Suscríbase de nuevo</a>.

test-link-title = Este enlace es de una prueba
test-link-happened = Este enlace es de un correo de prueba. No pertenece a ninguna suscripción, así que no hace nada.
test-link-next = En este lugar, el correo de cada lector lleva su propio enlace.
bad-link-title = Este enlace no funciona
bad-link-happened = Puede que esté mal copiado o cortado. No se ha cambiado nada.
bad-link-next = Abra de nuevo el correo y use el enlace al pie, o el botón para darse de baja de su programa de correo.
not-subscribed-title = No hay ninguna suscripción
not-subscribed-happened = No tiene ninguna suscripción a { $newsletter }.
not-subscribed-next = Para recibirlo, use «Suscribirse» en la parte superior de esta página.
not-subscribed-closed = No admite nuevas suscripciones.

settings-title = Sus ajustes de { $newsletter }
settings-saved = Guardado. Vale a partir del próximo número.
settings-text = Elija lo que prefiera y guarde los cambios.
topics-legend = Temas
topics-note = Deje todas las casillas vacías para recibir todos los temas.
cadence-legend = Frecuencia
cadence-every = Todos los números
cadence-weekly = Una vez por semana, solo las mejores noticias
time-zone = Zona horaria
time-zone-note = Por ejemplo, Europe/Madrid o America/New_York. Vale para todos los boletines que recibe de nosotros.
pause-legend = Pausa
paused-until = En pausa: no recibirá ningún número hasta el { $day }.
paused-after-bounces = En pausa: su buzón no aceptó nuestros últimos correos. Termine la pausa cuando vuelva a aceptarlos.
end-pause = Terminar la pausa ahora
pause-or-until = O no enviar nada hasta el
pause-until = No enviar nada hasta el
pause-note = El primer número después de la pausa incluye lo que se haya perdido.
save = Guardar
or-unsubscribe = O <a>darse de baja</a>.

undo-leaving = Deshacer
leaving-legend = ¿Puede decirnos por qué?
leaving-note = Con sus palabras
leaving-send = Enviar
leaving-thanks = Gracias. Esto ayuda a la redacción.
your-data = Sus datos
your-data-text = Cualquiera a quien reenvíe nuestros correos puede abrir esta página. Por eso enviamos primero un enlace a su dirección.
request-export = Descargar mis datos
request-erasure = Borrar mis datos
