# Le pagine delle e-mail che restano qui finché non c’è un server di invio.

inbox-label = posta in arrivo
captured-title = E-mail trattenute
captured-text = Nessun server di invio è configurato, quindi ogni messaggio finisce qui invece di essere consegnato.
no-message = Ancora nessun messaggio.
mail-to = a { $address }
mail-bytes = { $count } byte
field-from = da
field-to = a
field-captured = ricevuto
field-size = dimensione
part-navigation = Parti del messaggio
part-html = HTML
part-text = Testo
part-source = Sorgente
html-iframe = La parte HTML del messaggio
iframe-links = I link nel riquadro sono disattivati. L’elenco qui sotto li contiene.
message-links = Link in questo messaggio
no-subject = (senza oggetto)
no-html-part = Questa e-mail non ha una parte HTML.
inbox-private-title = La posta in arrivo non è pubblica
inbox-private-happened = Contiene le e-mail dei lettori di questo sito e i link che vi si trovano.
inbox-private-next = Aprila sul computer su cui è in esecuzione questo sito, invia il token di un operatore o cambia inbox.access nelle impostazioni.
