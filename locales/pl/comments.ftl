comments-elsewhere = Komentarze przechowuje { $host }. Po ich wyświetleniu przeglądarka połączy się z tym serwerem.
comments-show = Pokaż komentarze
comments-need-script = Komentarze z { $host } wymagają JavaScriptu.
