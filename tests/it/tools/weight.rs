//! Much output in little memory.

use serde_json::json;

use super::{Bench, text};

/// Megabytes that the command prints; a gigabyte count in the environment makes it a measurement.
fn megabytes() -> u64 {
    let gigabytes = std::env::var("PI_TEST_FLOOD_GB").ok();
    gigabytes.map_or(10, |count| count.parse::<u64>().unwrap() * 1000)
}

#[tokio::test]
async fn a_flood_of_output_is_counted_to_the_byte_and_its_end_is_shown() {
    let bench = Bench::new();
    let bytes = megabytes() * 1_000_000;
    let line = format!("yes | head -c {bytes}");
    let begun = std::time::Instant::now();
    let outcome = bench.call("bash", json!({ "command": line })).await;
    println!(
        "{bytes} bytes in {:?}, peak {} kB",
        begun.elapsed(),
        peak_kb()
    );
    let details = outcome.details.clone().unwrap();
    assert_eq!(details["truncation"]["totalBytes"], bytes);
    assert_eq!(details["truncation"]["totalLines"], bytes / 2 + 1);
    let path = details["fullOutputPath"].as_str().unwrap();
    assert_eq!(std::fs::metadata(path).unwrap().len(), bytes);
    assert!(text(&outcome).starts_with("y\ny\n"));
}

#[tokio::test]
async fn a_flood_stops_when_the_person_says_so() {
    let bench = Bench::new();
    let stop = bench.stop.clone();
    let (told, since) = tokio::sync::oneshot::channel();
    let mut told = Some(told);
    let mut reports = 0;
    let watch = move |_| {
        reports += 1;
        if reports == 5 {
            stop.cancel();
            let _ = told.take().unwrap().send(std::time::Instant::now());
        }
    };
    let outcome = bench
        .watched("bash", json!({ "command": "yes" }), watch)
        .await;
    println!(
        "stopped after {:?}, peak {} kB",
        since.await.unwrap().elapsed(),
        peak_kb()
    );
    assert!(outcome.is_error);
    assert!(text(&outcome).ends_with("Command was stopped by the user."));
}

/// The most memory that this process has held.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
