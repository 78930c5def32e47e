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
