use super::*;

#[test]
fn print() {
    for (p, s, inputs) in [
        (32, 16, InputKind::Public),
        (8, 8, InputKind::Secret),
        (128, 33, InputKind::Secret),
        (128, 33, InputKind::Public),
    ] {
        let width = widest(p, s, 9, inputs).unwrap();
        println!("{p} {s} {inputs:?} {width:?}");
        let weights = Weights { scenarios: vec![vec![511, -511].repeat(p); s], collateral: vec![511] };
        println!("{}\n", Plan::new(width.market, &weights, Question::Margin).unwrap());
        println!("{}\n", Plan::new(width.market, &weights, Question::Call).unwrap());
    }
}
