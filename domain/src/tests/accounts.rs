//! Who is who: signing up, logging in, roles and bans.

use crate::city::FoundCity;
use crate::script::{Script, check, digest};
use crate::{Actor, Command, Rejection, Verdict};
use expect_test::expect;

#[test]
fn one_contact_is_one_account() {
    check(
        "
        11:00:00  signup  alice
        11:00:00  signup  alice
        11:00:00  signup  alice request other
        11:00:01  password alice from argon2 to argon3
        11:00:02  signup  alice
        ",
        expect![[r#"
            11:00:00 signup   alice yes AccountSignedUp alice
            11:00:00 signup   alice yes (unchanged)
            11:00:00 signup   alice no  ContactTaken
            11:00:01 password alice yes PasswordSet alice
            11:00:02 signup   alice no  ContactTaken
        "#]],
    );
}

#[test]
fn a_refresh_token_is_good_once_and_half_a_minute() {
    check(
        "
        11:00:00  login   alice session s1 token t1 password wrong
        11:00:00  login   alice session s1 token t1
        11:00:00  login   alice session s1 token t1
        11:00:00  login   alice session s1 token t9
        11:10:00  rotate  s1 from t1 to t2
        11:10:30  rotate  s1 from t1 to t2
        11:10:30  rotate  s1 from t7 to t8
        11:20:00  rotate  s1 from t2 to t3
        11:20:31  rotate  s1 from t2 to t3
        11:20:32  rotate  s1 from t3 to t4
        11:30:00  login   alice session s2 token t1
        11:30:00  logout  s2 by bob
        11:30:00  logout  s2 by alice
        11:30:00  logout  s2 by alice
        11:40:00  login   alice session s3 token t1
        11:41:00  ban     alice
        11:41:00  rotate  s3 from t1 to t2
        11:42:00  unban   alice
        11:42:00  rotate  s3 from t1 to t2
        4400:00   due     -
        ",
        expect![[r#"
            11:00:00 login    alice no  CredentialsWrong
            11:00:00 login    alice yes SessionOpened alice s1
            11:00:00 login    alice yes (unchanged)
            11:00:00 login    alice no  IdReused
            11:10:00 rotate   s1   yes
            11:10:30 rotate   s1   yes (unchanged)
            11:10:30 rotate   s1   no  CredentialsWrong
            11:20:00 rotate   s1   yes
            11:20:31 rotate   s1   yes SessionClosed alice s1
            11:20:32 rotate   s1   no  SessionUnknown
            11:30:00 login    alice yes SessionOpened alice s2
            11:30:00 logout   s2   no  SessionUnknown
            11:30:00 logout   s2   yes SessionClosed alice s2
            11:30:00 logout   s2   no  SessionUnknown
            11:40:00 login    alice yes SessionOpened alice s3
            11:41:00 ban      alice yes AccountBanned alice until=None
            11:41:00 rotate   s3   no  Banned
            11:42:00 unban    alice yes AccountUnbanned alice
            11:42:00 rotate   s3   no  SessionEnded
            4400:00:00 due      -    yes SessionClosed alice s3
        "#]],
    );
}

#[test]
fn an_ancestor_of_a_refresh_token_ends_the_login() {
    check(
        "
        11:00:00  login   alice session s1 token t1
        11:10:00  rotate  s1 from t1 to t2
        11:20:00  rotate  s1 from t2 to t3
        11:20:01  rotate  s1 from t7 to t8 over t9
        11:20:01  rotate  s1 from t2 to t3 over t9
        11:20:02  rotate  s1 from t1 to t2 over t2
        11:20:03  rotate  s1 from t3 to t4
        ",
        expect![[r#"
            11:00:00 login    alice yes SessionOpened alice s1
            11:10:00 rotate   s1   yes
            11:20:00 rotate   s1   yes
            11:20:01 rotate   s1   no  CredentialsWrong
            11:20:01 rotate   s1   yes (unchanged)
            11:20:02 rotate   s1   yes SessionClosed alice s1
            11:20:03 rotate   s1   no  SessionUnknown
        "#]],
    );
}

#[test]
fn the_oldest_login_gives_way_to_one_too_many() {
    let mut script = Script::new();
    let most = crate::limits::SESSIONS;
    for number in 0..most {
        script.line(&format!("11:00:{number:02} login alice session s{number} token t"));
    }
    let (first, second) = (script.session_id("s0"), script.session_id("s1"));
    assert!(script.city.sessions.contains_key(&first));
    script.line("11:01:00 login alice session more token t");
    assert_eq!(script.city.sessions.len(), most);
    assert!(!script.city.sessions.contains_key(&first));
    assert!(script.city.sessions.contains_key(&second));
    script.line("11:02:00 logout-all alice");
    script.line("11:03:00 login alice session after token t");
    assert_eq!(script.city.sessions.len(), 1, "what an epoch has ended is forgotten");
    let ends =
        |it: &&crate::deadline::Deadline| matches!(it.due, crate::deadline::Due::SessionEnds(_));
    assert_eq!(script.city.deadlines.iter().filter(ends).count(), 1);
}

#[test]
fn a_ban_holds_from_its_own_entry_on() {
    check(
        "
        11:00:00  open    r1
        11:00:00  ban     alice by bob
        11:00:00  ban     zed until 10:00:00
        11:00:00  ban     alice for spam until 12:00:00
        11:00:00  place   o1 at r1 by alice: 1 ramen
        11:59:59  place   o1 at r1 by alice: 1 ramen
        12:00:00  place   o1 at r1 by alice: 1 ramen
        ",
        expect![[r#"
            11:00:00 open     r1   yes
            11:00:00 ban      alice no  Forbidden
            11:00:00 ban      zed  no  FieldInvalid /until: a moment that is yet to come
            11:00:00 ban      alice yes AccountBanned alice until=12:00:00
            11:00:00 place    o1   no  Banned
            11:59:59 place    o1   no  Banned
            12:00:00 place    o1   yes OrderPending o1 total=1598
        "#]],
    );
}

#[test]
fn an_old_token_is_no_token() {
    let mut script = Script::new();
    script.run("11:00:00 login alice session s1 token t1");
    let (account_id, s1) = (script.account_id("alice"), script.session_id("s1"));
    let s2 = script.session_id("s2");
    let mut try_as = |session_id, epoch| {
        let actor = Actor::Account { account_id, session_id, epoch };
        let at = script.city.at;
        let wish = crate::account::OpenSession {
            session_id: s1,
            account_id,
            password: digest("argon2"),
            refresh: digest("t1"),
            device: Default::default(),
        };
        script.propose(at, actor, Command::OpenSession(wish)).verdict
    };
    assert!(matches!(try_as(None, 0), Verdict::Yes { .. }));
    assert!(matches!(try_as(Some(s1), 0), Verdict::Yes { .. }));
    assert_eq!(try_as(Some(s2), 0), Verdict::No(Rejection::SessionEnded));
    assert_eq!(try_as(None, 1), Verdict::No(Rejection::SessionEnded));
}

#[test]
fn a_city_is_founded_once() {
    let mut script = Script::new();
    let founded = script.city.city.clone().unwrap();
    let founder = script.sign_up_of("op");
    let mut found = |time_zone: &str, name: &str, actor| {
        let wish = FoundCity {
            number: founded.number,
            name: name.to_owned(),
            currency: founded.currency,
            time_zone: time_zone.to_owned(),
            language: founded.language.clone(),
            centre: founded.centre,
            rules: founded.rules.clone(),
            founder: founder.clone(),
        };
        let at = script.city.at;
        script.propose(at, actor, Command::FoundCity(Box::new(wish))).verdict
    };
    let zone = "Europe/Lisbon";
    let repeat = Verdict::Yes { changed: false, index: 1 };
    assert_eq!(found(zone, "Porto", Actor::System), repeat);
    assert_eq!(found(zone, "Lisboa", Actor::System), Verdict::No(Rejection::CityFounded));
    assert_eq!(found(zone, "Porto", Actor::Anyone), Verdict::No(Rejection::Forbidden));
    let refused = found("Mars/Olympus", "Porto", Actor::System);
    assert!(matches!(refused, Verdict::No(Rejection::FieldInvalid { .. })), "{refused:?}");

    let mut nowhere = crate::script::MemoryCity::default();
    let wish = Command::SignUp(founder);
    let verdict = nowhere.propose(founded_at(), Actor::Anyone, wish).verdict;
    assert_eq!(verdict, Verdict::No(Rejection::CityUnknown));
}

fn founded_at() -> crate::time::Timestamp {
    "2026-03-02T00:00:00Z".parse().unwrap()
}
