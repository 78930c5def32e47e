# The console's page about settings.
console-settings = Ajustes
settings-lede = Lo que este proceso leyó al arrancar: de los valores por defecto, del archivo de ajustes y del entorno. Para cambiar un ajuste, cámbielo allí y reinicie el servicio.
settings-search = Parte de un nombre, valor o explicación
settings-changed = Solo los que no son por defecto
settings-none = Ningún ajuste coincide.
settings-default = por defecto
settings-file = archivo { $name }
settings-environment = variable de entorno { $name }
settings-hidden = definido, no se muestra aquí

# The console's page about statistics.
console-statistics = Estadísticas
statistics-lede = Lo que pasó cada día (UTC). No se rastrea a nadie para ello y ningún número nombra a una persona.
statistics-days = Días
statistics-day = Día
statistics-numbers = Los números
statistics-about = De { $first } a { $last }. El valor más alto es { $max }.
chart-growth = Suscripciones vigentes
chart-signups = Altas
chart-asked = solicitadas
chart-confirmed = confirmadas
chart-left = bajas
chart-deliveries = Destinatarios, el día en que empezó su número
chart-recipients = destinatarios
chart-returned = Rebotes y quejas
chart-bounces = rebotes
chart-domains = Rebotes y quejas por dominio
chart-no-domains = Ningún dominio ha tenido bastantes destinatarios en un número para contarse aparte.

# The console's page about relays and recipient domains.
console-relays = Relés y dominios
relays-lede = A qué ritmo sale el correo. Un servidor que pide ir más despacio recibe, tras una pausa, la mitad de mensajes a la vez y luego, paso a paso, más.
relays-captured = No hay relé definido: todo el correo queda en el buzón interno. Para enviar, defina relay.url.
relays-relay = Relé
relays-weight = Parte
relays-connections = Conexiones
relays-rate = Mensajes por segundo
relays-cap = Límite de hoy
relays-of = { $part } de { $all }
relays-no-limit = sin límite
relays-process = Proceso { $name }
relays-no-process = Ningún proceso envía ahora.
relays-at-once = Mensajes a la vez, ahora
relays-paused = en pausa hasta { $time }
relays-goes-on = envía
relays-cap-used = espera hasta { $time }: se alcanzó el límite del día
relays-closed = espera hasta { $time }: fuera del horario de envío
relays-trouble = El relé no acepta correo: { $reason }
relays-domains = Dominios con límite o en pausa
relays-no-domains = Ningún dominio está limitado ahora.
relays-waiting = En espera en memoria
