//! One-time codes and wrong passwords: what is counted, and when somebody must wait.

use crate::account::{
    AttemptCommand, CodePurpose, CodeWish, CountWrongPassword, SendCode, SignUp, UseCode,
};
use crate::deadline::{Deadline, Due};
use crate::ids::SessionId;
use crate::script::{Script, digest};
use crate::sealed::{Digest, Sealed};
use crate::time::{MINUTE_MS, Timestamp};
use crate::{Actor, Command, Rejection, Verdict};

struct Door {
    script: Script,
    login: Digest,
    /// Sessions that were asked for.
    asked: u8,
}

impl Door {
    /// Somebody with an account, or about to have one.
    fn of(name: &str, known: bool) -> (Self, SignUp) {
        let mut script = Script::new();
        script.run("11:00:00 open r1");
        let wish = script.sign_up_of(name);
        if known {
            let at = script.city.at;
            script.propose(at, Actor::Anyone, Command::SignUp(wish.clone()));
        }
        (Self { script, login: wish.login, asked: 0 }, wish)
    }

    fn tries(&mut self, after_ms: i64, wish: AttemptCommand) -> Verdict {
        let at = self.script.city.at.plus_ms(after_ms);
        let command = Command::Attempt(Box::new(wish));
        self.script.propose(at, Actor::Anyone, command).verdict
    }

    fn send(&mut self, after_ms: i64, purpose: CodePurpose, code: &str) -> Verdict {
        let wish = SendCode { login: self.login, purpose, code: digest(code) };
        self.tries(after_ms, AttemptCommand::SendCode(wish))
    }

    /// Whether saying this opened a session, or why not.
    fn say(&mut self, after_ms: i64, code: &str, wish: CodeWish) -> Result<bool, Rejection> {
        self.asked += 1;
        let session_id = SessionId([self.asked; 16]);
        let wish = UseCode {
            login: self.login,
            code: digest(code),
            wish,
            session_id,
            refresh: digest("refresh"),
            device: Sealed::default(),
        };
        match self.tries(after_ms, AttemptCommand::UseCode(wish)) {
            Verdict::Yes { .. } => Ok(self.script.city.sessions.contains_key(&session_id)),
            Verdict::No(why) => Err(why),
        }
    }
}

fn is_yes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Yes { changed: true, .. })
}

#[test]
fn a_code_is_good_once_for_its_purpose_and_for_five_minutes() {
    let (mut door, alice) = Door::of("alice", true);
    assert_eq!(door.say(0, "1", CodeWish::LogIn), Err(Rejection::CodeWrong), "none was asked for");
    assert!(is_yes(&door.send(0, CodePurpose::LogIn, "1")));
    let reset = CodeWish::Reset("argon3".to_owned());
    assert_eq!(door.say(0, "1", reset), Err(Rejection::CodeWrong), "for something else");
    assert_eq!(door.script.city.accounts[&alice.account_id].verified_at, None);
    assert_eq!(door.say(5 * MINUTE_MS - 1, "1", CodeWish::LogIn), Ok(true));
    assert!(door.script.city.accounts[&alice.account_id].verified_at.is_some());
    assert_eq!(door.say(0, "1", CodeWish::LogIn), Err(Rejection::CodeWrong), "used");
    door.send(0, CodePurpose::LogIn, "2");
    door.send(0, CodePurpose::LogIn, "3");
    assert_eq!(door.say(0, "2", CodeWish::LogIn), Ok(false), "the newest one counts");
    assert_eq!(door.say(5 * MINUTE_MS, "3", CodeWish::LogIn), Err(Rejection::CodeWrong), "old");
}

#[test]
fn five_guesses_and_the_code_is_gone() {
    let (mut door, _) = Door::of("alice", true);
    door.send(0, CodePurpose::LogIn, "right");
    for _ in 0..5 {
        assert_eq!(door.say(0, "wrong", CodeWish::LogIn), Ok(false), "counted");
    }
    assert_eq!(door.say(0, "right", CodeWish::LogIn), Err(Rejection::CodeWrong));
}

