//! Hearing recordings.

use crate::facts::*;
use crate::world::{HOST, RECORDING_BYTES, World, recording_byte};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tonic::Code;

async fn ranged(world: &World, cookie: &str, range: &str) -> crate::world::Answer {
    let request = Request::get(format!("/api/recordings/{}-1/audio", call(1)))
        .header(header::HOST, HOST)
        .header(header::COOKIE, cookie)
        .header(header::RANGE, range);
    world.call(request.body(Body::empty()).unwrap()).await
}

async fn plays(world: &World) -> i64 {
    let plays = world.database.number("SELECT count(*) FROM access_log WHERE action = 'play'").await;
    plays.unwrap().unwrap()
}

#[tokio::test]
async fn a_player_gets_the_whole_and_any_part() {
    let world = World::new().await;
    let (wang, li) = (world.signed_in("wang", Some("1001")).await, world.signed_in("li", Some("1002")).await);
    world.tell([offered(1, NUMBER, "")]).await;
    world.tell(answered(1, "1001")).await;
    let bytes: Vec<u8> = (0..RECORDING_BYTES).map(recording_byte).collect();

    let whole = world.get(&format!("/api/recordings/{}-1/audio", call(1)), &wang).await;
    assert_eq!((whole.status, &whole.bytes), (StatusCode::OK, &bytes));
    assert_eq!(
        (&whole.headers[header::CONTENT_TYPE], &whole.headers[header::ACCEPT_RANGES]),
        (&"audio/wav".parse().unwrap(), &"bytes".parse().unwrap())
    );
    for (range, first, last) in
        [("bytes=0-", 0, 999), ("bytes=10-19", 10, 19), ("bytes=-5", 995, 999), ("bytes=900-5000", 900, 999)]
    {
        let part = ranged(&world, &wang, range).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(part.headers[header::CONTENT_RANGE], format!("bytes {first}-{last}/1000"));
        assert_eq!(part.bytes, bytes[first..=last], "{range}");
    }
    let behind = ranged(&world, &wang, "bytes=1000-").await;
    assert_eq!((behind.status, behind.code().as_str()), (StatusCode::RANGE_NOT_SATISFIABLE, "range"));
    assert_eq!(behind.headers[header::CONTENT_RANGE], "bytes */1000");
    assert_eq!(plays(&world).await, 1, "one play, however many ranges");

    assert_eq!(ranged(&world, &li, "bytes=0-").await.code(), "unknown_recording");
    let peaks = world.get(&format!("/api/recordings/{}-1/peaks?per_second=20", call(1)), &wang).await.json();
    assert_eq!(
        (&peaks["per_second"], &peaks["left"][2], &peaks["duration_ms"]),
        (&20.into(), &255.into(), &500.into())
    );
}

#[tokio::test]
async fn what_is_no_recording_is_not_asked_for() {
    let world = World::new().await;
    let chief = world.signed_in("chief", None).await;
    world.tell([offered(1, NUMBER, "")]).await;
    world.tell(answered(1, "1001")).await;
    let id = call(1).to_string();
    for id in [
        "x".to_owned(),
        format!("{id}-"),
        format!("{id}-1x"),
        format!("{}-1", id.to_uppercase()),
        format!("{id}-{}", "1".repeat(60)),
        "..%2F..%2Fetc-1".to_owned(),
        format!("{}-1", call(2)),
    ] {
        let refused = world.get(&format!("/api/recordings/{id}/audio"), &chief).await;
        assert_eq!(refused.code(), "unknown_recording", "{id}");
    }
    assert_eq!(world.switch.orders(), Vec::<String>::new());
    world.switch.refuse(Code::ResourceExhausted, "16 are read");
    let busy = ranged(&world, &chief, "bytes=0-").await;
    assert_eq!((busy.status, busy.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
    assert!(busy.headers.contains_key(header::RETRY_AFTER));
    world.switch.refuse(Code::Unavailable, "away");
    assert_eq!(ranged(&world, &chief, "bytes=0-").await.code(), "switch_away");
    assert_eq!(plays(&world).await, 0);
}
