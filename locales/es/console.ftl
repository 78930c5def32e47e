# The frame of the console for operators, and its first page.
console = redacción
console-navigation = Páginas de la redacción
console-today = Hoy
console-empty = Ahora mismo nada requiere su atención.
console-account = Su cuenta
sign-out = Cerrar la sesión de { $name }
role-owner = propietario
role-publisher = editor responsable
role-editor = redactor
role-analyst = analista
not-permitted-title = Su función no lo permite
not-permitted-happened = Su función es «{ $role }». No se ha cambiado nada.
not-permitted-next = Pida a un propietario del sitio que lo haga o que cambie su función.
needs-https-title = La redacción necesita HTTPS
needs-https-happened = site.url empieza por http:// y no es esta máquina, así que otros en la red podrían leer las contraseñas.
needs-https-next = Ponga en site.url una dirección con https://.

# A form that was sent after the session had ended.
session-ended-title = Su sesión ha terminado
session-ended-text = Su sesión terminó mientras el formulario estaba abierto. No se ha guardado nada.
session-ended-sign-in = Iniciar sesión (en otra ventana)
session-ended-resend = Enviar el formulario otra vez
session-ended-kept = Lo que escribió se conserva en esta página. Inicie sesión y después pulse el botón.
session-ended-back = Inicie sesión, vuelva atrás en el navegador y envíe el formulario otra vez.
console-operators = Equipo
console-audit = Registro de cambios
console-tokens = Tokens de la API
console-help = Ayuda

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = Documentación
docs-navigation = Páginas de la documentación
