//! What somebody keeps for their next order: how much of it, for whom, and until when.

use crate::limits::{FAVOURITES, SAVED_ADDRESSES, SAVED_PAYMENT_METHODS};
use crate::script::{Script, check};
use crate::sealed::Sealed;
use expect_test::expect;

#[test]
fn a_name_and_a_language_are_changed_over_what_was_seen() {
    check(
        "
        12:00:00  signup  alice
        12:00:01  profile alice name Alicia locale pt
        12:00:02  again
        12:00:03  profile alice name Alba if 2
        12:00:04  profile alice name Alba if 3
        12:00:05  again
        12:00:06  profile alice locale -
        12:00:07  profile alice
        12:00:08  profile alice name Eve by bob
        12:00:09  profile alice locale a-language-tag-that-is-longer-than-any
        12:00:10  erase   alice password argon2
        12:00:11  profile alice name Alice
        ",
        expect![[r#"
            12:00:00 signup   alice yes AccountSignedUp alice
            12:00:01 profile  alice yes
            12:00:02 again         yes (unchanged)
            12:00:03 profile  alice no  VersionChanged version=3
            12:00:04 profile  alice yes
            12:00:05 again         yes (unchanged)
            12:00:06 profile  alice yes
            12:00:07 profile  alice yes (unchanged)
            12:00:08 profile  alice no  AccountUnknown
            12:00:09 profile  alice no  FieldInvalid /locale: from 0 to 35 letters
            12:00:10 erase    alice yes AccountErased alice
            12:00:11 profile  alice no  SessionEnded
        "#]],
    );
}

#[test]
fn addresses_are_added_changed_and_dropped_by_their_person() {
    check(
        "
        12:00:00  signup    alice
        12:00:00  signup    bob
        12:00:01  keeps     alice
        12:00:01  address   a1 of alice says home
        12:00:01  again
        12:00:01  address   a1 of alice says office
        12:00:02  readdress a1 of alice says office
        12:00:02  again
        12:00:02  address   a1 of alice says home
        12:00:03  address   a2 of alice says gym
        12:00:03  keeps     alice
        12:00:04  readdress a1 of bob says mine
        12:00:04  unaddress a1 of bob
        12:00:04  readdress a1 of alice says mine by bob
        12:00:04  unaddress a1 of alice by op
        12:00:05  unaddress a1 of alice
        12:00:05  again
        12:00:05  readdress a1 of alice says gone
        12:00:06  keeps     alice
        12:00:06  keeps     bob
        ",
        expect![[r#"
            12:00:00 signup   alice yes AccountSignedUp alice
            12:00:00 signup   bob  yes AccountSignedUp bob
            12:00:01 keeps    alice nothing
            12:00:01 address  a1   yes
            12:00:01 again         yes (unchanged)
            12:00:01 address  a1   no  IdReused
            12:00:02 readdress a1   yes
            12:00:02 again         yes (unchanged)
            12:00:02 address  a1   yes (unchanged)
            12:00:03 address  a2   yes
            12:00:03 keeps    alice addresses [a1:office a2:gym] favourites [] cards []
            12:00:04 readdress a1   no  AddressUnknown
            12:00:04 unaddress a1   no  AddressUnknown
            12:00:04 readdress a1   no  AccountUnknown
            12:00:04 unaddress a1   no  AccountUnknown
            12:00:05 unaddress a1   yes
            12:00:05 again         no  AddressUnknown
            12:00:05 readdress a1   no  AddressUnknown
            12:00:06 keeps    alice addresses [a2:gym] favourites [] cards []
            12:00:06 keeps    bob  nothing
        "#]],
    );
}

#[test]
fn favourites_exist_when_they_become_ones() {
    check(
        "
        12:00:00  open     r1
        12:00:00  signup   alice
        12:00:01  favour   r1 of alice
        12:00:01  again
        12:00:01  favour   r1 of alice dish ramen
        12:00:01  favour   r1 of alice dish gyoza
        12:00:01  favour   r1 of alice dish pizza
        12:00:01  favour   r2 of alice
        12:00:01  favour   r2 of alice dish ramen
        12:00:02  keeps    alice
        12:00:03  menu     r1 by op: ramen 1200, tea 300
        12:00:03  keeps    alice
        12:00:03  unfavour r1 of alice dish gyoza
        12:00:03  again
        12:00:03  favour   r1 of alice dish gyoza
        12:00:04  unfavour r1 of alice
        12:00:04  unfavour r1 of alice dish ramen by bob
        12:00:04  keeps    alice
        ",
        expect![[r#"
            12:00:00 open     r1   yes
            12:00:00 signup   alice yes AccountSignedUp alice
            12:00:01 favour   r1   yes
            12:00:01 again         yes (unchanged)
            12:00:01 favour   r1   yes
            12:00:01 favour   r1   yes
            12:00:01 favour   r1   no  DishUnknown
            12:00:01 favour   r2   no  RestaurantUnknown
            12:00:01 favour   r2   no  DishUnknown
            12:00:02 keeps    alice addresses [] favourites [r1 r1/ramen r1/gyoza] cards []
            12:00:03 menu     r1   yes MenuChanged r1 version=2
            12:00:03 keeps    alice addresses [] favourites [r1 r1/ramen r1/gyoza] cards []
            12:00:03 unfavour r1   yes
            12:00:03 again         yes (unchanged)
            12:00:03 favour   r1   no  DishUnknown
            12:00:04 unfavour r1   yes
            12:00:04 unfavour r1   no  AccountUnknown
            12:00:04 keeps    alice addresses [] favourites [r1/ramen] cards []
        "#]],
    );
}

#[test]
fn the_first_card_is_the_default_and_another_takes_its_place() {
    check(
        "
        12:00:00  signup alice
        12:00:01  card   c1 of alice says visa
        12:00:01  again
        12:00:01  card   c1 of alice says other
        12:00:01  card   c2 of alice says amex
        12:00:01  card   c3 of alice says mc default
        12:00:02  keeps  alice
        12:00:03  prefer c2 of alice
        12:00:03  again
        12:00:03  prefer c9 of alice
        12:00:03  prefer c1 of bob
        12:00:03  keeps  alice
        12:00:04  uncard c2 of alice
        12:00:04  again
        12:00:04  keeps  alice
        12:00:05  uncard c1 of alice
        12:00:05  keeps  alice
        12:00:06  uncard c3 of alice
        12:00:06  keeps  alice
        12:00:07  card   c4 of alice says cash
        12:00:07  keeps  alice
        ",
        expect![[r#"
            12:00:00 signup   alice yes AccountSignedUp alice
            12:00:01 card     c1   yes
            12:00:01 again         yes (unchanged)
            12:00:01 card     c1   no  IdReused
            12:00:01 card     c2   yes
            12:00:01 card     c3   yes
            12:00:02 keeps    alice addresses [] favourites [] cards [c1:visa c2:amex c3:mc*]
            12:00:03 prefer   c2   yes
            12:00:03 again         yes (unchanged)
            12:00:03 prefer   c9   no  PaymentMethodUnknown
            12:00:03 prefer   c1   no  PaymentMethodUnknown
            12:00:03 keeps    alice addresses [] favourites [] cards [c1:visa c2:amex* c3:mc]
            12:00:04 uncard   c2   yes
            12:00:04 again         no  PaymentMethodUnknown
            12:00:04 keeps    alice addresses [] favourites [] cards [c1:visa c3:mc*]
            12:00:05 uncard   c1   yes
            12:00:05 keeps    alice addresses [] favourites [] cards [c3:mc*]
            12:00:06 uncard   c3   yes
            12:00:06 keeps    alice addresses [] favourites [] cards []
            12:00:07 card     c4   yes
            12:00:07 keeps    alice addresses [] favourites [] cards [c4:cash*]
        "#]],
    );
}

/// Fills it up with what the line makes, and tells what becomes of one more.
fn one_too_many(script: &mut Script, at_most: usize, line: impl Fn(usize) -> String) -> String {
    for number in 0..at_most {
        let told = script.line(&line(number));
        assert!(told.contains("yes"), "{told}");
    }
    // What is there already is no more of it.
    let again = script.line(&line(0));
    assert!(again.contains("(unchanged)"), "{again}");
    script.line(&line(at_most))
}

#[test]
fn there_is_room_for_so_many() {
    let mut script = Script::new();
    script.run("12:00:00 signup alice");
    let dishes: Vec<String> = (0..=FAVOURITES).map(|n| format!("dish{n} 100")).collect();
    script.run("12:00:00 open r1");
    script.run(&format!("12:00:00 menu r1 by op: {}", dishes.join(", ")));
    let told = [
        one_too_many(&mut script, SAVED_ADDRESSES, |n| {
            format!("12:00:01 address a{n} of alice says door{n}")
        }),
        one_too_many(&mut script, FAVOURITES, |n| {
            format!("12:00:01 favour r1 of alice dish dish{n}")
        }),
        one_too_many(&mut script, SAVED_PAYMENT_METHODS, |n| {
            format!("12:00:01 card c{n} of alice says card{n}")
        }),
    ];
    expect![[r#"
        12:00:01 address  a20  no  LimitReached at_most=20
        12:00:01 favour   r1   no  LimitReached at_most=200
        12:00:01 card     c10  no  LimitReached at_most=10
    "#]]
    .assert_eq(&told.concat());
    // Somebody else's are not counted with hers, and one less is room for one more.
    let room = script.run(
        "
        12:00:02 address   a0 of bob says door
        12:00:02 unaddress a0 of alice
        12:00:02 address   a0 of alice says door
        ",
    );
    assert_eq!(room.matches("yes").count(), 3, "{room}");
}

#[test]
fn who_leaves_takes_them_along() {
    let mut script = Script::new();
    script.run(
        "
        12:00:00 open    r1
        12:00:00 signup  alice
        12:00:00 profile alice name Alicia
        12:00:00 address a1 of alice says home
        12:00:00 favour  r1 of alice
        12:00:00 card    c1 of alice says visa
        12:00:00 address a1 of bob says home
        12:00:01 erase   alice password argon2
        ",
    );
    let (alice, bob) = (script.account_id("alice"), script.account_id("bob"));
    assert!(!script.city.belongings.contains_key(&alice));
    assert!(script.city.belongings.contains_key(&bob));
    assert_eq!(script.city.accounts[&alice].name, Sealed::default());
    let after = script.line("12:00:02 address a1 of alice says home");
    assert!(after.contains("no  SessionEnded"), "{after}");
    assert!(!script.city.belongings.contains_key(&alice));
}
