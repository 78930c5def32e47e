//! The words of signing in to the console: how far a session is, and what a link or a challenge for operators is for.

use super::state_words::states;

states! {
    /// How far a session of the console is.
    SessionStage {
        /// The password was right, and the code of the authenticator app is missing. Nothing is permitted yet.
        Code = "code",
        /// The operator is signed in.
        Open = "open",
    }
}

states! {
    /// What a link for operators is for. A link for one purpose does not work for another.
    OperatorLinkPurpose {
        /// Creates the first owner. `daywire serve` prints it.
        FirstOwner = "first_owner",
        /// Lets an invited operator choose a password.
        Invitation = "invitation",
        /// Lets an operator choose a new password.
        PasswordReset = "password_reset",
    }
}

states! {
    /// What the browser of an operator is asked. An answer to one question is none to another.
    ChallengePurpose {
        /// To make a passkey.
        PasskeyRegistration = "passkey_registration",
        /// To sign with a passkey, and so to sign in.
        PasskeySignIn = "passkey_sign_in",
        /// To sign in at the identity provider.
        IdentityProvider = "identity_provider",
    }
}
