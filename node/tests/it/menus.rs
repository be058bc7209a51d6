//! Menus over real sockets: shown, replaced, merged; and the pictures on them.

use crate::city::City;
use crate::http::{Answer, Api, send};
use crate::people::{Kitchen, menu};
use api::codes::Code;
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use reqwest::Method;
use serde_json::{Value, json};

async fn put(api: &Api, path: &str, tag: Option<&str>, body: Value) -> Answer {
    let request = api.request(Method::PUT, path).json(&body);
    send(match tag {
        Some(tag) => request.header("If-Match", tag),
        None => request,
    })
    .await
}

async fn get_in(api: &Api, path: &str, language: &str, tag: &str) -> Answer {
    let request = api.request(Method::GET, path).header("Accept-Language", language);
    send(request.header("If-None-Match", tag)).await
}

fn dish<'a>(menu: &'a Value, own_ref: &str) -> &'a Value {
    let dishes = menu["dishes"].as_array().unwrap().iter();
    dishes.clone().find(|dish| dish["ref"] == own_ref).unwrap()
}

/// All that can be said of a dish, in two languages.
fn rich_menu(image: &str) -> Value {
    let mut rich = menu();
    let lunch = json!({"monday": ["11:30-15:00"]});
    rich["categories"][0]["title"]["de"] = json!("Hauptgerichte");
    rich["categories"][0]["windows"] = json!({"monday": ["00:00-24:00"], "sunday": []});
    let ramen = &mut rich["dishes"][0];
    ramen["title"]["de"] = json!("Nudelsuppe");
    ramen["allergens"] = json!(["gluten", "soybeans", "eggs"]);
    ramen["diet"] = json!(["halal"]);
    ramen["calories"] = json!(780);
    ramen["image"] = json!(image);
    ramen["windows"] = lunch.clone();
    ramen["prices_by"] = json!([{"fulfilment": "pickup", "windows": lunch, "price": 1100}]);
    rich["option_groups"][0]["free"] = json!(1);
    rich["option_groups"][0]["options"][0]["dish"] = json!("gyoza");
    rich
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 80).encode_image(&picture).unwrap();
    bytes
}

async fn upload(api: &Api, query: &str, kind: &str, bytes: Vec<u8>) -> Answer {
    let request = api.request(Method::POST, &format!("/v1/images{query}"));
    send(request.header("content-type", kind).body(bytes)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_is_replaced_merged_and_shown_in_a_language() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Casa Marisol").await;
    let staff = city.by(2, &kitchen.staff);
    let own = format!("/v1/restaurant/{}/menu", kitchen.id);
    let taken = upload(&staff, "", "image/jpeg", jpeg(800, 400)).await.ok(201);
    let hash = taken["hash"].as_str().unwrap().to_owned();

    // Replacing needs the tag of what is replaced.
    let rich = rich_menu(&hash);
    assert_eq!(put(&staff, &own, None, rich.clone()).await.code(), Code::IfMatchMissing);
    assert_eq!(put(&staff, &own, Some("\"9\""), rich.clone()).await.code(), Code::VersionChanged);
    assert_eq!(put(&staff, &own, Some("mine"), rich.clone()).await.code(), Code::ParamInvalid);
    let seen = staff.get(&own).await;
    let tag = seen.header("etag").unwrap().to_owned();
    let put_once = put(&staff, &own, Some(&tag), rich.clone()).await;
    assert_eq!(put_once.ok(200)["version"], 2);
    let again = put(&staff, &own, Some(&tag), rich.clone()).await;
    assert_eq!(again.ok(200)["version"], 2, "the same again is the same");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));

    shown_in_languages(&city, &kitchen, put_once.index(), &hash).await;

    // One thing changes, and the rest stays.
    let patch = json!({"dishes": {"ramen": {"price": 1300, "calories": null}}});
    let answer = staff.patch(&own, patch.clone()).await.ok(200);
    assert_eq!((&answer["version"], &answer["dish_ids"]), (&json!(3), &json!([kitchen.ramen])));
    let menu = staff.get(&own).await.ok(200);
    let ramen = dish(&menu, "ramen");
    assert_eq!(ramen["price"]["amount"], 1300);
    assert_eq!(
        (ramen.get("calories"), &ramen["allergens"]),
        (None, &json!(["gluten", "eggs", "soybeans"]))
    );
    let request = staff.request(Method::PATCH, &own).header("If-Match", "\"2\"");
    assert_eq!(send(request.json(&patch)).await.code(), Code::VersionChanged);

    // Six merges at once at three nodes: each holds.
    let merges = (0..6).map(|number| {
        let staff = city.by(number % 3 + 1, &kitchen.staff);
        let own = own.clone();
        async move {
            let title = format!("l{number}");
            let patch = json!({"dishes": {"gyoza": {"title": {title: "Gyoza"}}}});
            staff.patch(&own, patch).await
        }
    });
    for answer in futures_util::future::join_all(merges).await {
        assert!(answer.status == 200 || answer.code() == Code::VersionChanged);
        if answer.status == 200 {
            let menu = staff.get(&own).await.ok(200);
            let titles = dish(&menu, "gyoza")["title"].as_object().unwrap().len();
            assert!(titles >= 2, "{menu}");
        }
    }

    // A dish more, by key; the same by id; and off the menu, twice.
    let post = format!("/restaurant/{}/menu", kitchen.id);
    let tea = json!({"ref": "tea", "title": {"en": "Tea"}, "price": 300});
    let added = staff.post(&post, tea.clone()).await.ok(201);
    staff.post(&post, tea).await.ok(200);
    let tea_id = added["dish_ids"][0].as_str().unwrap().to_owned();
    let by_id = json!({"dish_id": tea_id, "title": {"en": "Tea"}, "price": 320});
    staff.post(&post, by_id).await.ok(200);
    let remove = format!("{own}/dish/{tea_id}");
    for changed in [None, Some("true")] {
        let answer = send(staff.request(Method::DELETE, &remove)).await;
        answer.ok(200);
        assert_eq!(answer.header("idempotency-replayed"), changed);
    }
    let menu = staff.get(&own).await.ok(200);
    assert_eq!(menu["dishes"].as_array().unwrap().len(), 2);
    refused(&city, &kitchen).await;
    city.end().await;
}

