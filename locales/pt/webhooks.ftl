# The page of the console about webhooks.
console-webhooks = Webhooks
webhooks-lede = Outros programas recebem os eventos deste site: uma inscrição confirmada, uma edição enviada, uma mensagem devolvida. Cada mensagem é assinada e contém endereços de leitores.
webhooks-none = Nenhum programa recebe eventos ainda.
webhook-counts = À espera: { $waiting } · entregues: { $delivered } · falhadas: { $failed }
webhook-enabled = recebe eventos
webhook-disabled-since = desativado desde { $time }
webhook-failing-since = falha desde { $time }
webhook-all-events = todos os eventos

# Adding and changing a webhook.
webhook-add = Adicionar um webhook
webhook-url = Endereço que recebe os eventos
webhook-url-note = Por exemplo https://crm.example.org/events. Um endereço da sua própria rede tem de estar na configuração webhooks.allow.
webhook-name-note = Letras, algarismos, pontos, hífenes e sublinhados. Sem nome, chama-se como o servidor do endereço.
webhook-events = Eventos
webhook-events-note = Se não escolher nenhum, recebe todos os eventos, também os de versões futuras.
webhook-secret = Este é o segredo de { $name }. Não volta a ser mostrado: copie-o agora para o programa que recebe os eventos, que verifica com ele as assinaturas.
webhook-name-wrong = Escreva de 1 a { $most } letras, algarismos, pontos, hífenes ou sublinhados.
webhook-taken = Já existe um webhook com este nome. Escolha outro nome.
webhook-too-many = Já existem { $most } webhooks. Remova um primeiro.
webhook-address-refused = Não é possível enviar eventos para lá: { $reason }

# One webhook.
webhook-added = Adicionado em { $time }
webhook-previous-until = O segredo anterior também assina até { $time }.
webhook-test = Enviar um evento de teste
webhook-test-accepted = O evento de teste foi aceito com o status { $status }.
webhook-test-failed = O evento de teste não foi aceito:
webhook-enable = Ativar
webhook-try-now = Tentar de novo agora
webhook-disable = Desativar…
webhook-disable-text = Não recebe eventos até ser ativado. Os desse intervalo não são enviados depois.
webhook-disable-now = Desativar este webhook
webhook-rotate = Criar um novo segredo…
webhook-rotate-text = Durante 24 horas cada mensagem é assinada com os dois segredos, para que nada se perca enquanto o troca no programa.
webhook-rotate-now = Criar o novo segredo agora
webhook-change = Endereço e eventos
webhook-remove = Remover…
webhook-remove-text = O que espera por ele não é enviado, e o seu registo é apagado.
webhook-remove-now = Remover este webhook

# The log of a webhook.
webhook-log = O que foi enviado
webhook-log-none = Não há nenhuma mensagem para mostrar. Uma mensagem aparece aqui quando o seu evento acontece.
webhook-event = Evento
webhook-attempts = Tentativas
webhook-answer = Resposta
webhook-waiting = à espera
webhook-delivered = entregue
webhook-failed = falhou
webhook-next = próxima tentativa em { $time }
webhook-replay = Enviar de novo
webhook-replay-failed = Enviar de novo todas as que falharam
webhook-older = Mensagens anteriores

# After an action.
notice-webhook-changed = O webhook foi alterado.
notice-webhook-enabled = O webhook recebe eventos e é tentado de imediato.
notice-webhook-disabled = O webhook já não recebe eventos.
notice-webhook-removed = O webhook foi removido.
notice-webhook-replayed = É enviado de novo dentro de instantes. Recarregue a página para ver o resultado.