#[test]
fn five_codes_an_hour_whoever_it_is() {
    for known in [true, false] {
        let (mut door, _) = Door::of("alice", known);
        let first = door.script.city.at;
        for minutes in 0..5 {
            let after = i64::from(minutes > 0) * 10 * MINUTE_MS;
            assert!(is_yes(&door.send(after, CodePurpose::LogIn, "1")));
        }
        let until = first.plus_ms(60 * MINUTE_MS);
        let refused = door.send(0, CodePurpose::LogIn, "1");
        assert_eq!(refused, Verdict::No(Rejection::TooOften { until }));
        assert!(is_yes(&door.send(20 * MINUTE_MS, CodePurpose::LogIn, "1")), "the first is past");
        if !known {
            assert_eq!(door.say(0, "1", CodeWish::LogIn), Err(Rejection::CodeWrong), "nobody");
        }
    }
}

#[test]
fn an_account_by_code_has_a_contact_that_is_proved() {
    let (mut door, wish) = Door::of("zoe", false);
    door.send(0, CodePurpose::SignUp, "1");
    let sign_up = CodeWish::SignUp(Box::new(SignUp { password: String::new(), ..wish.clone() }));
    assert_eq!(door.say(0, "9", sign_up.clone()), Ok(false));
    assert_eq!(door.script.city.accounts.get(&wish.account_id), None, "not by a guess");
    assert_eq!(door.say(0, "1", sign_up.clone()), Ok(true));
    let account = &door.script.city.accounts[&wish.account_id];
    assert_eq!((account.password.as_str(), account.verified_at), ("", Some(door.script.city.at)));
    door.send(0, CodePurpose::SignUp, "2");
    assert_eq!(door.say(0, "2", sign_up), Err(Rejection::ContactTaken));
}

#[test]
fn a_new_password_ends_every_other_login() {
    let (mut door, alice) = Door::of("alice", true);
    door.script.run("11:00:01 login alice session s1 token t1");
    door.send(0, CodePurpose::Reset, "1");
    assert_eq!(door.say(0, "1", CodeWish::Reset("argon3".to_owned())), Ok(true));
    let account = &door.script.city.accounts[&alice.account_id];
    assert_eq!((account.password.as_str(), account.epoch), ("argon3", 1));
    let (s1, session) = (door.script.session_id("s1"), SessionId([door.asked; 16]));
    assert_eq!(door.script.city.sessions[&session].epoch, 1, "this one goes on");
    assert!(!door.script.city.sessions.contains_key(&s1), "that one does not");
}

#[test]
fn ten_wrong_passwords_a_minute_and_a_right_code_forgets_them() {
    let (mut door, _) = Door::of("alice", true);
    let wrong = |door: &mut Door, after_ms| {
        let wish = CountWrongPassword { login: door.login };
        door.tries(after_ms, AttemptCommand::CountWrongPassword(wish))
    };
    let first = door.script.city.at;
    for _ in 0..10 {
        assert!(is_yes(&wrong(&mut door, 0)));
    }
    let until = first.plus_ms(MINUTE_MS);
    assert_eq!(wrong(&mut door, 0), Verdict::No(Rejection::TooOften { until }));
    let attempts = &door.script.city.attempts[&door.login];
    assert_eq!(attempts.locked_until(first.plus_ms(1)), Some(until));
    assert_eq!(attempts.locked_until(until), None);
    door.send(0, CodePurpose::LogIn, "1");
    assert_eq!(door.say(0, "1", CodeWish::LogIn), Ok(true));
    assert!(door.script.city.attempts[&door.login].wrong.is_empty());
}

