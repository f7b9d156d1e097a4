//! `grep`, `find` and `ls` on real trees.

use std::os::unix::fs::symlink;

use serde_json::json;

use super::{Bench, text};

fn tree() -> Bench {
    let bench = Bench::new();
    bench.file(".gitignore", "ignored/\n*.log\n");
    bench.file(".git/config", "needle in git\n");
    bench.file(".hidden/h.ts", "needle hidden\n");
    bench.file("ignored/x.ts", "needle ignored\n");
    bench.file("app.log", "needle log\n");
    bench.file("src/a.ts", "one\nneedle two\nthree\nfour\nNeedle five\n");
    bench.file("src/deep/b.spec.ts", "a+b needle\r\n");
    bench.file("src/deep/README.MD", "nothing\n");
    bench.file("src/program", b"needle\0\n");
    symlink("src", bench.path("link")).unwrap();
    bench
}

#[tokio::test]
async fn grep_finds_lines_and_honours_ignore_files() {
    let bench = tree();
    assert_eq!(
        bench.ok("grep", json!({ "pattern": "needle" })).await,
        ".hidden/h.ts:1: needle hidden\nsrc/a.ts:2: needle two\nsrc/deep/b.spec.ts:1: a+b needle"
    );
    assert_eq!(
        bench
            .ok(
                "grep",
                json!({ "pattern": "^needle", "ignoreCase": true, "path": "src" })
            )
            .await,
        "a.ts:2: needle two\na.ts:5: Needle five"
    );
    assert_eq!(
        bench
            .ok(
                "grep",
                json!({ "pattern": "a+b", "literal": true, "glob": "src/**/*.ts" })
            )
            .await,
        "src/deep/b.spec.ts:1: a+b needle"
    );
    assert_eq!(
        bench
            .ok("grep", json!({ "pattern": "needle", "glob": "*.log" }))
            .await,
        "app.log:1: needle log"
    );
    assert_eq!(
        bench
            .ok("grep", json!({ "pattern": "needle", "path": "app.log" }))
            .await,
        "app.log:1: needle log"
    );
    assert_eq!(
        bench.ok("grep", json!({ "pattern": "haystack" })).await,
        "No matches found"
    );
}

#[tokio::test]
async fn grep_shows_each_line_of_context_once() {
    let bench = tree();
    assert_eq!(
        bench
            .ok(
                "grep",
                json!({ "pattern": "two|four", "path": "src/a.ts", "context": 1 })
            )
            .await,
        "a.ts-1- one\na.ts:2: needle two\na.ts-3- three\na.ts:4: four\na.ts-5- Needle five"
    );
}

#[tokio::test]
async fn grep_stops_at_its_limits() {
    let bench = Bench::new();
    bench.file("a", "x\n".repeat(150));
    let outcome = bench.call("grep", json!({ "pattern": "x" })).await;
    let said = text(&outcome);
    assert_eq!(said.matches(": x").count(), 100);
    assert!(said.ends_with(
        "\n\n[Stopped at 100 matches. There are more: narrow the pattern or use limit=200]"
    ));
    assert_eq!(outcome.details, Some(json!({ "matchLimitReached": 100 })));
    let outcome = bench
        .call("grep", json!({ "pattern": "x", "limit": 150 }))
        .await;
    assert_eq!(outcome.details, None);

    bench.file("b", format!("y{}\n", "é".repeat(600)).repeat(100));
    let outcome = bench.call("grep", json!({ "pattern": "y" })).await;
    let details = outcome.details.clone().unwrap();
    assert_eq!(details["linesTruncated"], true);
    assert_eq!(details["truncation"]["truncatedBy"], "bytes");
    let first = text(&outcome);
    let first = first.lines().next().unwrap();
    assert_eq!(first, format!("b:1: y{}... [truncated]", "é".repeat(499)));
}

#[tokio::test]
async fn a_pattern_that_makes_no_sense_is_told() {
    let bench = tree();
    assert!(
        bench
            .err("grep", json!({ "pattern": "(a" }))
            .await
            .starts_with("Bad pattern: ")
    );
    assert!(
        bench
            .err("find", json!({ "pattern": "[" }))
            .await
            .starts_with("Bad pattern: ")
    );
    assert!(
        bench
            .err("grep", json!({ "pattern": "a", "path": "no" }))
            .await
            .starts_with("Path not")
    );
    let root = bench.path("src/a.ts");
    let said = bench
        .err("find", json!({ "pattern": "*", "path": "src/a.ts" }))
        .await;
    assert_eq!(said, format!("Not a directory: {}", root.display()));
}

#[tokio::test]
async fn find_matches_names_and_paths() {
    let bench = tree();
    for (pattern, found) in [
        ("*.ts", ".hidden/h.ts\nsrc/a.ts\nsrc/deep/b.spec.ts"),
        ("*.md", "src/deep/README.MD"),
        ("*.Md", "No files found matching the pattern"),
        ("deep/*.ts", "src/deep/b.spec.ts"),
        ("src/**/*.ts", "src/a.ts\nsrc/deep/b.spec.ts"),
        ("deep", "src/deep/"),
        ("link", "link"),
        ("config", "No files found matching the pattern"),
    ] {
        assert_eq!(
            bench.ok("find", json!({ "pattern": pattern })).await,
            found,
            "{pattern}"
        );
    }
    let outcome = bench
        .call("find", json!({ "pattern": "*", "path": "src", "limit": 2 }))
        .await;
    assert!(text(&outcome).starts_with("a.ts\ndeep/\n\n[Stopped at 2 results."));
    assert_eq!(outcome.details, Some(json!({ "resultLimitReached": 2 })));
}

#[tokio::test]
async fn a_search_that_starts_at_a_link_follows_that_one() {
    let bench = tree();
    symlink("src/a.ts", bench.path("a-link")).unwrap();
    assert_eq!(
        bench
            .ok("grep", json!({ "pattern": "two", "path": "link" }))
            .await,
        "a.ts:2: needle two"
    );
    assert_eq!(
        bench
            .ok("grep", json!({ "pattern": "two", "path": "a-link" }))
            .await,
        "a-link:2: needle two"
    );
    assert_eq!(
        bench
            .ok("find", json!({ "pattern": "a.*", "path": "link" }))
            .await,
        "a.ts"
    );
}

#[tokio::test]
async fn ls_lists_like_a_dictionary() {
    let bench = Bench::new();
    for name in ["b", "A", "_c", "-d", ".e", "10", "9", "éa", "eb", "Z"] {
        bench.file(name, "");
    }
    std::fs::create_dir(bench.path("dir")).unwrap();
    symlink("dir", bench.path("to-dir")).unwrap();
    symlink("nowhere", bench.path("to-nowhere")).unwrap();
    assert_eq!(
        bench.ok("ls", json!({})).await,
        "_c\n-d\n.e\n10\n9\nA\nb\ndir/\néa\neb\nto-dir/\nto-nowhere\nZ"
    );
    assert_eq!(
        bench.ok("ls", json!({ "path": "dir" })).await,
        "(empty directory)"
    );
    let outcome = bench.call("ls", json!({ "limit": 1 })).await;
    assert_eq!(
        text(&outcome),
        "_c\n\n[Stopped at 1 of 13 entries. Use limit=2 for more]"
    );
    assert_eq!(outcome.details, Some(json!({ "entryLimitReached": 1 })));
}
