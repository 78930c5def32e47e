//! Posts that other systems exported become articles, and their old addresses redirect to them.

use std::io::Write as _;

use reqwest::StatusCode;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::TestApp;
use crate::support::program::Program;
use crate::support::routes;
use crate::support::site::Site;

fn newsroom(app: &TestApp) -> Program {
    let program = Program::of(app);
    program.ok(&[
        "newsletter",
        "apply",
        &program.file("daily.toml", "slug = \"daily\"\nname = \"Daily Broadcast\"\n"),
    ]);
    program
}

fn archive(program: &Program, name: &str, files: &[(&str, &str)]) -> String {
    let path = program.file(name, "");
    let mut zip = ZipWriter::new(std::fs::File::create(&path).expect("the file is made"));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a file begins");
        zip.write_all(content.as_bytes()).expect("the archive takes the file");
    }
    zip.finish().expect("the archive is complete");
    path
}

/// The article with a headline.
fn article(program: &Program, title: &str) -> Value {
    let list = program.json(&["article", "list"]);
    let found = list
        .as_array()
        .expect("a list")
        .iter()
        .find(|article| article["title"] == title);
    let id = found.unwrap_or_else(|| panic!("{title}: {list}"))["id"].clone();
    program.json(&["article", "show", id.as_str().expect("an id")])
}

fn counts(report: &Value) -> [u64; 6] {
    ["new", "changed", "known", "redirects", "left_out", "refused"]
        .map(|field| report[field].as_u64().expect("a count"))
}

async fn assert_redirects(site: &Site, path: &str, article: &Value) {
    let answer = site.get(path).await;
    assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{path}: {}", answer.body);
    let page = article["page"].as_str().expect("an address");
    let location = answer.header("location").expect("a location");
    assert!(page.ends_with(location), "{path} leads to {location}, not {page}");
    assert_eq!(site.get(location).await.status, StatusCode::OK, "{location}");
}

fn ghost() -> String {
    let post = |id: u32, title: &str, slug: &str, status: &str, visibility: &str, kind: &str| {
        json!({
            "id": format!("p{id}"), "uuid": format!("u{id}"), "title": title, "slug": slug, "status": status,
            "visibility": visibility, "type": kind, "published_at": "2020-02-03T04:05:06.000Z",
            "html": format!("<p>The mast of {title} fell. See <a href=\"__GHOST_URL__/second/\">this</a>.</p><script>alert(1)</script>"),
        })
    };
    json!({ "db": [{ "meta": { "exported_on": 1, "version": "5.0" }, "data": {
        "posts": [
            post(1, "First tower", "first-tower", "published", "public", "post"),
            post(2, "Second tower", "second", "published", "public", "post"),
            post(3, "For members", "members", "published", "paid", "post"),
            post(4, "A draft", "draft", "draft", "public", "post"),
            post(5, "About us", "about", "published", "public", "page"),
            json!({ "id": "p6", "uuid": "u6", "title": "Empty", "slug": "empty", "status": "published",
                "visibility": "public", "type": "post", "html": null }),
        ],
        "posts_authors": [{ "post_id": "p1", "author_id": "a1", "sort_order": 0 }],
        "users": [{ "id": "a1", "name": "Ada Lovelace" }],
        "tags": [{ "id": "t1", "name": "#internal", "visibility": "internal" }, { "id": "t2", "name": "Radio", "visibility": "public" }],
        "posts_tags": [{ "post_id": "p1", "tag_id": "t1", "sort_order": 0 }, { "post_id": "p1", "tag_id": "t2", "sort_order": 1 }],
    }}]})
    .to_string()
}

