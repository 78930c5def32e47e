# The console's page about settings.
console-settings = Impostazioni
settings-lede = Che cosa ha letto questo processo all’avvio: dai valori predefiniti, dal file e dall’ambiente. Per cambiare un’impostazione, cambiala lì e riavvia il servizio.
settings-search = Parte di un nome, valore o spiegazione
settings-changed = Solo quelle non predefinite
settings-none = Nessuna impostazione corrisponde.
settings-default = predefinito
settings-file = file { $name }
settings-environment = variabile d’ambiente { $name }
settings-hidden = impostato, non mostrato qui

# The console's page about statistics.
console-statistics = Statistiche
statistics-lede = Che cosa è successo ogni giorno (UTC). Nessuno è tracciato per questo e nessun numero indica una persona.
statistics-days = Giorni
statistics-day = Giorno
statistics-numbers = I numeri
statistics-about = Dal { $first } al { $last }. Il valore più alto è { $max }.
chart-growth = Iscrizioni attive
chart-signups = Iscrizioni
chart-asked = richieste
chart-confirmed = confermate
chart-left = disiscrizioni
chart-deliveries = Destinatari, nel giorno in cui è partito il numero
chart-recipients = destinatari
chart-returned = Rimbalzi e reclami
chart-bounces = rimbalzi
chart-domains = Rimbalzi e reclami per dominio
chart-no-domains = Nessun dominio ha avuto abbastanza destinatari in un numero per essere contato da solo.

# The console's page about relays and recipient domains.
console-relays = Relay e domini
relays-lede = A che ritmo parte la posta. Un server che chiede di rallentare riceve, dopo una pausa, la metà dei messaggi alla volta e poi via via di più.
relays-captured = Nessun relay è impostato: tutta la posta resta nella casella interna. Per inviare, imposta relay.url.
relays-relay = Relay
relays-weight = Quota
relays-connections = Connessioni
relays-rate = Messaggi al secondo
relays-cap = Limite di oggi
relays-of = { $part } di { $all }
relays-no-limit = nessun limite
relays-process = Processo { $name }
relays-no-process = Nessun processo sta inviando.
relays-at-once = Messaggi alla volta, ora
relays-paused = in pausa fino al { $time }
relays-goes-on = invia
relays-cap-used = attende fino al { $time }: il limite del giorno è raggiunto
relays-closed = attende fino al { $time }: fuori dalla fascia di invio
relays-trouble = Il relay non accetta posta: { $reason }
relays-domains = Domini con limite o in pausa
relays-no-domains = Nessun dominio è limitato ora.
relays-waiting = In attesa in memoria
