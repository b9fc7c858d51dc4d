//! The calendar of everybody who works here.

use end_to_end::{Answer, World};

fn ids(list: &Answer) -> Vec<String> {
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
}

// I1, L16: who sees which of them
#[tokio::test]
async fn the_calendar_of_everybody_shows_each_what_they_may_see() {
    let world = World::start().await;
    let practice = world.practice("everybody").await;
    let owner = &practice.owner;
    let (theo, walt) = (practice.hires("Theo", "Therapist").await, practice.hires("Walt", "Therapist").await);
    let (maya, ola) = (theo.adds_client("Maya").await, owner.adds_client("Ola").await);
    let mut all = Vec::new();
    for n in 0..3 {
        all.push(theo.books(&maya, &theo, (200 * n + 10, 200 * n + 60)).await);
        all.push(owner.books(&ola, &walt, (200 * n + 20, 200 * n + 70)).await);
    }
    let path = "/v1/appointments?all_staff=true&sort=start";
    assert_eq!(ids(&owner.get(path).await.expect(200)), all);
    let own = |n: usize| all.iter().skip(n).step_by(2).cloned().collect::<Vec<_>>();
    assert_eq!(ids(&theo.get(path).await.expect(200)), own(0));
    assert_eq!(ids(&walt.get(path).await.expect(200)), own(1));
    let (mut seen, mut page) = (Vec::new(), owner.get("/v1/appointments?all_staff=true&limit=4").await.expect(200));
    loop {
        seen.extend(ids(&page));
        let Some(cursor) = page.at("/next_cursor").as_str().map(str::to_owned) else { break };
        page = owner.get(&format!("/v1/appointments?all_staff=true&limit=4&cursor={cursor}")).await.expect(200);
    }
    assert!(seen.iter().eq(all.iter().rev()));
    for bad in ["staff_id", "client_id"].map(|name| (name, if name == "staff_id" { &theo.id } else { &maya })) {
        let path = format!("/v1/appointments?all_staff=true&{}={}", bad.0, bad.1);
        owner.get(&path).await.expect_problem(400, "invalid_parameter");
    }
    let long = format!("{path}&from={}&to={}", world.in_minutes(0), world.in_minutes(32 * 1440));
    owner.get(&long).await.expect_problem(400, "invalid_parameter");
}
