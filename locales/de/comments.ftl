comments-elsewhere = Die Kommentare liegen bei { $host }. Wenn Sie sie anzeigen, verbindet sich Ihr Browser mit diesem Server.
comments-show = Kommentare anzeigen
comments-need-script = Die Kommentare von { $host } brauchen JavaScript.
