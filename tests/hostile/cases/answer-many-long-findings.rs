// Finds five hundred things with titles of 16,000 characters.
// harmless: twenty are shown, as far as somebody reads
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let one = finding(&"a".repeat(16_000), "b").findings.remove(0);
        Ok(Plan { findings: vec![one; 500], ..plan([]) })
    }
}

hostile!(Case);
