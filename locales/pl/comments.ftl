comments-elsewhere = Komentarze przechowuje { $host }. Aby je wyświetlić, przeglądarka połączy się z tym serwerem.
comments-show = Pokaż komentarze
comments-need-script = Komentarze z { $host } wymagają JavaScriptu.
