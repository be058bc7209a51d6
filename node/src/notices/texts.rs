//! What people read, in every language: one table. `{number}` is the order's short number,
//! `{restaurant}` a name, `{amount}` money, `{time}` a time of day in the city.
//!
//! Short enough for one short message, and nothing of anybody's person: phones lie on tables.

use super::words::Language;
use domain::notice::NoticeKind;

macro_rules! texts {
    ($($kind:ident {
        en $en:literal de $de:literal es $es:literal pt $pt:literal fr $fr:literal
    })*) => {
        /// The text of a kind in a language, with its places still to be filled.
        pub(super) fn text(kind: NoticeKind, language: Language) -> &'static str {
            match kind {
                $(NoticeKind::$kind => match language {
                    Language::En => $en,
                    Language::De => $de,
                    Language::Es => $es,
                    Language::Pt => $pt,
                    Language::Fr => $fr,
                },)*
            }
        }
    };
}

texts! {
    OrderAccepted {
        en "{restaurant} is on it: order {number} will be ready at about {time}."
        de "{restaurant} ist dran: Bestellung {number} ist gegen {time} fertig."
        es "{restaurant} está en ello: el pedido {number} estará listo hacia las {time}."
        pt "{restaurant} já começou: a encomenda {number} fica pronta por volta das {time}."
        fr "{restaurant} s'en occupe : la commande {number} sera prête vers {time}."
    }
    OrderRejected {
        en "{restaurant} cannot take order {number}. You pay nothing."
        de "{restaurant} kann Bestellung {number} nicht annehmen. Sie zahlen nichts."
        es "{restaurant} no puede aceptar el pedido {number}. No se le cobra nada."
        pt "{restaurant} não pode aceitar a encomenda {number}. Não paga nada."
        fr "{restaurant} ne peut pas accepter la commande {number}. Vous ne payez rien."
    }
    OrderExpired {
        en "{restaurant} did not answer order {number} in time. You pay nothing."
        de "{restaurant} hat Bestellung {number} nicht rechtzeitig beantwortet. Sie zahlen nichts."
        es "{restaurant} no respondió a tiempo al pedido {number}. No se le cobra nada."
        pt "{restaurant} não respondeu a tempo à encomenda {number}. Não paga nada."
        fr "{restaurant} n'a pas répondu à temps à la commande {number}. Vous ne payez rien."
    }
    OrderCancelled {
        en "Order {number} at {restaurant} was cancelled. The order shows why."
        de "Bestellung {number} bei {restaurant} wurde storniert. Warum, steht dort."
        es "El pedido {number} de {restaurant} se ha cancelado. El motivo está en el pedido."
        pt "A encomenda {number} de {restaurant} foi cancelada. O motivo está na encomenda."
        fr "La commande {number} chez {restaurant} est annulée. La commande dit pourquoi."
    }
    NoCourier {
        en "We found nobody to bring order {number} from {restaurant}. You pay nothing."
        de "Niemand konnte Bestellung {number} von {restaurant} bringen. Sie zahlen nichts."
        es "Nadie podía llevar el pedido {number} de {restaurant}. No se le cobra nada."
        pt "Ninguém pôde levar a encomenda {number} de {restaurant}. Não paga nada."
        fr "Personne n'a pu livrer la commande {number} de {restaurant}. Vous ne payez rien."
    }
    OrderDelayed {
        en "{restaurant} needs a little longer: order {number} will be ready at about {time}."
        de "{restaurant} braucht etwas länger: Bestellung {number} ist gegen {time} fertig."
        es "{restaurant} tarda un poco más: el pedido {number} estará hacia las {time}."
        pt "{restaurant} precisa de mais tempo: a encomenda {number} fica pronta pelas {time}."
        fr "{restaurant} a besoin de plus de temps : commande {number} prête vers {time}."
    }
    OrderReady {
        en "Order {number} waits for you at {restaurant}."
        de "Bestellung {number} wartet bei {restaurant} auf Sie."
        es "El pedido {number} le espera en {restaurant}."
        pt "A encomenda {number} espera por si em {restaurant}."
        fr "La commande {number} vous attend chez {restaurant}."
    }
    OrderPickedUp {
        en "Order {number} from {restaurant} is on its way."
        de "Bestellung {number} von {restaurant} ist unterwegs."
        es "El pedido {number} de {restaurant} está en camino."
        pt "A encomenda {number} de {restaurant} vai a caminho."
        fr "La commande {number} de {restaurant} est en route."
    }
    CourierAtDoor {
        en "Order {number} is at your door."
        de "Bestellung {number} ist an Ihrer Tür."
        es "El pedido {number} está en su puerta."
        pt "A encomenda {number} está à sua porta."
        fr "La commande {number} est devant votre porte."
    }
    OrderDelivered {
        en "Order {number} from {restaurant} was delivered. Enjoy!"
        de "Bestellung {number} von {restaurant} ist da. Guten Appetit!"
        es "El pedido {number} de {restaurant} se ha entregado. ¡Buen provecho!"
        pt "A encomenda {number} de {restaurant} foi entregue. Bom apetite!"
        fr "La commande {number} de {restaurant} est livrée. Bon appétit !"
    }
    OrderNoShow {
        en "Nobody took order {number} from {restaurant}. The order shows what it costs."
        de "Bestellung {number} von {restaurant} hat niemand angenommen. Die Kosten stehen dort."
        es "Nadie recogió el pedido {number} de {restaurant}. El coste está en el pedido."
        pt "Ninguém recebeu a encomenda {number} de {restaurant}. O custo está na encomenda."
        fr "Personne n'a pris la commande {number} de {restaurant}. Le coût y est indiqué."
    }
    SubstitutionProposed {
        en "{restaurant} proposes a change to order {number}. Please answer by {time}."
        de "{restaurant} schlägt zu Bestellung {number} etwas anderes vor. Bitte bis {time}."
        es "{restaurant} propone un cambio en el pedido {number}. Responda antes de las {time}."
        pt "{restaurant} propõe uma troca na encomenda {number}. Responda até às {time}."
        fr "{restaurant} propose un changement (commande {number}). Répondez avant {time}."
    }
    PaymentDeclined {
        en "The payment of order {number} was declined. Try another way while it waits."
        de "Die Zahlung von Bestellung {number} wurde abgelehnt. Bitte anders bezahlen."
        es "El pago del pedido {number} fue rechazado. Pruebe otro medio mientras espera."
        pt "O pagamento da encomenda {number} foi recusado. Tente outra forma enquanto espera."
        fr "Le paiement de la commande {number} est refusé. Essayez un autre moyen."
    }
    PaymentAction {
        en "Your bank wants you to confirm the payment of order {number}. Open the order."
        de "Ihre Bank möchte die Zahlung von Bestellung {number} bestätigt haben."
        es "Su banco pide que confirme el pago del pedido {number}. Abra el pedido."
        pt "O seu banco pede que confirme o pagamento da encomenda {number}. Abra a encomenda."
        fr "Votre banque demande de confirmer le paiement de la commande {number}."
    }
    RefundDone {
        en "{amount} of order {number} went back to you."
        de "{amount} von Bestellung {number} gehen an Sie zurück."
        es "Se le han devuelto {amount} del pedido {number}."
        pt "Foram-lhe devolvidos {amount} da encomenda {number}."
        fr "{amount} de la commande {number} vous ont été remboursés."
    }
    DebtAdded {
        en "{amount} of order {number} is still to be paid. Until then cash is not possible."
        de "{amount} von Bestellung {number} sind noch offen. Bis dahin ist Bargeld nicht möglich."
        es "Quedan {amount} por pagar del pedido {number}. Hasta entonces no hay pago en efectivo."
        pt "Faltam pagar {amount} da encomenda {number}. Até lá não pode pagar em dinheiro."
        fr "Il reste {amount} à payer (commande {number}). D'ici là, pas d'espèces."
    }
    ClaimSettled {
        en "Your claim about order {number} is decided: {amount}."
        de "Ihre Reklamation zu Bestellung {number} ist entschieden: {amount}."
        es "Su reclamación del pedido {number} está resuelta: {amount}."
        pt "A sua reclamação da encomenda {number} está decidida: {amount}."
        fr "Votre réclamation (commande {number}) est tranchée : {amount}."
    }
    ClaimRefused {
        en "Your claim about order {number} was refused. The claim shows why."
        de "Ihre Reklamation zu Bestellung {number} wurde abgelehnt. Warum, steht dort."
        es "Su reclamación del pedido {number} fue rechazada. El motivo está en ella."
        pt "A sua reclamação da encomenda {number} foi recusada. O motivo está nela."
        fr "Votre réclamation (commande {number}) est refusée. Elle dit pourquoi."
    }
    KitchenNew {
        en "New order {number}. Please answer by {time}."
        de "Neue Bestellung {number}. Bitte bis {time} antworten."
        es "Pedido nuevo {number}. Responda antes de las {time}."
        pt "Nova encomenda {number}. Responda até às {time}."
        fr "Nouvelle commande {number}. Répondez avant {time}."
    }
    KitchenAgain {
        en "Order {number} waits for your answer."
        de "Bestellung {number} wartet auf Ihre Antwort."
        es "El pedido {number} espera su respuesta."
        pt "A encomenda {number} espera pela sua resposta."
        fr "La commande {number} attend votre réponse."
    }
    KitchenSms {
        en "{restaurant}: order {number} waits for an answer. Please look at the tablet."
        de "{restaurant}: Bestellung {number} wartet auf Antwort. Bitte aufs Tablet schauen."
        es "{restaurant}: el pedido {number} espera respuesta. Mire la tableta, por favor."
        pt "{restaurant}: a encomenda {number} espera resposta. Veja o tablet, por favor."
        fr "{restaurant} : la commande {number} attend une réponse. Regardez la tablette."
    }
    KitchenCall {
        en "Hello {restaurant}. Order {number} waits for your answer. Please look at the tablet."
        de "Hallo {restaurant}. Bestellung {number} wartet auf Antwort. Bitte aufs Tablet schauen."
        es "Hola, {restaurant}. El pedido {number} espera respuesta. Mire la tableta, por favor."
        pt "Olá, {restaurant}. A encomenda {number} espera resposta. Veja o tablet, por favor."
        fr "Bonjour {restaurant}. La commande {number} attend une réponse. Regardez la tablette."
    }
    KitchenDue {
        en "It is time to begin order {number}."
        de "Es ist Zeit für Bestellung {number}."
        es "Es hora de empezar el pedido {number}."
        pt "Está na hora de começar a encomenda {number}."
        fr "Il est temps de commencer la commande {number}."
    }
    KitchenCancelled {
        en "Order {number} was cancelled. Please do not cook it."
        de "Bestellung {number} wurde storniert. Bitte nicht kochen."
        es "El pedido {number} se ha cancelado. No lo prepare, por favor."
        pt "A encomenda {number} foi cancelada. Não a prepare, por favor."
        fr "La commande {number} est annulée. Ne la préparez pas."
    }
    KitchenAnswered {
        en "The customer has answered about order {number}."
        de "Zu Bestellung {number} ist eine Antwort da."
        es "El cliente ha respondido sobre el pedido {number}."
        pt "O cliente respondeu sobre a encomenda {number}."
        fr "Le client a répondu pour la commande {number}."
    }
    KitchenClaim {
        en "There is a claim about order {number} at {restaurant}. Please answer within a day."
        de "Zu Bestellung {number} bei {restaurant} gibt es eine Reklamation."
        es "Hay una reclamación del pedido {number} de {restaurant}. Responda en un día."
        pt "Há uma reclamação da encomenda {number} de {restaurant}. Responda num dia."
        fr "Une réclamation concerne la commande {number} de {restaurant}."
    }
    KitchenWarned {
        en "{restaurant}: too many orders go wrong. Your quality page shows what and how many."
        de "{restaurant}: Zu viele Bestellungen gehen schief. Was und wie viele, steht dort."
        es "{restaurant}: demasiados pedidos salen mal. La página de calidad muestra cuáles."
        pt "{restaurant}: demasiadas encomendas correm mal. A página de qualidade mostra quais."
        fr "{restaurant} : trop de commandes se passent mal. La page qualité dit lesquelles."
    }
    KitchenLimited {
        en "{restaurant} takes fewer orders at a time for now. Your quality page shows why."
        de "{restaurant} bekommt vorerst weniger Bestellungen. Die Qualitätsseite zeigt, warum."
        es "{restaurant} recibe menos pedidos por ahora. La página de calidad muestra por qué."
        pt "{restaurant} recebe menos encomendas por agora. A página de qualidade mostra porquê."
        fr "{restaurant} reçoit moins de commandes pour l'instant. La page qualité dit pourquoi."
    }
    KitchenPaused {
        en "{restaurant} takes no orders for now ({time}). Your quality page shows why."
        de "{restaurant} bekommt vorerst keine Bestellungen ({time}). Warum, steht dort."
        es "{restaurant} no recibe pedidos por ahora ({time}). La página de calidad dice por qué."
        pt "{restaurant} não recebe encomendas por agora ({time}). Veja a página de qualidade."
        fr "{restaurant} ne reçoit plus de commandes pour l'instant ({time}). Voir la page qualité."
    }
    KitchenFreed {
        en "{restaurant} takes orders as usual again."
        de "{restaurant} bekommt wieder Bestellungen wie gewohnt."
        es "{restaurant} vuelve a recibir pedidos como siempre."
        pt "{restaurant} volta a receber encomendas como habitualmente."
        fr "{restaurant} reçoit de nouveau des commandes comme d'habitude."
    }
    CourierOffer {
        en "A delivery from {restaurant}. Please answer by {time}."
        de "Eine Lieferung von {restaurant}. Bitte bis {time} antworten."
        es "Una entrega de {restaurant}. Responda antes de las {time}."
        pt "Uma entrega de {restaurant}. Responda até às {time}."
        fr "Une livraison de {restaurant}. Répondez avant {time}."
    }
    CourierReady {
        en "Order {number} is ready at {restaurant}."
        de "Bestellung {number} ist bei {restaurant} fertig."
        es "El pedido {number} está listo en {restaurant}."
        pt "A encomenda {number} está pronta em {restaurant}."
        fr "La commande {number} est prête chez {restaurant}."
    }
    CourierReleased {
        en "Order {number} from {restaurant} is not yours any more."
        de "Bestellung {number} von {restaurant} gehört nicht mehr Ihnen."
        es "El pedido {number} de {restaurant} ya no es suyo."
        pt "A encomenda {number} de {restaurant} já não é sua."
        fr "La commande {number} de {restaurant} n'est plus la vôtre."
    }
    CourierMeasured {
        en "Something has changed in how you may work. Your quality page shows what and why."
        de "An Ihrer Arbeit hat sich etwas geändert. Was und warum, zeigt die Qualitätsseite."
        es "Algo ha cambiado en su trabajo. La página de calidad muestra qué y por qué."
        pt "Algo mudou no seu trabalho. A página de qualidade mostra o quê e porquê."
        fr "Quelque chose a changé dans votre travail. La page qualité dit quoi et pourquoi."
    }
    OperatorsAlert {
        en "{restaurant} does not react to order {number}."
        de "{restaurant} reagiert nicht auf Bestellung {number}."
        es "{restaurant} no reacciona al pedido {number}."
        pt "{restaurant} não reage à encomenda {number}."
        fr "{restaurant} ne réagit pas à la commande {number}."
    }
    OperatorsNoCourier {
        en "Nobody carries order {number} from {restaurant}, and the food is ready."
        de "Niemand bringt Bestellung {number} von {restaurant}, und das Essen ist fertig."
        es "Nadie lleva el pedido {number} de {restaurant}, y la comida está lista."
        pt "Ninguém leva a encomenda {number} de {restaurant}, e a comida está pronta."
        fr "Personne ne livre la commande {number} de {restaurant}, et le plat est prêt."
    }
    OperatorsFailed {
        en "Order {number} from {restaurant} could not be handed over."
        de "Bestellung {number} von {restaurant} konnte nicht übergeben werden."
        es "El pedido {number} de {restaurant} no se pudo entregar."
        pt "A encomenda {number} de {restaurant} não pôde ser entregue."
        fr "La commande {number} de {restaurant} n'a pas pu être remise."
    }
    OperatorsStranded {
        en "Order {number} from {restaurant} is in the bag of a courier who was banned."
        de "Bestellung {number} von {restaurant} hat jemand, der gesperrt wurde, in der Tasche."
        es "El pedido {number} de {restaurant} lo lleva un repartidor que ha sido vetado."
        pt "A encomenda {number} de {restaurant} está com um estafeta que foi banido."
        fr "La commande {number} de {restaurant} est chez un livreur qui a été exclu."
    }
    OperatorsReview {
        en "Order {number} at {restaurant} waits to be looked at. Please decide by {time}."
        de "Bestellung {number} bei {restaurant} wartet auf Prüfung. Bitte bis {time} entscheiden."
        es "El pedido {number} de {restaurant} espera revisión. Decida antes de las {time}."
        pt "A encomenda {number} de {restaurant} espera verificação. Decida até às {time}."
        fr "La commande {number} chez {restaurant} attend une vérification, avant {time}."
    }
    OperatorsPaused {
        en "{restaurant} was paused by its quality score. Please look at it."
        de "{restaurant} wurde wegen seiner Qualität pausiert. Bitte ansehen."
        es "{restaurant} se ha pausado por su calidad. Mírelo, por favor."
        pt "{restaurant} foi pausado pela sua qualidade. Veja, por favor."
        fr "{restaurant} a été suspendu à cause de sa qualité. Regardez, s'il vous plaît."
    }
    OperatorsMoney {
        en "The money of order {number} is stuck at the gateway."
        de "Das Geld von Bestellung {number} hängt beim Zahlungsdienst."
        es "El dinero del pedido {number} está atascado en la pasarela."
        pt "O dinheiro da encomenda {number} está preso no serviço de pagamento."
        fr "L'argent de la commande {number} est bloqué chez le prestataire."
    }
    OperatorsDispute {
        en "The payment of order {number} is disputed: {amount}."
        de "Die Zahlung von Bestellung {number} wird bestritten: {amount}."
        es "El pago del pedido {number} está en disputa: {amount}."
        pt "O pagamento da encomenda {number} está em disputa: {amount}."
        fr "Le paiement de la commande {number} est contesté : {amount}."
    }
    OperatorsDifference {
        en "Our books and the gateway's say different things. Please look at the differences."
        de "Unsere Bücher und die des Zahlungsdienstes weichen ab. Bitte die Differenzen ansehen."
        es "Nuestros libros y los de la pasarela no coinciden. Mire las diferencias."
        pt "As nossas contas e as do serviço de pagamento não batem. Veja as diferenças."
        fr "Nos comptes et ceux du prestataire diffèrent. Regardez les écarts."
    }
    WebhookOff {
        en "A webhook was turned off, since it did not answer for days."
        de "Ein Webhook wurde abgeschaltet, weil er tagelang nicht geantwortet hat."
        es "Se ha apagado un webhook que no respondía desde hace días."
        pt "Um webhook foi desligado, porque não respondia há dias."
        fr "Un webhook a été coupé : il ne répondait plus depuis des jours."
    }
}
