# The pages of the console about newsletters.
console-newsletters = Boletines

# The list, and one newsletter.
newsletters-empty = Aún no hay ningún boletín. Cree el primero: lee fuentes y la gente puede suscribirse.
newsletters-removed = Quitados
newsletter-create = Crear un boletín
newsletter-create-button = Crear
newsletter-create-note = Solo hacen falta el nombre corto y el nombre. Lo demás se puede cambiar después.
newsletter-edit = Cambiar
newsletter-edit-title = Cambiar «{ $name }»
newsletter-edit-note = Un borrador ya compuesto conserva sus reglas. Los campos vacíos tienen sus valores por defecto.
newsletter-hidden = oculto
newsletter-shown = visible en el sitio
newsletter-on-demand = Se envía a demanda
newsletter-next = próximo número { $time }
newsletter-readers =
    { $count ->
        [one] 1 lector
       *[other] { $count } lectores
    }
newsletter-reader-count = Lectores
newsletter-feeds =
    { $count ->
        [one] 1 fuente
       *[other] { $count } fuentes
    }
newsletter-coming = Las próximas salidas
newsletter-past = Las últimas salidas
newsletter-no-run = Aún no hubo ninguna salida.
run-local = Hora local
run-no-issue = sin número: { $day }
run-clock-skips = El reloj se salta esta hora ese día; sale justo después.
run-clock-repeats = El reloj marca esta hora dos veces ese día.
run-claimed = se está componiendo
run-drafted = el borrador espera
run-empty = nada que enviar
newsletter-facts = Sobre el boletín
newsletter-created = Creado
newsletter-changed = Último cambio
newsletter-file = Como archivo
newsletter-file-text = El boletín está en la base de datos; ningún arranque lee un archivo. Solo la orden «daywire newsletter apply ARCHIVO» lo reemplaza, con cada clave del archivo, y muestra lo que cambia. Antes de aplicar un archivo más antiguo, copie este texto, o se pierden los cambios hechos aquí.

# Removing one.
newsletter-remove = Quitar …
newsletter-remove-title = ¿Quitar «{ $name }»?
newsletter-remove-readers =
    { $count ->
        [one] Termina 1 suscripción.
       *[other] Terminan { $count } suscripciones.
    }
newsletter-remove-drafts = Se cancelan estos borradores:
newsletter-remove-feeds =
    { $count ->
        [one] Deja de leer 1 fuente.
       *[other] Deja de leer { $count } fuentes.
    }
newsletter-remove-stays = Sus números, informes de envío y consentimientos se quedan. Su nombre corto sigue ocupado.
newsletter-remove-refused = No se puede quitar ahora, porque un número se está enviando o está detenido.
newsletter-remove-button = Quitar { $name }
newsletter-keep = Conservarlo
newsletter-removed-at = Este boletín se quitó, { $time }. Cree uno con el mismo nombre corto para recuperarlo, sin lectores.

# The form.
newsletter-mistakes = No se guardó nada. Corrija los campos marcados.
newsletter-conflict-title = Este boletín cambió entretanto
newsletter-slug-taken = Otro boletín tiene este nombre corto. Elija otro.
newsletter-identity = Nombre y remitente
newsletter-content = Contenido
newsletter-ranking = Orden de las noticias
newsletter-slug = Nombre corto en direcciones
newsletter-slug-note = Minúsculas, cifras y guiones, como morning. No se puede cambiar después.
newsletter-name = Nombre
newsletter-description = Una línea que lo describe
newsletter-from = Remitente
newsletter-mailbox-note = Por ejemplo, Morning Wire <morning@example.org>.
newsletter-reply-to = Las respuestas van a
newsletter-welcome = Correo tras la confirmación
newsletter-welcome-note = Su texto; «true» envía el texto incluido. Vacío: ningún correo.
newsletter-help = Dirección de ayuda
newsletter-public = Mostrarlo en el sitio y aceptar suscripciones
newsletter-archive = Mostrar los números anteriores en el sitio
newsletter-topics = Temas
newsletter-topics-note = Un tema por línea, seguido de las categorías de fuentes que le pertenecen: Security = infosec, Sicherheit
newsletter-schedule = Horario
schedule-when = Se envía
schedule-none = a demanda
schedule-days = ciertos días a una hora
schedule-cron = según una línea cron
schedule-days-legend = Días
schedule-time = Hora
schedule-line = Línea cron
schedule-line-note = Minuto, hora, día, mes, día de la semana, como 0 7 * * MON-FRI
schedule-show = Mostrar las próximas salidas
schedule-without-day = Elija al menos un día.
schedule-without-time = Elija una hora como 07:00.
day-monday = lunes
day-tuesday = martes
day-wednesday = miércoles
day-thursday = jueves
day-friday = viernes
day-saturday = sábado
day-sunday = domingo
newsletter-timezone = Zona horaria
newsletter-skip = Días sin número
newsletter-skip-note = Uno por línea: sat, 12-25 (cada año) o 2026-12-25.
newsletter-local-time = Cada lector lo recibe a esa hora de su propio reloj
newsletter-weekly-day = Las ediciones semanales salen desde el
newsletter-lead-time = El borrador se compone antes por
newsletter-lead-note = Por ejemplo, 45m o 2h: el tiempo para leer y cambiar el borrador. 0s: ninguno.
newsletter-approval = Antes de enviarse
newsletter-approval-auto = nadie tiene que aprobarlo
newsletter-approval-required = alguien debe aprobarlo
newsletter-grace = Un número perdido aún se envía durante
newsletter-expire-after = Una entrega se abandona tras
newsletter-span-note = Una duración como 45m, 12h o 7days.
newsletter-subject-note = Estas palabras se sustituyen: { "{" }lead{ "}" }, { "{" }date{ "}" }, { "{" }count{ "}" }, { "{" }newsletter{ "}" }, { "{" }number{ "}" }.
newsletter-lines-note = Uno por línea.
newsletter-numbers-note = Un nombre y un número por línea, como Security = 2
newsletter-min-stories = Mínimo de noticias por número
newsletter-max-stories = Máximo de noticias por número
newsletter-top-stories = Noticias que van primero, por puntuación
newsletter-story-note = Decir cuántas fuentes informan y desde cuándo
newsletter-include-topics = Solo estos temas
newsletter-include-sources = Solo estas fuentes
newsletter-include-words = Solo con estas palabras
newsletter-exclude-topics = Sin estos temas
newsletter-exclude-sources = Sin estas fuentes
newsletter-exclude-words = Sin estas palabras
newsletter-caps-per-topic = Máximo por tema
newsletter-caps-per-source = Máximo por fuente
newsletter-caps-topics = Máximo de ciertos temas
newsletter-caps-sources = Máximo de ciertas fuentes
newsletter-ranking-sources = Factor del número de fuentes
newsletter-ranking-source = Factor de la mejor fuente
newsletter-ranking-freshness = Factor de actualidad
newsletter-ranking-topic = Factor del tema
newsletter-ranking-novelty = Lo que pierde una noticia conocida
newsletter-ranking-half-life = Una noticia es la mitad de actual tras
newsletter-ranking-memory = Lo enviado se recuerda durante
newsletter-ranking-source-weights = Pesos de las fuentes
newsletter-ranking-topic-weights = Pesos de los temas

# After an action.
notice-newsletter-created = El boletín está creado. Añada ahora fuentes.
notice-newsletter-changed = El boletín se cambió.
notice-newsletter-restored = El boletín ha vuelto. No tiene lectores.
notice-newsletter-removed = El boletín está quitado.
