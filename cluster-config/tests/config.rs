//! What people write, and what they are told.

use cluster_config::{
    City, Cluster, Config, DIRECTORY_REFERENCE, DirectoryConfig, Http, Log, Notices, Payments,
    REFERENCE, Raft, SAMPLE_BOUNDARY, SAMPLE_CITY, Secrets, Storage,
};
use expect_test::{Expect, expect};
use std::path::Path;

/// A node of Marisol with as little as possible, and more lines at the end.
fn node(more: &str) -> String {
    format!("{SAMPLE_CITY}\n[node]\nid = 1\n\n[tls]\nplain_on_loopback = true\n{more}")
}

fn check(text: &str, told: Expect) {
    let problems = Config::parse(text, Path::new("/etc/fd")).expect_err("it is wrong");
    told.assert_eq(&format!("{problems}\n"));
}

#[test]
fn the_least_that_a_node_needs() {
    let config = Config::parse(&node(""), Path::new("/etc/fd")).unwrap();
    expect![[r#"
        [city]
        number = 1
        slug = "marisol"
        name = "Marisol"
        currency = "EUR"
        time_zone = "Europe/Madrid"
        language = "en"

        [city.centre]
        lat = 43.55
        lng = -5.92

        [city.rules]
        quote_s = 300
        pay_by_s = 600
        accept_s = 300
        offer_s = 30
        no_courier_s = 2700
        service_fee = 99
        tax_millionths = 100000

        [node]
        id = 1
        data_dir = "/etc/fd/data"
        http_listen = "127.0.0.1:8080"
        http_advertise = "127.0.0.1:8080"
        raft_listen = "127.0.0.1:9080"
        raft_advertise = "127.0.0.1:9080"

        [cluster]
        bootstrap = false
        members = []

        [tls]
        plain_on_loopback = true

        [secrets]
        city_key = "/etc/fd/secrets/city-key"
        vault_keys = ["city"]
        token_keys = ["city"]
        founder_login = "operator@city.example"
        founder_password_file = "/etc/fd/secrets/founder-password"

        [raft]
        heartbeat_ms = 75
        election_min_ms = 250
        election_max_ms = 400
        snapshot_every_entries = 200000
        snapshot_every_s = 900
        snapshot_log_bytes = 268435456
        keep_log_entries = 50000
        dial = []

        [storage]
        block_cache_mib = 96
        cached_records = 100000

        [feed]
        keep_days = 30

        [payments]
        gateway = "embedded"
        reconcile_s = 60
        embedded_latency_ms = 20

        [notices]
        adapter = "embedded"
        timeout_ms = 5000

        [webhooks]
        plain_on_loopback = false
        answer_within_s = 15

        [sinks.nats]
        enabled = false
        url = "nats://127.0.0.1:4222"
        stream = "fd"
        subject_prefix = "fd"
        create = true
        replicas = 1

        [http]
        cors_origins = []

        [limits]
        per_address = 120
        per_account = 600
        per_key = 3000
        logins_per_address = 30
        logins_per_account = 10
        connections = 20000
        connections_per_address = 1000
        loopback = false
        proxies = []

        [log]
        format = "text"
        level = "info,openraft=warn"
    "#]]
    .assert_eq(&config.to_toml());
    assert_eq!(config.city, City::sample());
    assert_eq!(Config::parse(&config.to_toml(), Path::new("/elsewhere")).unwrap(), config);
}

#[test]
fn the_rules_of_the_reference_are_those_of_the_domain() {
    assert_eq!(City::sample().rules.to_domain(), domain::city::Rules::default());
}

#[test]
fn the_reference_read_as_a_file_gives_the_defaults() {
    let required = ["#number", "#slug", "#name", "#currency", "#time_zone", "#centre", "#id"];
    let filled: String = REFERENCE
        .lines()
        .map(|line| match required.iter().any(|key| line.starts_with(&format!("{key} ="))) {
            true => format!("{}\n", &line[1..]),
            false => format!("{line}\n"),
        })
        .collect();
    let filled = filled.replace("plain_on_loopback = false", "plain_on_loopback = true");
    let read = Config::parse(&filled, Path::new("")).unwrap();
    assert_eq!(read.city, City::sample());
    assert_eq!(read.cluster, Cluster::default());
    assert_eq!(read.secrets, Secrets::default());
    assert_eq!(read.raft, Raft::default());
    assert_eq!(read.storage, Storage::default());
    assert_eq!(read.payments, Payments::default());
    assert_eq!(read.notices, Notices::default());
    assert_eq!(read.http, Http::default());
    assert_eq!(read.log, Log::default());
}

#[test]
fn every_key_has_a_comment_above_it() {
    for reference in [REFERENCE, DIRECTORY_REFERENCE] {
        let mut before = "";
        let mut keys = 0;
        for line in reference.lines() {
            let key = line.strip_prefix('#').unwrap_or(line);
            if key.starts_with(|c: char| c.is_ascii_lowercase() || c == '[')
                && key.contains(['=', '['])
            {
                keys += 1;
                assert!(before.starts_with("# "), "nothing is said about: {line}");
            }
            before = line;
        }
        assert!(keys >= 8, "the test finds the keys");
    }
}

#[test]
fn every_key_that_a_node_knows_is_in_the_reference() {
    let full = Config::parse(
        &node(
            "[cluster]\nbootstrap = true\n\
             members = [{ id = 1, raft = \"127.0.0.1:9080\", http = \"127.0.0.1:8080\" }]",
        ),
        Path::new(""),
    )
    .unwrap();
    for line in full.to_toml().lines() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        let said = [format!("\n{key} = "), format!("\n#{key} = "), format!("\n#   {key} ")];
        let inside = ["lat", "lng"].contains(&key) && REFERENCE.contains(&format!("{key} ="));
        assert!(inside || said.iter().any(|said| REFERENCE.contains(said)), "{key}");
    }
}

#[test]
fn nothing_at_all() {
    check(
        "",
        expect![[r#"
            city.number: required
            city.slug: required
            city.name: required
            city.currency: required
            city.time_zone: required
            city.centre.lat: required
            city.centre.lng: required
            node.id: required
            tls.ca: required unless plain_on_loopback is true
            tls.certificate: required unless plain_on_loopback is true
            tls.key: required unless plain_on_loopback is true
        "#]],
    );
}

#[test]
fn everything_wrong_is_told_at_once() {
    check(
        r#"
        shoe_size = 43

        [city]
        number = 0
        slug = "Mari_sol"
        name = ""
        currency = "euro"
        time_zone = "Europe/Marisol"
        language = "e"
        centre = { lat = 91.0, lng = "west", up = 1 }
        rules = { quote_s = 1, quite_s = 300, offer_s = 600 }

        [node]
        id = 2
        data_dir = 7
        http_listen = "localhost:8080"
        raft_listen = "0.0.0.0:9080"

        [cluster]
        bootstrap = "yes"
        members = [{ id = 1, raft = "10.0.0.1", http = "10.0.0.1:8080" }, 3]

        [tls]
        ca = "ca.pem"

        [raft]
        heartbeat_ms = 300
        election_max_ms = 350

        [payments]
        gateway = "bank"

        [http]
        cors_origins = ["order.example.net"]

        [log]
        level = "loud"
        "#,
        expect![[r#"
            line 2: shoe_size: unknown key
            line 5: city.number: a number from 1 to 65535
            line 6: city.slug: 1 to 40 lower-case letters, digits and '-', first and last no '-'
            line 7: city.name: 1 to 200 letters
            line 8: city.currency: a currency is three capital letters, as in EUR
            line 9: city.time_zone: an IANA name, as in Europe/Lisbon
            line 10: city.language: a BCP 47 tag, as in en or pt-BR
            line 11: city.centre.lat: a latitude is a number from -90 to 90
            line 11: city.centre.lng: invalid type: string "west", expected f64
            line 11: city.centre.up: unknown key
            line 12: city.rules.quote_s: 10 seconds to one day
            line 12: city.rules.offer_s: 15 to 120 seconds
            line 12: city.rules.quite_s: unknown key
            line 16: node.data_dir: invalid type: integer `7`, expected path string
            line 17: node.http_listen: invalid socket address syntax
            line 21: cluster.bootstrap: invalid type: string "yes", expected a boolean
            line 22: cluster.members[0].raft: host:port, as in 10.0.0.1:8080 or node-1.example.net:8080
            line 22: cluster.members[1]: a table is expected, not integer
            line 32: payments.gateway: unknown variant `bank`, expected one of `embedded`, `sandbox`, `stripe`
            line 35: http.cors_origins: origins, as in https://order.example.net, or "*"
            line 38: log.level: error, warn, info, debug or trace, or directives as in info,raft=debug
            node.raft_advertise: required, because nobody can reach 0.0.0.0:9080
            raft.election_min_ms: more than twice heartbeat_ms (300)
            tls.certificate: required unless plain_on_loopback is true
            tls.key: required unless plain_on_loopback is true
        "#]],
    );
}

#[test]
fn members_must_fit_this_node() {
    check(
        &node(
            r#"
            [cluster]
            bootstrap = true
            members = [
                { id = 2, raft = "127.0.0.1:9081", http = "127.0.0.1:8081" },
                { id = 2, raft = "127.0.0.1:9081", http = "127.0.0.1:8082" },
            ]
            "#,
        ),
        expect![[r#"
            line 20: cluster.members: this node, 1, is not among them
            line 22: cluster.members[1].id: 2 is there twice
            line 22: cluster.members[1].raft: 127.0.0.1:9081 is there twice
        "#]],
    );
    check(
        &node(
            r#"
            [cluster]
            bootstrap = true
            members = [{ id = 1, raft = "127.0.0.1:9081", http = "127.0.0.1:8080" }]
            "#,
        ),
        expect![[r#"
            line 20: cluster.members[0].raft: this node's raft_advertise is 127.0.0.1:9080
        "#]],
    );
    check(
        &node("[cluster]\nbootstrap = true"),
        expect![[r#"
            cluster.members: required where bootstrap is true
        "#]],
    );
}

#[test]
fn plain_text_stays_on_this_machine() {
    let text = node(
        r#"
        [cluster]
        members = [
            { id = 1, raft = "127.0.0.1:9080", http = "127.0.0.1:8080" },
            { id = 2, raft = "node-2.example.net:9080", http = "node-2.example.net:8080" },
            { id = 3, raft = "localhost:9083", http = "localhost:8083" },
            { id = 4, raft = "[::1]:9084", http = "[::1]:8084" },
        ]
        "#,
    );
    check(
        &text,
        expect![[r#"
            line 21: cluster.members[1].raft: plain_on_loopback is true, and node-2.example.net:9080 is no loopback address
        "#]],
    );
    let with_files = "[tls]\nca = \"a\"\ncertificate = \"b\"\nkey = \"c\"";
    let secured = text.replace("[tls]\nplain_on_loopback = true", with_files);
    let config = Config::parse(&secured, Path::new("/etc/fd")).unwrap();
    assert_eq!(config.tls.key.as_deref(), Some(Path::new("/etc/fd/c")));
    let both = text.replace("[tls]", with_files);
    let both = both.replace("node-2.example.net", "127.0.0.2");
    check(
        &both,
        expect![[r#"
            line 19: tls.plain_on_loopback: either this or the three files
        "#]],
    );
}

#[test]
fn what_is_no_toml() {
    check(
        "[city]\nnumber = \n[node\nid = 1\n",
        expect![[r#"
            line 2: string values must be quoted, expected literal string
            line 3: unclosed table, expected `]`
        "#]],
    );
}

#[test]
fn files_that_are_missing_are_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("node.toml");
    assert!(Config::load(&file).unwrap_err().to_string().contains("node.toml"));
    std::fs::write(&file, node("")).unwrap();
    let config = Config::load(&file).unwrap();
    let missing: Vec<_> = config.missing_files().into_iter().map(|problem| problem.key).collect();
    assert_eq!(missing, ["secrets.founder_password_file", "secrets.city_key"]);
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    std::fs::write(folder.path().join("secrets/city-key"), "k").unwrap();
    std::fs::write(folder.path().join("secrets/founder-password"), "p").unwrap();
    assert_eq!(config.missing_files(), []);
}

const MARISOL: &str = r#"
    [[cities]]
    slug = "marisol"
    number = 1
    name = "Marisol"
    currency = "EUR"
    time_zone = "Europe/Madrid"
    boundary = "marisol.geojson"
    nodes = ["http://127.0.0.1:8081", "http://127.0.0.1:8082"]
"#;

#[test]
fn a_directory() {
    let config = DirectoryConfig::parse(MARISOL, Path::new("/etc/fd")).unwrap();
    assert_eq!(config.cities[0].boundary, Path::new("/etc/fd/marisol.geojson"));
    assert_eq!(config.cities[0].city_number(), domain::ids::CityNumber(1));
    assert_eq!(config.health_every_ms, 1_000);
    assert_eq!(DirectoryConfig::parse(&config.to_toml(), Path::new("/")).unwrap(), config);

    let wrong = format!(
        "listen = 8000\nspeed = 1\n{MARISOL}{}",
        MARISOL.replace("\"http://127.0.0.1:8081\"", "\"https://a\"")
    );
    let problems = DirectoryConfig::parse(&wrong, Path::new("")).unwrap_err();
    expect![[r#"
        line 1: listen: invalid type: integer `8000`, expected socket address
        line 2: speed: unknown key
        line 20: cities[1].nodes: different addresses, as in http://10.0.0.1:8080, at least one
    "#]]
    .assert_eq(&format!("{problems}\n"));
}

#[test]
fn the_sample_city_lies_within_its_boundary() {
    let centre = City::sample().centre;
    let numbers: Vec<f64> = SAMPLE_BOUNDARY
        .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .filter_map(|text| text.parse().ok())
        .collect();
    assert!(numbers.len() >= 8 && numbers.len().is_multiple_of(2));
    for place in numbers.chunks(2) {
        assert!((place[0] - centre.lng).abs() < 0.07, "{place:?} is within about 5 km");
        assert!((place[1] - centre.lat).abs() < 0.05, "{place:?} is within about 5 km");
    }
}

#[test]
fn messages_need_a_way_and_cross_no_network_in_plain_text() {
    let said = |notices: &str| {
        let text = node(&format!("[notices]\n{notices}"));
        match Config::parse(&text, Path::new("/etc/fd")) {
            Ok(config) => format!("{:?}", config.notices.token_file),
            Err(problems) => problems.to_string().lines().last().unwrap_or_default().to_owned(),
        }
    };
    let http = |rest: &str| said(&format!("adapter = \"http\"\n{rest}"));
    let told = [
        said("adapter = \"embedded\""),
        said("sms_url = \"https://sms.example.net\""),
        http(""),
        http("sms_url = \"https://sms.example.net/x\"\ntoken_file = \"token\""),
        http("sms_url = \"http://127.0.0.1:8080/x\""),
        http("sms_url = \"http://localhost/x\""),
        http("sms_url = \"http://sms.example.net/x\""),
        http("sms_url = \"https://\""),
        http("sms_url = \"ftp://sms.example.net\""),
    ];
    expect![[r#"
        None
        notices.adapter: embedded sends nothing to anybody: http does
        line 18: notices.adapter: http needs one of push_url, sms_url, email_url, voice_url
        Some("/etc/fd/token")
        None
        None
        line 19: notices.sms_url: an address that begins with https://, or with http:// on this machine
        line 19: notices.sms_url: an address that begins with https://, or with http:// on this machine
        line 19: notices.sms_url: an address that begins with https://, or with http:// on this machine
    "#]].assert_eq(&(told.join("\n") + "\n"));
}

#[test]
fn what_was_read_from_a_relative_path_is_the_same_when_it_is_written_and_read_again() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let relative = Path::new(folder.path().file_name().unwrap());
    let (first, second) = (relative.join("a.toml"), relative.join("b.toml"));
    std::fs::write(&first, node("")).unwrap();
    let config = Config::load(&first).unwrap();
    assert!(config.node.data_dir.is_absolute(), "{}", config.node.data_dir.display());
    std::fs::write(&second, config.to_toml()).unwrap();
    assert_eq!(Config::load(&second).unwrap(), config);

    std::fs::write(&first, MARISOL).unwrap();
    let config = DirectoryConfig::load(&first).unwrap();
    std::fs::write(&second, config.to_toml()).unwrap();
    assert_eq!(DirectoryConfig::load(&second).unwrap(), config);
}
