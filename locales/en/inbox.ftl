# The pages of the mail that is captured while no relay is set.

inbox-label = inbox
captured-title = Captured mail
captured-text = No relay is set, so every message ends here instead of being delivered.
no-message = No message yet.
mail-to = to { $address }
mail-bytes =
    { $count ->
        [one] 1 byte
       *[other] { $count } bytes
    }
# The fields of a message.
field-from = from
field-to = to
field-captured = captured
field-size = size
part-navigation = Parts of the message
part-html = HTML
part-text = Text
part-source = Source
html-iframe = The message’s HTML part
iframe-links = Links inside the frame are switched off. The list below has them.
message-links = Links in this message
no-subject = (no subject)
no-html-part = This email has no HTML part.
inbox-private-title = The inbox is not public
inbox-private-happened = It contains the emails to this site’s readers, and the links in them.
inbox-private-next = Open it on the machine that this site runs on, send an operator’s token, or change inbox.access in the settings.
