# The pages of the console about feeds.
console-feeds = Fuentes

# The list of feeds.
feeds-lede = De dónde vienen sus artículos. Las fuentes que no se pueden leer van primero.
feeds-empty = Ningún boletín lee aún una fuente. Añada la dirección de un sitio que quiera leer.
feeds-none = Ninguna fuente coincide.
feeds-text = Parte del nombre o de la dirección
feeds-failing = no se puede leer
feeds-unused = ningún boletín la lee
feeds-more = Más fuentes
feed-articles =
    { $count ->
        [one] 1 artículo en 7 días
       *[other] { $count } artículos en 7 días
    }
feed-read = leída { $time }
feed-never-read = aún no leída
feed-next = próxima consulta { $time }
feed-failing-since = desde { $time }

# Why a feed cannot be read, and what to do.
feed-gone = El editor ha cerrado la fuente
feed-gone-advice = Ya no se consulta. Busque una dirección nueva en el sitio del editor, añádala y quite esta.
feed-missing = No hay nada en esta dirección (404)
feed-missing-advice = Abra el sitio del editor y busque la fuente. Si se ha mudado, añada la dirección nueva y quite esta.
feed-refused = El servidor se niega a enviarla
feed-refused-advice = Pregunte al editor si los programas pueden leer la fuente. Si necesita un acceso, indíquelo en la página de la fuente.
feed-busy = El servidor tiene un problema
feed-busy-advice = Se intenta de nuevo por sí solo. No tiene que hacer nada, salvo que dure días.
feed-unreachable = No se puede contactar con el servidor
feed-unreachable-advice = Se intenta de nuevo por sí solo. Si dura, compruebe la dirección.
feed-not-a-feed = En esta dirección no hay una fuente
feed-not-a-feed-advice = Añada la dirección de la página del editor: se encuentra la fuente que enlaza.
feed-not-allowed = La configuración no permite esta dirección
feed-not-allowed-advice = Si es correcta, pida a quien administra Daywire que la añada a feeds.allow.
feed-proxy = El proxy no abre ningún camino al servidor
feed-proxy-advice = Todas las fuentes se leen a través de él. Pida a quien administra Daywire que revise feeds.proxy.
feed-failed = No se puede leer
feed-failed-advice = Se intenta de nuevo por sí solo. La línea siguiente dice qué pasó.

# One feed.
feed-health = Su estado
feed-last-request = Última consulta
feed-interval = Se consulta cada
feed-minutes =
    { $count ->
        [one] 1 minuto
       *[other] { $count } minutos
    }
feed-flood = Descartados
feed-flood-text =
    { $count ->
        [one] 1 entrada sobre el límite por consulta, { $time }
       *[other] { $count } entradas sobre el límite por consulta, { $time }
    }
feed-fetch = Consultar ahora
feed-newsletters = La leen
feed-no-newsletter = Ningún boletín lee esta fuente, así que no se consulta.
feed-read-since = desde { $time }
feed-read-for = También para
feed-add-to = Añadir
feed-remove = Dejar de leer …
feed-remove-text = { $newsletter } no recibe más artículos de esta fuente. Los que llegaron se quedan, y los que esperan aún pueden salir en un número.
feed-remove-button = Dejar de leerla para { $newsletter }
feed-on-site = En el sitio
feed-is-whole = El sitio muestra enteros los artículos de esta fuente.
feed-is-excerpt = El sitio muestra un extracto de cada artículo y enlaza al editor.
feed-show-whole = Mostrarlos enteros: es nuestra o el editor está de acuerdo
feed-show-excerpts = Mostrar extractos
feed-text = Texto de los artículos
feed-text-of-feed = El texto de un artículo es el que trae la fuente.
feed-text-of-page = Si una entrada de la fuente tiene solo unas líneas, el texto se toma de la página del artículo.
feed-take-page = Si una entrada tiene solo unas líneas, tomar el texto de la página del artículo
feed-take-feed = Tomar solo el texto de la fuente
feed-text-note = El sitio y su búsqueda tienen entonces más que un extracto, y el enlace al editor se mantiene. El texto solo se muestra entero si lo permite para la fuente. Afecta a los artículos nuevos.
feed-page-failed = Una página no se usó, { $time }:
feed-request = Acceso y solicitudes
feed-user-agent = Nombre del programa (User-Agent)
feed-user-agent-note = Para un servidor que solo responde a algunos programas. Vacío: como en todas las fuentes.
feed-login-name = Nombre de acceso
feed-login-note = HTTP Basic. El acceso se envía solo al servidor de esta fuente. Vacío: sin acceso.
feed-login-password = Contraseña de acceso
feed-login-kept = Hay una contraseña guardada. Deje el campo vacío para conservarla.
feed-headers = Otros campos de cabecera
feed-headers-note = Uno por línea, como «Nombre: valor». Se envían solo al servidor de esta fuente, y sus valores no se vuelven a mostrar. «Nombre:» conserva un valor, y una línea borrada quita el campo.
feed-request-save = Guardar
feed-request-refused = Esto no se puede enviar: { $reason }
feed-latest = Sus últimos artículos
feed-no-article = Aún no ha traído ningún artículo.

# Adding feeds.
feed-add = Añadir una fuente
feed-needs-newsletter = Las fuentes las lee un boletín. Cree primero un boletín.
feed-by-address = Por su dirección
feed-address = Dirección de la fuente o de una página que la enlaza
feed-address-note = Por ejemplo, example.org. Se lee en el acto, para ver si funciona.
feed-for = Para el boletín
feed-full-text = El sitio muestra enteros sus artículos: es nuestra o el editor está de acuerdo.
feed-add-button = Añadir la fuente
feed-add-anyway = Añadir de todos modos
feed-unreadable = No se añadió nada, porque ahora no se puede leer ninguna fuente ahí. Corrija la dirección o añádala de todos modos: se intentará una y otra vez.
feed-address-refused = Esta dirección no se puede leer: { $reason }
feeds-found = Esta página enlaza varias fuentes. ¿Cuál?
feeds-from-list = Desde una lista
feeds-from-list-text = Los lectores exportan sus fuentes en un archivo OPML. Elíjalo o pegue su contenido.
feeds-file = Archivo
feeds-add-all = Añadir estas fuentes
feeds-not-a-list = Esto no es OPML o está incompleto. Exporte otra vez la lista y péguela entera. No se añadió nada.
feeds-imported = Añadidas: { $added }. Ya se leían: { $known }.
feeds-refused = Estas no se añadieron:
feeds-only-site = la lista solo da la página { $site }; añada esa dirección arriba
feeds-no-address = no tiene una dirección que se pueda leer

# After an action.
notice-feed-added = La fuente está añadida. Se lee en un momento; de los artículos anteriores, solo los del último día entran en el próximo número.
notice-feed-known = El boletín ya lee esta fuente.
notice-feed-changed = La fuente se cambió.
notice-feed-due = La fuente se lee en un momento. Cargue la página otra vez para ver el resultado.
notice-feed-removed = El boletín ya no lee la fuente. Sus artículos se quedan.
