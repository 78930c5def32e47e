# The frame of the console for operators, and its first page.
console = redazione
console-navigation = Pagine della redazione
console-today = Oggi
console-empty = Al momento nulla richiede la tua attenzione.
console-account = Il tuo account
sign-out = Esci da { $name }
role-owner = proprietario
role-publisher = direttore
role-editor = redattore
role-analyst = analista
not-permitted-title = Il tuo ruolo non lo consente
not-permitted-happened = Il tuo ruolo è «{ $role }». Non è stato modificato nulla.
not-permitted-next = Chiedi a un proprietario del sito di farlo o di cambiare il tuo ruolo.
needs-https-title = La redazione richiede HTTPS
needs-https-happened = site.url inizia con http:// e non è questa macchina: altri in rete potrebbero leggere le password.
needs-https-next = Imposta site.url su un indirizzo https://.

# A form that was sent after the session had ended.
session-ended-title = La sessione è terminata
session-ended-text = La sessione è terminata mentre il modulo era aperto. Non è stato salvato nulla.
session-ended-sign-in = Accedi (in una nuova finestra)
session-ended-resend = Invia di nuovo il modulo
session-ended-kept = Ciò che hai scritto resta in questa pagina. Accedi, poi premi il pulsante.
session-ended-back = Accedi, poi torna indietro nel browser e invia di nuovo il modulo.
console-operators = Collaboratori
console-audit = Registro delle modifiche
console-tokens = Token API
console-help = Aiuto

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = Documentazione
docs-navigation = Pagine della documentazione
