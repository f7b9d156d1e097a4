//! `edit` and `write` on real files.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use serde_json::json;

use super::{Bench, files_in};

#[tokio::test]
async fn an_edit_changes_the_file_and_shows_a_diff() {
    let bench = Bench::new();
    bench.file("a.rs", "fn one() {}\nfn two() {}\nfn three() {}\n");
    let args = json!({ "path": "a.rs", "edits": [
        { "oldText": "fn three() {}", "newText": "fn drei() {}" },
        { "oldText": "fn one() {}\n", "newText": "" },
    ] });
    let outcome = bench.call("edit", args).await;
    assert_eq!(super::text(&outcome), "Replaced 2 places in a.rs.");
    assert_eq!(bench.text_of("a.rs"), "fn two() {}\nfn drei() {}\n");
    let diff = "-1 fn one() {}\n 2 fn two() {}\n-3 fn three() {}\n+2 fn drei() {}";
    let expected = json!({ "diff": diff, "firstChangedLine": 1 });
    assert_eq!(outcome.details, Some(expected));
}

#[tokio::test]
async fn a_refused_edit_says_which_and_leaves_the_file_alone() {
    let bench = Bench::new();
    bench.file("a", "x\ny\nx\n");
    let said = bench
        .err(
            "edit",
            json!({ "path": "a", "edits": [
            { "oldText": "y", "newText": "z" },
            { "oldText": "x", "newText": "z" },
        ] }),
        )
        .await;
    assert!(
        said.starts_with("edits[1].oldText occurs 2 times in a."),
        "{said}"
    );
    let said = bench
        .err(
            "edit",
            json!({ "path": "a", "edits": [{ "oldText": "q", "newText": "z" }] }),
        )
        .await;
    assert!(said.starts_with("oldText was not found in a."), "{said}");
    assert_eq!(bench.text_of("a"), "x\ny\nx\n");
    let said = bench
        .err(
            "edit",
            json!({ "path": "b", "edits": [{ "oldText": "q", "newText": "z" }] }),
        )
        .await;
    assert_eq!(said, "Cannot edit b: no such file.");
}

#[tokio::test]
async fn a_file_that_is_no_text_is_not_damaged_by_an_edit() {
    let bench = Bench::new();
    bench.file("latin1", b"caf\xe9 one\n");
    let args = json!({ "path": "latin1", "edits": [{ "oldText": "one", "newText": "two" }] });
    let said = bench.err("edit", args).await;
    assert!(said.contains("not UTF-8"), "{said}");
    assert_eq!(
        std::fs::read(bench.path("latin1")).unwrap(),
        b"caf\xe9 one\n"
    );
}

#[tokio::test]
async fn older_shapes_of_the_arguments_are_understood() {
    let bench = Bench::new();
    for args in [
        json!({ "path": "a", "oldText": "1", "newText": "2" }),
        json!({ "path": "a", "edits": "[{\"oldText\":\"1\",\"newText\":\"2\"}]" }),
        json!({ "path": "a", "edits": { "oldText": "1", "newText": "2" } }),
    ] {
        bench.file("a", "1\n");
        bench.ok("edit", args).await;
        assert_eq!(bench.text_of("a"), "2\n");
    }
    bench.file("a", "1 3\n");
    let both = json!({
        "path": "a", "oldText": "1", "newText": "2", "edits": [{ "oldText": "3", "newText": "4" }],
    });
    bench.ok("edit", both).await;
    assert_eq!(bench.text_of("a"), "2 4\n");
}

#[tokio::test]
async fn a_file_is_written_with_its_directories() {
    let bench = Bench::new();
    let said = bench
        .ok(
            "write",
            json!({ "path": "@new/dir/a.txt", "content": "héllo" }),
        )
        .await;
    assert_eq!(said, "Wrote 6 bytes to @new/dir/a.txt.");
    assert_eq!(bench.text_of("new/dir/a.txt"), "héllo");
    bench
        .ok("write", json!({ "path": "~/b", "content": "home" }))
        .await;
    let home = bench.directory.path().join("home/b");
    assert_eq!(std::fs::read_to_string(home).unwrap(), "home");
    assert_eq!(files_in(&bench.path("new/dir")).len(), 1);
}

#[tokio::test]
async fn a_rewritten_file_keeps_its_permissions_and_its_links() {
    let bench = Bench::new();
    let script = bench.file("bin/run", "old");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink("bin/run", bench.path("link")).unwrap();
    symlink("link", bench.path("link2")).unwrap();
    symlink("not/there/yet", bench.path("dangling")).unwrap();
    bench
        .ok("write", json!({ "path": "link2", "content": "new" }))
        .await;
    bench
        .ok("write", json!({ "path": "dangling", "content": "made" }))
        .await;
    assert_eq!(bench.text_of("bin/run"), "new");
    assert_eq!(std::fs::metadata(&script).unwrap().mode() & 0o7777, 0o750);
    assert!(bench.path("link").is_symlink() && bench.path("link2").is_symlink());
    assert_eq!(bench.text_of("not/there/yet"), "made");
}

#[tokio::test]
async fn a_reader_never_sees_half_a_file() {
    let bench = Bench::new();
    let (short, long) = ("a".repeat(10), "b".repeat(5_000_000));
    let path = bench.file("file", &short);
    let done = tokio_util::sync::CancellationToken::new();
    let over = done.clone();
    let reader = std::thread::spawn(move || {
        let mut sizes = std::collections::BTreeSet::new();
        while !over.is_cancelled() {
            sizes.insert(std::fs::read(&path).unwrap().len());
        }
        sizes
    });
    for _ in 0..20 {
        bench
            .ok("write", json!({ "path": "file", "content": long }))
            .await;
        bench
            .ok("write", json!({ "path": "file", "content": short }))
            .await;
    }
    done.cancel();
    let sizes = reader.join().unwrap();
    assert!(
        sizes.iter().all(|size| [10, 5_000_000].contains(size)),
        "{sizes:?}"
    );
}

#[tokio::test]
async fn what_is_no_regular_file_is_written_in_place() {
    let bench = Bench::new();
    bench
        .ok("write", json!({ "path": "/dev/null", "content": "gone" }))
        .await;
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    std::fs::create_dir(bench.path("dir")).unwrap();
    let said = bench
        .err("write", json!({ "path": "dir", "content": "" }))
        .await;
    assert_eq!(said, "Cannot write dir: it is a directory.");
}

#[tokio::test]
async fn calls_on_one_file_are_known_by_one_path() {
    let bench = Bench::new();
    let file = bench.file("a", "");
    symlink("a", bench.path("b")).unwrap();
    let real = Some(file.canonicalize().unwrap());
    for path in ["a", "./x/../a", "@b"] {
        assert_eq!(bench.tool("edit").mutates(&json!({ "path": path })), real);
        assert_eq!(bench.tool("write").mutates(&json!({ "path": path })), real);
    }
    assert_eq!(bench.tool("read").mutates(&json!({ "path": "a" })), None);
}
