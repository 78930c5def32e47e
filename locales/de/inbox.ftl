# Die Seiten mit den E-Mails, die gesammelt werden, solange kein Mailserver eingestellt ist.

inbox-label = Posteingang
captured-title = Gesammelte E-Mails
captured-text = Es ist kein Mailserver eingestellt, deshalb landet jede E-Mail hier, statt zugestellt zu werden.
no-message = Noch keine E-Mail.
mail-to = an { $address }
mail-bytes =
    { $count ->
        [one] 1 Byte
       *[other] { $count } Bytes
    }
field-from = von
field-to = an
field-captured = eingegangen
field-size = Größe
part-navigation = Teile der E-Mail
part-html = HTML
part-text = Text
part-source = Quelltext
html-iframe = Der HTML-Teil der E-Mail
iframe-links = Links im Rahmen sind abgeschaltet. Die Liste unten enthält sie.
message-links = Links in dieser E-Mail
no-subject = (kein Betreff)
no-html-part = Diese E-Mail hat keinen HTML-Teil.
inbox-private-title = Der Posteingang ist nicht öffentlich
inbox-private-happened = Er enthält die E-Mails an die Leserinnen und Leser dieser Website und die Links darin.
inbox-private-next = Öffnen Sie ihn auf dem Rechner, auf dem diese Website läuft, senden Sie ein Token für den Betrieb mit, oder ändern Sie inbox.access in den Einstellungen.