#[test]
fn what_was_tried_is_forgotten_after_an_hour() {
    let (mut door, _) = Door::of("alice", false);
    door.send(0, CodePurpose::LogIn, "1");
    let look = |door: &mut Door, at: Timestamp| {
        let deadline = Deadline { due_at: at, due: Due::AttemptsGone(door.login) };
        door.script.propose(at, Actor::System, Command::FireDeadline(deadline)).verdict
    };
    door.send(40 * MINUTE_MS, CodePurpose::LogIn, "2");
    let first = door.script.city.attempts[&door.login].look_at;
    assert!(is_yes(&look(&mut door, first)));
    assert_eq!(door.script.city.attempts[&door.login].asked.len(), 1);
    let next = door.script.city.attempts[&door.login].look_at;
    assert!(is_yes(&look(&mut door, next)));
    assert!(door.script.city.attempts.is_empty());
    assert!(!door.script.city.deadlines.iter().any(|it| matches!(it.due, Due::AttemptsGone(_))));
}

#[test]
fn whoever_was_there_first_is_out_when_the_owner_shows_that_it_is_theirs() {
    let (mut door, alice) = Door::of("alice", true);
    door.script.run("11:00:01 login alice session squatter token t1");
    door.send(0, CodePurpose::LogIn, "1");
    assert_eq!(door.say(0, "1", CodeWish::LogIn), Ok(true));
    let account = door.script.city.accounts[&alice.account_id].clone();
    assert_eq!((account.password.as_str(), account.epoch), ("", 1));
    assert_eq!(account.request, Digest([0; 32]), "the request that signed up is no repeat");
    let own = SessionId([door.asked; 16]);
    assert_eq!(door.script.city.sessions[&own].epoch, 1);
    let squatter = door.script.session_id("squatter");
    assert!(!door.script.city.sessions.contains_key(&squatter));
    let again = door.script.propose(door.script.city.at, Actor::Anyone, Command::SignUp(alice));
    assert_eq!(again.verdict, Verdict::No(Rejection::ContactTaken));
    // Proved once, a password that is set by code stays when they log in by code.
    door.send(0, CodePurpose::Reset, "2");
    assert_eq!(door.say(0, "2", CodeWish::Reset("argon3".to_owned())), Ok(true));
    door.send(0, CodePurpose::LogIn, "3");
    assert_eq!(door.say(0, "3", CodeWish::LogIn), Ok(true));
    let account = &door.script.city.accounts[&account.id];
    assert_eq!((account.password.as_str(), account.epoch), ("argon3", 2));
}

#[test]
fn who_made_it_by_code_keeps_what_they_have() {
    let (mut door, wish) = Door::of("zoe", false);
    door.send(0, CodePurpose::SignUp, "1");
    let sign_up = CodeWish::SignUp(Box::new(SignUp { password: String::new(), ..wish.clone() }));
    assert_eq!(door.say(0, "1", sign_up), Ok(true));
    door.send(0, CodePurpose::LogIn, "2");
    assert_eq!(door.say(0, "2", CodeWish::LogIn), Ok(true));
    assert_eq!(door.script.city.accounts[&wish.account_id].epoch, 0);
    assert_eq!(door.script.city.sessions.len(), 2);
}

#[test]
fn a_code_for_something_else_spoils_none() {
    let (mut door, _) = Door::of("alice", true);
    door.send(0, CodePurpose::Reset, "1");
    door.send(0, CodePurpose::LogIn, "2");
    door.send(0, CodePurpose::SignUp, "3");
    for _ in 0..5 {
        assert_eq!(door.say(0, "wrong", CodeWish::LogIn), Ok(false), "counted");
    }
    assert_eq!(door.say(0, "2", CodeWish::LogIn), Err(Rejection::CodeWrong));
    assert_eq!(door.say(0, "1", CodeWish::Reset("argon3".to_owned())), Ok(true));
    assert_eq!(door.script.city.attempts[&door.login].others.len(), 1, "the last one waits");
}
