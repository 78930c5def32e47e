# The page of the console about webhooks.
console-webhooks = Webhook
webhooks-lede = Altri programmi ricevono gli eventi di questo sito: un’iscrizione confermata, un numero inviato, un messaggio tornato indietro. Ogni messaggio è firmato e contiene indirizzi di lettori.
webhooks-none = Nessun programma riceve ancora eventi.
webhook-counts = In attesa: { $waiting } · consegnati: { $delivered } · falliti: { $failed }
webhook-enabled = riceve gli eventi
webhook-disabled-since = disattivato dal { $time }
webhook-failing-since = fallisce dal { $time }
webhook-all-events = tutti gli eventi

# Adding and changing a webhook.
webhook-add = Aggiungi un webhook
webhook-url = Indirizzo che riceve gli eventi
webhook-url-note = Per esempio https://crm.example.org/events. Un indirizzo della propria rete deve essere nell’impostazione webhooks.allow.
webhook-name-note = Lettere, cifre, punti, trattini e trattini bassi. Senza nome prende quello dell’host dell’indirizzo.
webhook-events = Eventi
webhook-events-note = Senza una scelta riceve tutti gli eventi, anche quelli delle versioni future.
webhook-secret = Questo è il segreto di { $name }. Non viene più mostrato: copialo ora nel programma che riceve gli eventi, che con esso verifica le firme.
webhook-name-wrong = Scrivi da 1 a { $most } lettere, cifre, punti, trattini o trattini bassi.
webhook-taken = Esiste già un webhook con questo nome. Scegline un altro.
webhook-too-many = Ci sono già { $most } webhook. Prima rimuovine uno.
webhook-address-refused = Non si possono inviare eventi lì: { $reason }

# One webhook.
webhook-added = Aggiunto il { $time }
webhook-previous-until = Anche il segreto precedente firma fino al { $time }.
webhook-test = Invia un evento di prova
webhook-test-accepted = L’evento di prova è stato accettato con lo stato { $status }.
webhook-test-failed = L’evento di prova non è stato accettato:
webhook-enable = Attivalo
webhook-try-now = Riprova adesso
webhook-disable = Disattivalo…
webhook-disable-text = Non riceve eventi finché non viene attivato. Quelli del frattempo non vengono inviati dopo.
webhook-disable-now = Disattiva questo webhook
webhook-rotate = Crea un nuovo segreto…
webhook-rotate-text = Per 24 ore ogni messaggio è firmato con entrambi i segreti, così nulla va perso mentre lo cambi nel programma.
webhook-rotate-now = Crea il nuovo segreto ora
webhook-change = Indirizzo ed eventi
webhook-remove = Rimuovilo…
webhook-remove-text = Ciò che lo attende non viene inviato, e il suo registro viene cancellato.
webhook-remove-now = Rimuovi questo webhook

# The log of a webhook.
webhook-log = Che cosa è stato inviato
webhook-log-none = Non c’è nessun messaggio da mostrare. Un messaggio compare qui quando accade il suo evento.
webhook-event = Evento
webhook-attempts = Tentativi
webhook-answer = Risposta
webhook-waiting = in attesa
webhook-delivered = consegnato
webhook-failed = fallito
webhook-next = prossimo tentativo il { $time }
webhook-replay = Invia di nuovo
webhook-replay-failed = Invia di nuovo tutti i falliti
webhook-older = Messaggi precedenti

# After an action.
notice-webhook-changed = Il webhook è stato modificato.
notice-webhook-enabled = Il webhook riceve gli eventi e viene provato subito.
notice-webhook-disabled = Il webhook non riceve più eventi.
notice-webhook-removed = Il webhook è stato rimosso.
notice-webhook-replayed = Viene inviato di nuovo tra un istante. Ricarica la pagina per vedere il risultato.