#[apply(on_both_databases)]
async fn posts_of_ghost_become_articles_and_their_old_paths_redirect(mut app: TestApp) {
    let program = newsroom(&app);
    let file = program.file("ghost.json", ghost());
    let planned = program.json(&["article", "import", &file, "--dry-run", "--partial"]);
    assert_eq!(counts(&planned), [2, 0, 0, 2, 3, 1], "{planned}");
    assert_eq!(
        program.json(&["article", "list"]),
        json!([]),
        "a dry run writes nothing"
    );
    let report = program.json(&["article", "import", &file, "--partial"]);
    assert_eq!(counts(&report), [2, 0, 0, 2, 3, 1], "{report}");
    let reasons = report["not_imported"].to_string();
    for words in [
        "only for paid",
        "not published at the other system (draft)",
        "a page",
        "is empty",
    ] {
        assert!(reasons.contains(words), "{words}: {reasons}");
    }
    let first = article(&program, "First tower");
    assert_eq!(first["published"], "2020-02-03T04:05:06Z");
    assert_eq!(
        (&first["authors"], &first["category"]),
        (&json!(["Ada Lovelace"]), &json!("Radio"))
    );
    let html = first["content_html"].as_str().expect("a text");
    assert!(
        html.contains("https://news.example/second/") && !html.contains("script"),
        "{html}"
    );
    assert_eq!(
        first["newsletters"][0]["waiting"], false,
        "no issue contains it: {first}"
    );
    let again = program.json(&["article", "import", &file, "--partial"]);
    assert_eq!(counts(&again), [0, 0, 2, 0, 3, 1], "{again}");
    let changed = program.file(
        "changed.json",
        ghost().replace("The mast of First", "The great mast of First"),
    );
    assert_eq!(
        counts(&program.json(&["article", "import", &changed, "--partial"])),
        [0, 1, 1, 0, 3, 1]
    );
    assert_eq!(
        program.run(&["article", "import", &file]).status,
        Some(1),
        "a refused post needs --partial"
    );
    let with_members = program.json(&["article", "import", &file, "--partial", "--with-members-only"]);
    assert_eq!(with_members["new"], 1, "{with_members}");

    let site = app.serve_site().await;
    assert_redirects(&site, "/first-tower/", &first).await;
    assert_redirects(&site, "/first-tower", &first).await;
    assert_redirects(&site, "/second/", &article(&program, "Second tower")).await;
    assert_eq!(site.get("/draft").await.status, StatusCode::NOT_FOUND);
    let nginx = program.ok(&["redirect", "export", "--format", "nginx"]);
    assert!(
        nginx.contains("    \"/first-tower/\" https://news.example/articles/TX_"),
        "{nginx}"
    );
    let caddy = program.ok(&["redirect", "export", "--format", "caddy"]);
    assert!(
        caddy.contains("redir \"/first-tower\" https://news.example/articles/TX_"),
        "{caddy}"
    );
    program.ok(&["redirect", "remove", "/first-tower/"]);
    assert_eq!(site.get("/first-tower").await.status, StatusCode::NOT_FOUND);
    assert_eq!(program.json(&["redirect", "list"]).as_array().map(Vec::len), Some(2));
}

#[apply(on_both_databases)]
async fn an_archive_of_substack_is_imported(mut app: TestApp) {
    let program = newsroom(&app);
    let table = "post_id,post_date,is_published,email_sent_at,inbox_sent_at,type,audience,title,subtitle,podcast_url\n\
        11.first-letter,2021-03-04T05:06:07.000Z,true,,,newsletter,everyone,First letter,\"With a comma, here\",\n\
        12.paid-letter,2021-03-05T05:06:07.000Z,true,,,newsletter,only_paid,Paid letter,,\n\
        13.draft-letter,,false,,,newsletter,everyone,Draft letter,,\n\
        14.lost-letter,2021-03-06T05:06:07.000Z,true,,,newsletter,everyone,Lost letter,,\n";
    let text = "<p>Dear readers, the <b>letter</b> is here.</p>";
    let files = [
        ("posts.csv", table),
        ("posts/11.first-letter.html", text),
        ("posts/12.paid-letter.html", text),
        ("posts/13.draft-letter.html", text),
    ];
    let file = archive(&program, "substack.zip", &files);
    let report = program.json(&["article", "import", &file, "--partial"]);
    assert_eq!(counts(&report), [1, 0, 0, 1, 2, 1], "{report}");
    let letter = article(&program, "First letter");
    assert_eq!(letter["summary"], "With a comma, here");
    assert_eq!(letter["published"], "2021-03-04T05:06:07Z");
    let site = app.serve_site().await;
    assert_redirects(&site, "/p/first-letter", &letter).await;
}

#[apply(on_both_databases)]
async fn a_file_of_wordpress_is_imported(mut app: TestApp) {
    let program = newsroom(&app);
    let item = |id: u32, title: &str, link: &str, status: &str, kind: &str, content: &str| {
        format!(
            "<item><title>{title}</title><link>{link}</link><pubDate>Wed, 03 Apr 2019 10:00:00 +0000</pubDate>\
             <dc:creator><![CDATA[bob]]></dc:creator><content:encoded><![CDATA[{content}]]></content:encoded>\
             <excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>{id}</wp:post_id>\
             <wp:post_date_gmt>2019-04-03 10:00:00</wp:post_date_gmt><wp:status>{status}</wp:status>\
             <wp:post_type>{kind}</wp:post_type><wp:post_password></wp:post_password>\
             <category domain=\"post_tag\" nicename=\"x\"><![CDATA[Tag]]></category>\
             <category domain=\"category\" nicename=\"news\"><![CDATA[News]]></category></item>"
        )
    };
    let file = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:wp=\"http://wordpress.org/export/1.2/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:excerpt=\"http://wordpress.org/export/1.2/excerpt/\"><channel><title>Old</title><language>de</language>{}{}{}</channel></rss>",
        item(
            1,
            "Caf&#233; &amp; more",
            "https://old.example/2019/04/caf%C3%A9/",
            "publish",
            "post",
            "One line.\n\nAnother <i>line</i>."
        ),
        item(
            2,
            "Private",
            "https://old.example/private/",
            "private",
            "post",
            "Secret."
        ),
        item(3, "logo.png", "https://old.example/logo/", "inherit", "attachment", ""),
    );
    let report = program.json(&["article", "import", &program.file("old.xml", file)]);
    assert_eq!(counts(&report), [1, 0, 0, 1, 2, 0], "{report}");
    let post = article(&program, "Café & more");
    assert_eq!((&post["category"], &post["language"]), (&json!("News"), &json!("de")));
    assert_eq!(post["authors"], json!(["bob"]));
    let html = post["content_html"].as_str().expect("a text");
    assert!(
        html.contains("<p>One line.</p>") && html.contains("<i>line</i>"),
        "{html}"
    );
    let site = app.serve_site().await;
    assert_redirects(&site, "/2019/04/caf%C3%A9/", &post).await;
    assert_redirects(&site, "/2019/04/caf%C3%A9", &post).await;
}

