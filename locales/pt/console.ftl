# The frame of the console for operators, and its first page.
console = redação
console-navigation = Páginas da redação
console-today = Hoje
console-empty = Nada precisa da sua atenção agora.
console-account = Sua conta
sign-out = Sair da conta de { $name }
role-owner = proprietário
role-publisher = editor responsável
role-editor = redator
role-analyst = analista
not-permitted-title = Sua função não permite isso
not-permitted-happened = Sua função é “{ $role }”. Nada foi alterado.
not-permitted-next = Peça a um proprietário do site que o faça ou que mude sua função.
needs-https-title = A redação precisa de HTTPS
needs-https-happened = site.url começa com http:// e não é esta máquina, então outros na rede poderiam ler as senhas.
needs-https-next = Defina site.url com um endereço https://.

# A form that was sent after the session had ended.
session-ended-title = Sua sessão terminou
session-ended-text = Sua sessão terminou enquanto o formulário estava aberto. Nada foi salvo.
session-ended-sign-in = Entrar (em uma nova janela)
session-ended-resend = Enviar o formulário de novo
session-ended-kept = O que você digitou fica nesta página. Entre e depois aperte o botão.
session-ended-back = Entre, volte no navegador e envie o formulário de novo.
console-operators = Equipe
console-audit = Registro de alterações
console-tokens = Tokens da API
console-help = Ajuda

# The documentation of Daywire at /docs. Its pages are in English; these texts are around them.
docs = Documentação
docs-navigation = Páginas da documentação
