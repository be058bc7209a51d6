//! What goes out when somebody asks for a one-time code.

use super::words::Language;

/// A title and a text: with the digits, or, where there are none to give, that there is an account
/// with this contact already.
pub(crate) fn code_text(language: Language, digits: Option<&str>) -> (String, String) {
    let (title, code, known) = words(language);
    match digits {
        Some(digits) => (title.to_owned(), code.replace("{code}", digits)),
        None => (title.to_owned(), known.to_owned()),
    }
}

/// The title, the text for a code, and the one for a contact that is known.
fn words(language: Language) -> (&'static str, &'static str, &'static str) {
    match language {
        Language::En => (
            "Your code",
            "{code} is your code. It is good for 5 minutes. Give it to nobody, not even to us.",
            "You have an account already: log in, or ask for a new password.",
        ),
        Language::De => (
            "Ihr Code",
            "{code} ist Ihr Code. Er gilt 5 Minuten. Geben Sie ihn niemandem, auch uns nicht.",
            "Sie haben schon ein Konto: Melden Sie sich an, oder setzen Sie das Passwort neu.",
        ),
        Language::Es => (
            "Tu código",
            "{code} es tu código. Vale 5 minutos. No se lo des a nadie, tampoco a nosotros.",
            "Ya tienes una cuenta: entra, o pide una contraseña nueva.",
        ),
        Language::Pt => (
            "O seu código",
            "{code} é o seu código. Vale 5 minutos. Não o dê a ninguém, nem a nós.",
            "Já tem uma conta: entre, ou peça uma nova palavra-passe.",
        ),
        Language::Fr => (
            "Votre code",
            "{code} est votre code, valable 5 minutes. Ne le donnez à personne, même pas à nous.",
            "Vous avez déjà un compte : connectez-vous, ou demandez un nouveau mot de passe.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_the_code_and_only_then() {
        for language in [Language::En, Language::De, Language::Es, Language::Pt, Language::Fr] {
            let (_, text) = code_text(language, Some("012345"));
            assert!(text.starts_with("012345 ") && text.contains('5') && !text.contains('{'));
            let (_, text) = code_text(language, None);
            assert!(!text.chars().any(|letter| letter.is_ascii_digit()), "{text}");
        }
    }
}