async fn shown_in_languages(city: &City, kitchen: &Kitchen, index: u64, hash: &str) {
    for node in 1..=3 {
        let api = city.at(node);
        let path = format!("/v1/restaurants/{}/menu?after={index}", kitchen.id);
        let all = api.get(&path).await;
        let menu = all.ok(200);
        let ramen = dish(&menu, "ramen");
        assert_eq!(ramen["title"], json!({"de": "Nudelsuppe", "en": "Tonkotsu ramen"}));
        assert_eq!(ramen["windows"], json!({"monday": ["11:30-15:00"]}));
        assert_eq!(ramen["prices_by"][0]["price"]["amount"], 1100);
        assert_eq!(ramen["image"]["urls"][1]["url"], format!("/img/{hash}-640.jpg"));
        assert_eq!(menu["option_groups"][0]["options"][0]["dish_id"], kitchen.gyoza);

        let german = get_in(&api, &path, "de-AT, en;q=0.5", "\"x\"").await;
        let tag = german.header("etag").unwrap().to_owned();
        assert_eq!(german.header("content-language"), Some("de, en"));
        assert_ne!(Some(tag.as_str()), all.header("etag"));
        let menu = german.ok(200);
        assert_eq!(dish(&menu, "ramen")["title"], json!({"de": "Nudelsuppe"}));
        assert_eq!(dish(&menu, "gyoza")["title"], json!({"en": "Pork gyoza"}));
        let known = get_in(&api, &path, "de-AT, en;q=0.5", &format!("W/\"1\", {tag}")).await;
        assert_eq!((known.status, known.body.len()), (304, 0), "node {node}");
        assert_eq!(known.header("etag"), Some(tag.as_str()));
        assert_eq!(get_in(&api, &path, "en", &tag).await.status, 200);
    }
}