#[apply(on_both_databases)]
async fn campaigns_of_mailchimp_get_their_dates_from_a_report(app: TestApp) {
    let program = newsroom(&app);
    let page = |title: &str, text: &str| {
        format!("<html><head><title>{title}</title><style>p {{}}</style></head><body><p>{text}</p></body></html>")
    };
    let (first, second) = (
        page("Spring news", "It is spring."),
        page("*|MC:SUBJECT|*", "It is summer."),
    );
    let files = [
        ("campaigns_content/11_spring-news.html", first.as_str()),
        ("campaigns_content/12_summer-news.html", second.as_str()),
        (
            "campaigns.csv",
            "Title,Subject,Send Date\nSpring campaign,Spring news,\"Apr 02, 2019 09:30 am\"\n",
        ),
    ];
    let file = archive(&program, "mailchimp.zip", &files);
    let report = program.json(&["article", "import", &file]);
    assert_eq!(counts(&report), [2, 0, 0, 0, 0, 0], "{report}");
    assert_eq!(article(&program, "Spring news")["published"], "2019-04-02T09:30:00Z");
    assert_eq!(article(&program, "summer news")["published"], Value::Null);
}

#[apply(on_both_databases)]
async fn an_export_that_cannot_be_used_is_named(app: TestApp) {
    let program = newsroom(&app);
    let bomb = archive(
        &program,
        "bomb.zip",
        &[("posts.csv", "post_id\n"), ("posts/1.a.html", &"a".repeat(8 << 20))],
    );
    let half = ghost();
    let half = program.file("half.json", &half[..half.len() / 2]);
    for (file, words) in [(bomb.as_str(), "times as large"), (half.as_str(), "damaged")] {
        let output = program.run(&["article", "import", file]);
        assert_eq!(output.status, Some(1), "{output:?}");
        assert!(output.err.contains(words), "{output:?}");
    }
    assert_eq!(program.json(&["article", "list"]), json!([]));
}

#[apply(on_both_databases)]
async fn a_date_that_no_post_can_have_is_left_out(app: TestApp) {
    let program = newsroom(&app);
    let export = ghost().replace("\"2020-02-03T04:05:06.000Z\"", "-8000000000000000");
    program.ok(&["article", "import", &program.file("ghost.json", export), "--partial"]);
    assert_eq!(article(&program, "First tower")["published"], Value::Null);
    let early = ghost().replace("2020-02-03T", "0001-01-01T");
    program.ok(&["article", "import", &program.file("early.json", early), "--partial"]);
    assert_eq!(article(&program, "First tower")["published"], Value::Null);
}

#[apply(on_both_databases)]
async fn a_post_that_is_too_long_does_not_stop_the_others(app: TestApp) {
    let program = newsroom(&app);
    let item = |id: u32, content: &str| {
        format!(
            "<item><title>Post {id}</title><content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>{id}</wp:post_id>\
             <wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>"
        )
    };
    let file = format!(
        "<rss xmlns:wp=\"http://wordpress.org/export/1.2/\"><channel>{}{}</channel></rss>",
        item(1, &"<p>Long text.</p> ]] ".repeat(500_000)),
        item(2, "<p>Short text.</p>")
    );
    let report = program.json(&["article", "import", &program.file("old.xml", file), "--partial"]);
    assert_eq!(counts(&report), [1, 0, 0, 0, 0, 1], "{report}");
    assert!(
        report["not_imported"].to_string().contains("more than 8 MiB"),
        "{report}"
    );
    article(&program, "Post 2");
}

#[test]
fn no_redirect_takes_the_place_of_a_page_that_every_site_has() {
    for route in routes::all() {
        // A unit test of the server has the route `/slow`.
        if !route.contains('{') && route != "/" && route != "/slow" {
            assert!(daywire::domain::old_path::is_own_page(&route), "{route}");
        }
    }
}

#[apply(on_both_databases)]
async fn rules_for_a_proxy_leave_out_the_pages_of_the_site(app: TestApp) {
    let program = newsroom(&app);
    let export = ghost().replace("\"second\"", "\"subscribe\"");
    program.ok(&["article", "import", &program.file("ghost.json", export), "--partial"]);
    let listed = program.json(&["redirect", "list"]).to_string();
    assert!(listed.contains("\"/subscribe\""), "{listed}");
    for format in ["nginx", "caddy", "csv"] {
        let exported = program.run(&["redirect", "export", "--format", format]);
        assert!(!exported.out.contains("/subscribe"), "{}", exported.out);
        assert!(exported.err.contains("1 redirect left out"), "{}", exported.err);
    }
}
