# The pages of the console about articles.
console-articles = Artículos

# The list of articles.
articles-lede = Lo que trajeron sus fuentes y escribió su redacción, lo más reciente primero.
articles-empty = Aún no hay ningún artículo. Añada una fuente o escriba un artículo propio.
articles-none = Ningún artículo coincide.
articles-words = Palabras o identificador
articles-newsletter = Boletín
articles-every = todos
articles-find = Buscar
articles-all = Mostrar todos los artículos
articles-older = Artículos anteriores
articles-of-feed = Solo de la fuente { $feed }
article-write = Escribir un artículo
article-state-waiting = espera un número
article-state-in-issue = en un número
article-state-left-out = descartado
article-state-editorial = propio
article-state-edited = editado
article-state-retracted = retirado
article-waits-for = espera a { $newsletter }
article-in-issue-of = en un número de { $newsletter }
article-left-out-of = descartado de { $newsletter }

# One article.
article-edit = Editar
article-on-site = En el sitio
article-original = En su editor
article-facts = Sobre el artículo
article-headline = Titular
article-summary = Entradilla
article-summary-note = Texto simple bajo el titular. Vacío: el comienzo del texto.
article-text = Texto
article-text-note = En Markdown se escribe:
markdown-bold = negrita
markdown-italic = cursiva
markdown-link = enlace
markdown-heading = subtítulo
markdown-item = lista
article-format = Escrito en
article-authors = Autores
article-authors-note = Un nombre por línea.
article-category = Tema
article-language = Idioma
article-language-note = Un código como en, de o pt-BR. Vacío: se reconoce por el texto.
article-source = Fuente
article-source-note = Vacío: el nombre del sitio.
article-url = Dirección de la página de la que trata
article-url-note = Vacío: el artículo tiene su propia página en este sitio.
article-published = Publicado
article-published-note = En UTC. Vacío: ahora.
article-arrived = Llegó
article-image = Dirección de su imagen
article-image-note = Una dirección https. Solo se muestra si el sitio muestra imágenes.
article-image-alt = Lo que muestra la imagen
article-image-alt-note = Para quienes no pueden verla.
article-in-newsletters = En los boletines
article-in-no-newsletter = No llegó a ningún boletín.
article-at-place = en el puesto { $place }
article-pin = Fijar al principio del próximo número
article-correction-list = Correcciones
article-corrected = corregido
article-restored = retirada anulada
article-former-headline = El titular era: { $title }
article-retracted-at = Este artículo se retiró, { $time }.
article-no-reason = Los lectores no ven ningún motivo.
article-reason = Motivo, para los lectores
article-retract = Retirar el artículo
article-retract-text = Su página dirá que se retiró. Los borradores se componen de nuevo sin él. Si se envió, el próximo número lo dice.
article-change-reason = Dar otro motivo
article-change-reason-text = La página del artículo da este motivo. Si el artículo se envió, el próximo número también lo da.
article-restore = Anular la retirada
article-restore-text = Su página vuelve, y los borradores pueden tenerlo de nuevo. Se informa a los lectores que supieron de la retirada.

# The form of an article.
article-edit-title = Editar «{ $title }»
article-write-note = Al publicarlo, está en el sitio de inmediato y espera el próximo número de los boletines elegidos.
article-for-newsletters = Espera el próximo número de
article-more = Más campos
article-note = Lo que se corrigió, para los lectores
article-note-note = Si el artículo se envió, su página y el próximo número dan esta nota. Vacío: citan los campos cambiados.
article-save = Guardar
article-publish = Publicar
article-title-missing = Escriba un titular.
article-text-missing = Escriba un texto.
article-text-long = El texto supera 200 KiB. Acórtelo o publique dos artículos.
article-field-long = Es demasiado largo. Acórtelo.
article-language-wrong = Escriba un código como en, de o pt-BR.
article-url-wrong = Escriba una dirección que empiece por https:// o http://.
article-image-wrong = Escriba una dirección que empiece por https://.
article-published-wrong = Escriba fecha y hora como 2026-11-23 07:30.
article-is-retracted-already = Este artículo ya se publicó y se retiró. Escríbalo en un formulario nuevo.

# Two editors changed an article.
article-conflict-title = Este artículo cambió entretanto
article-conflict-feed = Su fuente trajo otra versión.
article-conflict-kept = No se ha sobrescrito nada ni se ha perdido lo que escribió. Los campos que no tocó tienen el contenido nuevo. Compare y guarde otra vez.
article-conflict-now = { $field }, como está guardado ahora
article-conflict-retracted = El artículo se retiró y no se puede cambiar. Anule la retirada en su página y guarde otra vez.
article-changed-by = { $name } lo cambió, { $time }
article-retracted-by = { $name } lo retiró, { $time }
article-restored-by = { $name } anuló la retirada, { $time }

# After an action.
notice-article-published = El artículo está publicado.
notice-article-changed = El artículo se cambió. Los borradores con él se compusieron de nuevo.
notice-article-changed-sent = El artículo se cambió. Hay lectores con el texto anterior; el próximo número les informa de la corrección.
notice-article-changed-unapproved = El artículo se cambió. Un borrador con él se compuso de nuevo y se retiró su aprobación. Apruébelo otra vez.
notice-article-unchanged = No ha cambiado nada.
notice-article-retracted = El artículo está retirado. Su página lo dice.
notice-article-retracted-sending = El artículo está retirado. Se está enviando un número con él; deténgalo en «Números» si no debe llegar.
notice-article-restored = La retirada está anulada.
notice-article-pinned = El artículo va primero en el próximo número.
notice-article-unpinned = El artículo ya no está fijado.
notice-article-not-waiting = No se hizo nada, porque el artículo ya no espera a este boletín.