/// What is wrong with a patch is named by its place there.
async fn refused(city: &City, kitchen: &Kitchen) {
    let staff = city.by(1, &kitchen.staff);
    let own = format!("/v1/restaurant/{}/menu", kitchen.id);
    let group = staff.get(&own).await.ok(200)["option_groups"][0]["option_group_id"].clone();
    let group = group.as_str().unwrap().to_owned();
    let cases = [
        (json!({"dishes": {"pho": {"price": 1}}}), "/dishes/pho".to_owned()),
        (json!({"dishes": {"ramen": 3}}), "/dishes/ramen".to_owned()),
        (json!({"dishes": {"ramen": {"price": -1}}}), "/dishes/ramen/price".to_owned()),
        (json!({"dishes": {"ramen": {"prize": 1}}}), "/dishes/ramen/prize".to_owned()),
        (json!({"dishes": {"ramen": {"price": null}}}), "/dishes/ramen/price".to_owned()),
        (json!({"dishes": {"ramen": {"tax_class": "x"}}}), "/dishes/ramen/tax_class".to_owned()),
        (
            json!({"dishes": {"ramen": {"allergens": ["x"]}}}),
            "/dishes/ramen/allergens/0".to_owned(),
        ),
        (
            json!({"dishes": {"ramen": {"dish_id": kitchen.gyoza}}}),
            "/dishes/ramen/dish_id".to_owned(),
        ),
        (
            json!({"dishes": {"ramen": {"windows": {"monday": ["9"]}}}}),
            "/dishes/ramen/windows/monday/0".to_owned(),
        ),
        (
            json!({"option_groups": {group.clone(): {"max": 0}}}),
            format!("/option_groups/{group}/max"),
        ),
        // Gyoza is an answer to a question: it cannot just go.
        (json!({"dishes": {"gyoza": null}}), format!("/option_groups/{group}/options/0/dish")),
    ];
    for (patch, pointer) in cases {
        let answer = staff.patch(&own, patch.clone()).await;
        assert_eq!(answer.status, 422, "{patch}: {}", answer.text());
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{patch}");
    }
    let unknown = format!("{own}/dish/dsh_00400000000000000000000000");
    let answer = send(staff.request(Method::DELETE, &unknown)).await;
    assert_eq!(answer.code(), Code::DishUnknown);
    let ana = city.somebody().await;
    let stranger = city.by(1, &ana);
    assert_eq!(stranger.get(&own).await.code(), Code::Forbidden);
    assert_eq!(stranger.patch(&own, json!({})).await.code(), Code::Forbidden);
    let nobody = city.at(1).get(&own).await;
    assert_eq!(nobody.code(), Code::TokenMissing);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_the_same_everywhere_and_secrets_are_kept() {
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Noodle Bar").await;
    let staff = city.by(1, &kitchen.staff);
    let bytes = jpeg(1500, 700);
    let answer = upload(&staff, "", "image/jpeg", bytes.clone()).await;
    let taken = answer.ok(201);
    let again = upload(&city.by(3, &kitchen.staff), "", "image/jpeg", bytes.clone()).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.ok(201), taken);

    let urls = taken["picture"]["urls"].as_array().unwrap();
    assert_eq!(urls.len(), 3);
    for place in urls {
        let (url, width) = (place["url"].as_str().unwrap(), place["width"].as_u64().unwrap());
        let first = city.at(1).get(url).await;
        for node in 1..=3 {
            let shown = city.at(node).get(url).await;
            assert_eq!(shown.status, 200, "{}", shown.text());
            assert_eq!(shown.body, first.body, "node {node}");
            assert_eq!(shown.header("content-type"), Some("image/jpeg"));
            let forever = Some("public, max-age=31536000, immutable");
            assert_eq!(shown.header("cache-control"), forever);
            let tag = shown.header("etag").unwrap().to_owned();
            let known = get_in(&city.at(node), url, "en", &tag).await;
            assert_eq!((known.status, known.header("cache-control")), (304, forever));
        }
        let picture = image::load_from_memory(&first.body).unwrap();
        assert_eq!(u64::from(picture.width()), width);
    }

    // A secret is its owner's, and has no address.
    let ana = city.somebody().await;
    let own = city.by(2, &ana);
    let secret = upload(&own, "?private=true", "image/jpeg", bytes.clone()).await.ok(201);
    let hash = secret["hash"].as_str().unwrap().to_owned();
    assert_eq!((secret.get("picture"), &secret["private"]), (None, &json!(true)));
    let public = format!("/img/{hash}-320.jpg");
    assert_eq!(city.at(1).get(&public).await.code(), Code::ImageUnknown);
    let path = format!("/v1/images/{hash}?width=640");
    let shown = own.get(&path).await;
    assert_eq!((shown.status, shown.header("cache-control")), (200, Some("private, no-store")));
    assert_eq!(image::load_from_memory(&shown.body).unwrap().width(), 640);
    assert_eq!(city.by(3, &founder).get(&path).await.status, 200);
    assert_eq!(staff.get(&path).await.code(), Code::ImageUnknown);
    assert_eq!(city.at(1).get(&path).await.code(), Code::TokenMissing);
    let dish = json!({"ref": "ramen", "title": {"en": "Ramen"}, "price": 1, "image": hash});
    let answer = staff.post(&format!("/restaurant/{}/menu", kitchen.id), dish).await;
    assert_eq!(answer.code(), Code::FieldInvalid);
    assert_eq!(answer.json()["errors"][0]["pointer"], "/image");

    // What is no picture, too much, or nowhere.
    let cut = bytes[..300].to_vec();
    for (kind, bytes, code) in [
        ("image/jpeg", cut, Code::MediaTypeUnsupported),
        ("image/jpeg", Vec::new(), Code::MediaTypeUnsupported),
        ("image/png", b"<svg/>".to_vec(), Code::MediaTypeUnsupported),
        ("image/gif", bytes.clone(), Code::MediaTypeUnsupported),
        ("application/json", bytes.clone(), Code::MediaTypeUnsupported),
        ("image/jpeg", vec![0; (8 << 20) + 1], Code::TooLarge),
    ] {
        assert_eq!(upload(&staff, "", kind, bytes).await.code(), code, "{kind}");
    }
    let nobody = upload(&city.at(1), "", "image/jpeg", bytes).await;
    assert_eq!(nobody.code(), Code::TokenMissing);
    let hash = taken["hash"].as_str().unwrap();
    for name in [
        format!("{hash}-321.jpg"),
        format!("{hash}-320.png"),
        format!("{hash}-0320.jpg"),
        hash.to_owned(),
        format!("{}-320.jpg", "0".repeat(32)),
        "x".to_owned(),
    ] {
        let answer = city.at(2).get(&format!("/img/{name}")).await;
        assert_eq!(answer.code(), Code::ImageUnknown, "{name}");
    }
    city.end().await;
}
