# El marco de cada página, la portada, los artículos y el archivo.

skip-to-content = Ir al contenido
site-navigation = Sitio
language-navigation = Idiomas
past-issues = Números anteriores
past-issues-short = Archivo
inbox = Bandeja de entrada
mail-is-captured = No hay ningún servidor de envío configurado: los correos se guardan aquí y no se entregan.

time-stamp = { $date } · { $time }
weekday-time = { $weekday }, { $time }
labelled = { $label }:
list-separator = { ", " }
list-end = { $names } y { $name }

also = también:
more-sources = { $count } más
other-sources =
    { $count ->
        [one] 1 fuente más
       *[other] { $count } fuentes más
    }
read-at = Leer en { $source }
article-corrections = Correcciones
article-sources = Fuentes
retracted-title = Artículo retirado
retracted-happened = { $id } fue retirado ({ $date }).
retracted-reason = Motivo indicado: { $reason }
retracted-without-reason = No se indicó ningún motivo.

past-issues-label = números anteriores
past-issues-of = Números anteriores de { $newsletter }
past-issues-description = Números anteriores de los boletines de { $site }
issue-number = número { $number }
newsletter-issue = { $newsletter }, número { $number }
issue-link = Número { $number }
issue-navigation = Números
all-issues = Todos los números
edition-note = Esta edición es para quienes han elegido temas, un idioma o un correo por semana.
whole-issue = Leer el número completo
edition-expired = Los enlaces a estas ediciones funcionan durante un año.
edition-expired-next = Todos los números están entre los números anteriores.
newsletter-navigation = Boletines
all-newsletters = Todos
no-issue-yet = Todavía no se ha enviado ningún número. El primero aparecerá aquí en cuanto se envíe.
earlier-issues = Números más antiguos
atom-feed = Canal Atom de estos números
mark-corrected = corregido
mark-retracted = retirado
mark-restored = restablecido
change-corrected = Corregido
change-retracted = Retirado
change-restored = Restablecido
corrected-fields = Cambiado: { $fields }
corrected-headline = titular
corrected-address = dirección
corrected-summary = resumen
corrected-text = texto
corrected-authors = autores
corrected-category = categoría
corrected-language = idioma
corrected-source = fuente
corrected-date = fecha
corrected-picture = imagen
report-retracted = (retirado)

no-issue-title = Ese número no existe
no-issue-of-number = { $newsletter } no ha enviado el número solicitado.
no-archive = Ningún boletín con ese nombre muestra aquí sus números anteriores.
no-issue-next = Compruebe el número en la dirección o recorra <a>los números anteriores</a>.
no-issue-next-of = Compruebe el número en la dirección o recorra <a>los números anteriores de { $newsletter }</a>.
search = Buscar
search-for = Buscar
search-description = Buscar en los artículos y los números anteriores de { $site }
search-nothing = No se ha encontrado nada. Pruebe con menos palabras o con otras.
search-count =
    { $count ->
        [one] 1 resultado
       *[other] { $count } resultados
    }
search-best = Los { $count } mejores resultados
page-navigation = Páginas
previous-page = Página anterior
next-page = Página siguiente
newer-story = Noticia más reciente
earlier-story = Noticia anterior
footer-navigation = Más sobre este sitio
topic-navigation = Temas
front-page = Portada
more-on = Más sobre { $topic }
also-reported = También informan
by-authors = Por { $authors }
read-issue = Leer el número
next-issue-at = Próximo número: { $time }
latest-issue = Último número
share-by-mail = Compartir por correo
site-feed = Canal Atom
