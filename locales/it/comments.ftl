comments-elsewhere = I commenti si trovano su { $host }. Se li mostri, il tuo browser si collega a quel server.
comments-show = Mostra i commenti
comments-need-script = I commenti di { $host } richiedono JavaScript.
